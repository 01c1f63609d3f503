import { verifyLog, type TaskReport } from '@sluice/audit/verify-log'
import { Argument, Command } from 'commander'
import Table from 'cli-table3'
import { withLog } from '../open-log.ts'
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
      const started = performance.now()
      await withLog(directory, async ({ log, topology }) => {
        const tasks = await verifyLog(log, topology, { onProgress: progressOf(output) })
        const seconds = (performance.now() - started) / 1000
        const records = log
          .partitions()
          .reduce((sum, partition) => sum + log.committedEnd(partition), 0)
        output.result(
          { sound: true, records, seconds, tasks },
          () => `${tableOf(tasks)}\nsound: ${records} records in ${seconds.toFixed(1)} s`,
        )
      })
    })
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
