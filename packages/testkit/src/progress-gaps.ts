import type { ChainBatch, TaskChain } from './task-chain.ts'

/** Whether a batch is more than the taking over of its task. */
const isProgress = ({ receipt }: ChainBatch): boolean => receipt.inputRuns.length > 0

/** Longest time [ms] in which nothing that a task had folded became readable, of the gaps that ended between two instants of the log's time. */
export function longestGapMs({ valid }: TaskChain, from: number, to: number): number {
  const times = valid.filter(isProgress).map(({ appendTime }) => appendTime)
  const gaps = times.map((time, index) =>
    time >= from && time <= to ? time - (times[index - 1] ?? time) : 0,
  )
  return Math.max(0, ...gaps)
}

/** Time [ms] from `instant` until another owner than that of the time appends a batch with events; undefined if none does. */
export function nextDecisionMs({ valid }: TaskChain, instant: number): number | undefined {
  const owner = ownerAt(valid, instant)
  const next = valid.find(
    ({ appendTime, receipt }) =>
      appendTime >= instant && receipt.owner !== owner && receipt.eventCount > 0,
  )
  return next === undefined ? undefined : next.appendTime - instant
}

/** Who owned a task at an instant of the log's time. */
export const ownerAt = (valid: readonly ChainBatch[], instant: number): string | undefined =>
  valid.findLast(({ appendTime }) => appendTime < instant)?.receipt.owner
