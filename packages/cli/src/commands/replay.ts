import { verifyLog } from '@sluice/audit/verify-log'
import { Command } from 'commander'
import { withLog } from '../open-log.ts'
import { Output, type OutputOptions } from '../output.ts'
import { parseReceipt, type ReceiptName } from '../receipt-name.ts'
import { tableOf } from './verify.ts'

interface ReplayOptions extends OutputOptions {
  readonly to?: ReceiptName
}

/** `sluice replay DIR --to RECEIPT` */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'replay the tasks from the beginning, or one of them up to a receipt, and print the state hash there',
    )
    .argument('<directory>', 'directory of the log')
    .option(
      '--to <receipt>',
      'receipt to stop after, as task#sequence: margin-evaluation-0#120',
      parseReceipt,
    )
    .option('--json', 'one JSON object', false)
    .action(async (directory: string, options: ReplayOptions) => {
      const { to } = options
      await withLog(directory, async ({ log, topology }) => {
        const tasks = await verifyLog(
          log,
          topology,
          to === undefined ? {} : { tasks: [to.task], upTo: to.sequence },
        )
        new Output(options).result({ tasks }, () => tableOf(tasks))
      })
    })
}
