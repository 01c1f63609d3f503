import type { PartitionId } from '@sluice/stream-runtime/log'
import { runsOf, type TaskChain } from './task-chain.ts'

/** One input of a task, and what lies in it: offsets of what is to be folded, in order. */
export interface CoveredInput extends PartitionId {
  readonly folded: readonly number[]
}

export interface InputCoverage {
  /** What is wrong, in words. */
  readonly faults: readonly string[]
  /** What the receipts do not speak for yet. */
  readonly unread: number
}

/** Whether the runs of a task follow one another without gap or overlap, from the first record of an input on, and count what they span. */
export function coverageFaults(task: TaskChain, input: CoveredInput): InputCoverage {
  const name = `${task.topic}-${task.partition} of ${input.topic}-${input.partition}`
  const faults: string[] = []
  let next = 0
  let covered = 0
  for (const { fromOffset, toOffset, count } of runsOf(task, input)) {
    if (fromOffset !== next)
      faults.push(`${name}: a run begins at ${fromOffset}, and the last ended before ${next}`)
    covered += count
    const last = input.folded[covered - 1]
    if (count === 0 || last !== toOffset)
      faults.push(`${name}: input ${covered} is at ${last}, and the run ends at ${toOffset}`)
    next = toOffset + 1
  }
  return { faults, unread: input.folded.length - covered }
}
