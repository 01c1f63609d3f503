import type { TaskReport } from '@sluice/audit/verify-log'
import { LogForkedError } from '@sluice/stream-runtime/errors'
import { Argument, Command, Option } from 'commander'
import Table from 'cli-table3'
import { EXIT, exitCodeOf } from '@sluice/service-host/exit-codes'
import { wholeNumber } from '../arguments.ts'
import { withLog } from '../open-log.ts'
import { Output, type OutputOptions } from '../output.ts'
import { verifyDirectory, type VerifyReport } from '../verify-directory.ts'
import { verifyNamed } from '../verify-workers.ts'

interface VerifyOptions extends OutputOptions {
  readonly workers?: number
  readonly share?: readonly string[]
}

const WORKERS_MAX = 64

/** `sluice verify DIR` */
export function verifyCommand(): Command {
  return new Command('verify')
    .description(
      'replay everything and compare every event and hash: exit 0 sound, 3 not sound, 2 cannot read',
    )
    .addArgument(new Argument('<directory>', 'directory of the log'))
    .option(
      '--workers <number>',
      'processes; by default one for each core, or one alone where the log is small',
      wholeNumber(1, WORKERS_MAX),
    )
    .addOption(
      new Option('--share <tasks...>', 'these tasks, for the process that forked this').hideHelp(),
    )
    .option('--json', 'one JSON object', false)
    .action(async (directory: string, options: VerifyOptions) => {
      const output = new Output(options)
      if (options.share !== undefined) return verifyPart(directory, options.share, output)
      try {
        const report = await verify(directory, options.workers, output)
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

async function verify(
  directory: string,
  workers: number | undefined,
  output: Output,
): Promise<VerifyReport> {
  const progress = output.progress('verify', 1)
  const report = await verifyDirectory(directory, { workers, onProgress: progress.update })
  progress.stop()
  return report
}

/** What a process that `verify` forked does of the whole: what it found is data, an error too. */
async function verifyPart(
  directory: string,
  tasks: readonly string[],
  output: Output,
): Promise<void> {
  const { update } = output.progress('verify', 1)
  const outcome = await withLog(directory, opened => verifyNamed(opened, tasks, update))
  output.result(outcome, () => JSON.stringify(outcome))
}

function render({ finished, records, seconds, tasks }: VerifyReport): string {
  const end =
    finished === null ? 'the log does not say where its run ended' : 'whole to the end of its run'
  return `${tableOf(tasks)}\nsound: ${records} records in ${seconds.toFixed(1)} s, ${end}`
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
