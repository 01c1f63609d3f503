import { caseFileOf } from '@sluice/audit/case-file'
import { explain } from '@sluice/audit/explain'
import { listLiquidations, type LiquidationSummary } from '@sluice/audit/liquidations'
import { plain } from '@sluice/contracts/plain'
import { Command } from 'commander'
import Table from 'cli-table3'
import { withLog, type OpenedLog } from '../open-log.ts'
import { Output, type OutputOptions } from '../output.ts'

interface ExplainOptions extends OutputOptions {
  readonly list: boolean
}

/** `sluice explain DIR --list`, `sluice explain DIR ID` */
export function explainCommand(): Command {
  const command = new Command('explain')
  return command
    .description(
      'list the liquidations of a log, or explain one from the tick that caused it to its end',
    )
    .argument('<directory>', 'directory of the log')
    .argument('[id]', 'id of a liquidation')
    .option('--list', 'list all liquidations', false)
    .option('--json', 'one JSON object', false)
    .action(async (directory: string, id: string | undefined, options: ExplainOptions) => {
      if (id === undefined && !options.list)
        command.error('error: give the id of a liquidation, or --list')
      const output = new Output(options)
      await withLog(directory, opened =>
        id === undefined ? list(opened, output) : one(opened, id, output),
      )
    })
}

async function list({ log }: OpenedLog, output: Output): Promise<void> {
  const liquidations = await listLiquidations(log)
  output.result({ liquidations }, () => tableOf(liquidations))
}

async function one({ log, topology }: OpenedLog, id: string, output: Output): Promise<void> {
  const file = await caseFileOf(log, id, topology.evaluators)
  output.result(plain({ ...file, instruments: [...file.instruments.values()] }), () =>
    explain(file),
  )
}

function tableOf(liquidations: readonly LiquidationSummary[]): string {
  const head = ['id', 'scope', 'started', 'outcome', 'slices', 'reduced notional']
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const { id, scope, startedAt, outcome, slices, reducedNotional } of liquidations) {
    table.push([
      id,
      scope,
      new Date(startedAt).toISOString(),
      outcome ?? 'open',
      slices,
      reducedNotional,
    ])
  }
  return table.toString()
}
