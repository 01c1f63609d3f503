import { LogForkedError } from '@sluice/stream-runtime/errors'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { TaskReport } from './verify-log.ts'

/** What a simulation that ran to its end leaves in its log under this name: by it, a log cut at its end is told from a whole one. */
export const FINISHED_RUN = 'finished'

/** The end of a run. Hashes are hexadecimal. */
export interface FinishedRun {
  /** Over all tasks and the venue. */
  readonly stateHash: string
  readonly events: number
  readonly tasks: Readonly<Record<string, FinishedTask>>
  /** Records by partition of the exchange's topics. */
  readonly records: Readonly<Record<string, number>>
}

export interface FinishedTask {
  readonly stateHash: string
  readonly events: number
  /** Sequence of its last receipt. A later takeover may follow it. */
  readonly lastReceipt: number
}

/** The log holds something else under `finished` than a simulation leaves there. */
export class FinishedRunUnreadableError extends Error {
  override readonly name = 'FinishedRunUnreadableError'
}

/** The end as a log holds it; null if it holds none: the run was interrupted, or the log is of a live one. @throws FinishedRunUnreadableError */
export function finishedRunOf(held: unknown): FinishedRun | null {
  if (held === undefined) return null
  if (isFinishedRun(held)) return held
  throw new FinishedRunUnreadableError(
    'what the log holds of the end of its run cannot be read: restore it from a copy, or resume the simulation with the build that wrote it',
  )
}

const isRecordOf = (value: unknown, isValue: (each: unknown) => boolean): boolean =>
  typeof value === 'object' && value !== null && Object.values(value).every(isValue)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value)
const isFinishedTask = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'stateHash' in value &&
  typeof value.stateHash === 'string' &&
  'events' in value &&
  isCount(value.events) &&
  'lastReceipt' in value &&
  isCount(value.lastReceipt)

function isFinishedRun(held: unknown): held is FinishedRun {
  if (typeof held !== 'object' || held === null) return false
  if (!('stateHash' in held && 'events' in held && 'tasks' in held && 'records' in held))
    return false
  return (
    typeof held.stateHash === 'string' &&
    isCount(held.events) &&
    isRecordOf(held.tasks, isFinishedTask) &&
    isRecordOf(held.records, isCount)
  )
}

/**
 * Holds the end of a verified log against the end its run said it came to. A log from which the last batches were taken is sound as
 * far as it goes, so replay alone cannot tell.
 *
 * @param reports of all tasks, whole
 * @throws LogForkedError (`confirmed_batch_lost`) with the partition, its last receipt and the first event that is not there.
 */
export async function checkFinished(
  log: StreamLog,
  run: FinishedRun,
  reports: readonly TaskReport[],
): Promise<void> {
  for (const [name, expected] of Object.entries(run.records)) {
    const of = partitionOf(name)
    const end = await log.end(of)
    if (end !== expected)
      throw lost(of, end, `the run ended with ${expected} records, the log holds ${end}`)
  }
  for (const report of reports) await checkTask(log, run, report)
}

async function checkTask(log: StreamLog, run: FinishedRun, report: TaskReport): Promise<void> {
  const { task, events, lastReceipt, stateHash } = report
  const of = partitionOf(task)
  const expected = run.tasks[task]
  if (expected === undefined) throw lost(of, 0, `the run had no task ${task}`)
  if (
    lastReceipt >= expected.lastReceipt &&
    events === expected.events &&
    stateHash === expected.stateHash
  )
    return
  throw lost(
    of,
    await log.end(of),
    `the log ends with receipt ${lastReceipt} of ${task}, event ${task}/${events} and state ${short(stateHash)}; ` +
      `its run ended with receipt ${expected.lastReceipt}, event ${task}/${expected.events} and state ${short(expected.stateHash)}`,
  )
}

const HASH_DIGITS_SHOWN = 16
const short = (hash: string): string => hash.slice(0, HASH_DIGITS_SHOWN)

function partitionOf(name: string): { topic: string; partition: number } {
  const at = name.lastIndexOf('-')
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) }
}

const lost = (
  of: { topic: string; partition: number },
  offset: number,
  detail: string,
): LogForkedError => new LogForkedError({ ...of, offset }, 'confirmed_batch_lost', detail)
