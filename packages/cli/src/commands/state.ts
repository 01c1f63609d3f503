import { stateAt } from '@sluice/audit/state-at'
import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { withLog } from '../open-log.ts'
import { Output, type OutputOptions } from '../output.ts'

interface StateOptions extends OutputOptions {
  readonly task: string
  readonly at?: number
}

/** `sluice state DIR --task T [--at RECEIPT]` */
export function stateCommand(): Command {
  return new Command('state')
    .description('the state of one task, at the end of the log or after one of its receipts')
    .argument('<directory>', 'directory of the log')
    .requiredOption('--task <name>', 'for example margin-evaluation-0')
    .option(
      '--at <receipt>',
      'sequence of a receipt of the task',
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--json', 'one JSON object', false)
    .action(async (directory: string, options: StateOptions) => {
      await withLog(directory, async opened => {
        const found = await stateAt(opened, options.task, options.at)
        new Output(options).result(found, () => JSON.stringify(found, null, 2))
      })
    })
}
