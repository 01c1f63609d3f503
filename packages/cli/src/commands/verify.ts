import { checkFinished, FINISHED_RUN, finishedRunOf } from '@sluice/audit/finished-run'
import { verifyLog, type TaskReport } from '@sluice/audit/verify-log'
import { LogForkedError } from '@sluice/stream-runtime/errors'
import { Argument, Command } from 'commander'
import Table from 'cli-table3'
import { EXIT, exitCodeOf } from '@sluice/service-host/exit-codes'
import { withLog, type OpenedLog } from '../open-log.ts'
import { Output, type OutputOptions } from '../output.ts'

/** `sluice verify DIR` */
export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'replay everything and compare every event and hash: exit 0 sound, 3 not sound, 2 cannot read',
    )
    .addArgument(new Argument('<directory>', 'directory of the log'))
    .option('--json', 'one JSON object', false)
    .action(async (directory: string, options: OutputOptions) => {
      const output = new Output(options)
      try {
        const report = await verify(directory, output)
        output.result(report, () => render(report))
      } catch (error) {
        if (options.json && exitCodeOf(error) === EXIT.unsound)
          output.result(unsound(error), String)
        throw error
      }
    })
}

/** What `verify --json` prints of a log that is not sound; the exit code says the same. */
function unsound(error: unknown) {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  const isCut = error instanceof LogForkedError && error.reason === 'confirmed_batch_lost'
  return { sound: false, finished: isCut ? false : null, error: { name, message } }
}

interface VerifyReport {
  readonly sound: true
  /** Whether the log goes to the end of its run; null: it does not say, since the run was interrupted or was a live one. */
  readonly finished: true | null
  readonly records: number
  readonly seconds: number
  readonly tasks: readonly TaskReport[]
}

async function verify(directory: string, output: Output): Promise<VerifyReport> {
  const started = performance.now()
  return withLog(directory, async ({ log, topology }: OpenedLog) => {
    const tasks = await verifyLog(log, topology, { onProgress: progressOf(output) })
    const run = finishedRunOf(log.readMeta(FINISHED_RUN))
    if (run !== null) await checkFinished(log, run, tasks)
    const records = log
      .partitions()
      .reduce((sum, partition) => sum + log.committedEnd(partition), 0)
    const seconds = (performance.now() - started) / 1000
    return { sound: true, finished: run === null ? null : true, records, seconds, tasks }
  })
}

function render({ finished, records, seconds, tasks }: VerifyReport): string {
  const end =
    finished === null ? 'the log does not say where its run ended' : 'whole to the end of its run'
  return `${tableOf(tasks)}\nsound: ${records} records in ${seconds.toFixed(1)} s, ${end}`
}

function progressOf(output: Output) {
  let task = ''
  let progress = output.progress('', 1)
  return (at: { task: string; offset: number; end: number }): void => {
    if (at.task !== task) {
      progress.stop()
      task = at.task
      progress = output.progress(`verify ${task}`, at.end)
    }
    progress.update(at.offset)
  }
}

export function tableOf(tasks: readonly TaskReport[]): string {
  const table = new Table({
    head: ['task', 'receipts', 'void', 'inputs', 'events', 'state'],
    style: { head: [], border: [] },
  })
  for (const { task, receipts, voidReceipts, inputs, events, stateHash } of tasks) {
    table.push([task, receipts, voidReceipts, inputs, events, stateHash.slice(0, 16)])
  }
  return table.toString()
}
