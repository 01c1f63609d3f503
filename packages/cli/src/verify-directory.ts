import { checkFinished, FINISHED_RUN, finishedRunOf } from '@sluice/audit/finished-run'
import type { TaskReport } from '@sluice/audit/verify-log'
import { recordsOf, withLog } from './open-log.ts'
import { verifyWithWorkers, type WorkOptions } from './verify-workers.ts'

export interface VerifyReport {
  readonly sound: true
  /** Whether the log goes to the end of its run; null: it does not say, since the run was interrupted or was a live one. */
  readonly finished: true | null
  readonly records: number
  readonly seconds: number
  readonly tasks: readonly TaskReport[]
}

/** Verifies the log in a directory: every task, and that the end of its run is there. @throws what says that it is not sound */
export async function verifyDirectory(
  directory: string,
  options: WorkOptions,
): Promise<VerifyReport> {
  const started = performance.now()
  return withLog(directory, async opened => {
    const { log } = opened
    const tasks = await verifyWithWorkers(directory, opened, options)
    const run = finishedRunOf(log.readMeta(FINISHED_RUN))
    if (run !== null) await checkFinished(log, run, tasks)
    const seconds = (performance.now() - started) / 1000
    const finished = run === null ? null : true
    return { sound: true, finished, records: recordsOf(log), seconds, tasks }
  })
}
