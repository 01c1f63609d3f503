import { availableParallelism } from 'node:os'
import { recordsOfTasks, shareTasks, taskSizes, type TaskSize } from '@sluice/audit/task-shares'
import { verifyLog, type TaskReport } from '@sluice/audit/verify-log'
import { forkCommand } from './fork-command.ts'
import type { OpenedLog } from './open-log.ts'

/** Records of inputs below which a log is verified before a second process is ready to help. */
const RECORDS_WORTH_A_PROCESS = 30_000

/** What became of a share: a report of each task, up to the first that failed. */
export interface ShareOutcome {
  readonly reports: readonly TaskReport[]
  readonly failed: FailedTask | null
}

/** An error as plain data, so that another process can throw it. */
interface FailedTask {
  readonly task: string
  readonly name: string
  readonly message: string
  readonly stack: string
}

export interface WorkOptions {
  /** Processes, this one among them; by default one for each core if the log is worth it. */
  readonly workers?: number | undefined
  /** Called with the part done, 0 to 1. */
  readonly onProgress: (part: number) => void
}

/**
 * Verifies all tasks of a log, shared out over processes. Whatever their number, the result is the same: reports in the order of
 * the way of a tick, or the error of the first task in that order that is not sound.
 */
export async function verifyWithWorkers(
  directory: string,
  opened: OpenedLog,
  { workers, onProgress }: WorkOptions,
): Promise<TaskReport[]> {
  const tasks = await taskSizes(opened.log, opened.topology)
  const total = recordsOfTasks(tasks)
  const isSmall = total < RECORDS_WORTH_A_PROCESS
  const shares = shareTasks(tasks, workers ?? (isSmall ? 1 : availableParallelism()))
  const done = shares.map(() => 0)
  const progressOf = (share: number) => (part: number) => {
    done[share] = part * recordsOfTasks(shares[share] ?? [])
    onProgress(done.reduce((sum, records) => sum + records, 0) / Math.max(total, 1))
  }
  const [own = [], ...others] = shares
  const forked = others.map((share, index) => forkShare(directory, share, progressOf(index + 1)))
  const outcomes = await Promise.all([verifyShare(opened, own, progressOf(0)), ...forked])
  const order = new Map(tasks.map(({ task }, index) => [task, index]))
  return merge(outcomes, (a, b) => (order.get(a.task) ?? 0) - (order.get(b.task) ?? 0))
}

/** Verifies some tasks of a log in this process, one after the other. */
async function verifyShare(
  { log, topology }: OpenedLog,
  share: readonly TaskSize[],
  onProgress: (part: number) => void,
): Promise<ShareOutcome> {
  const reports: TaskReport[] = []
  const total = Math.max(recordsOfTasks(share), 1)
  let before = 0
  for (const { task, records } of share) {
    try {
      const found = await verifyLog(log, topology, {
        tasks: [task],
        onProgress: ({ passed }) => onProgress((before + passed) / total),
      })
      reports.push(...found)
    } catch (error) {
      return { reports, failed: { task, ...plain(error) } }
    }
    before += records
  }
  return { reports, failed: null }
}

/** The same for the tasks named: what a forked process does of the whole. */
export async function verifyNamed(
  opened: OpenedLog,
  names: readonly string[],
  onProgress: (part: number) => void,
): Promise<ShareOutcome> {
  const tasks = await taskSizes(opened.log, opened.topology)
  return verifyShare(
    opened,
    tasks.filter(({ task }) => names.includes(task)),
    onProgress,
  )
}

async function forkShare(
  directory: string,
  share: readonly TaskSize[],
  onProgress: (part: number) => void,
): Promise<ShareOutcome> {
  const names = share.map(({ task }) => task)
  const printed = await forkCommand(['verify', directory, '--share', ...names], onProgress)
  return printed as ShareOutcome
}

function merge(
  outcomes: readonly ShareOutcome[],
  byOrder: (a: { task: string }, b: { task: string }) => number,
): TaskReport[] {
  const failures = outcomes.flatMap(({ failed }) => (failed === null ? [] : [failed]))
  const [first] = failures.toSorted(byOrder)
  if (first === undefined) return outcomes.flatMap(({ reports }) => reports).toSorted(byOrder)
  const { name, message, stack } = first
  throw Object.assign(new Error(message), { name, stack })
}

function plain(error: unknown): Omit<FailedTask, 'task'> {
  const { name, message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  return { name, message, stack }
}
