import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { plain } from '@sluice/contracts/plain'
import { bootstrap, type BootstrapResult } from '@sluice/pipeline/bootstrap'
import { partitionsOf } from '@sluice/service-host/layout'
import { Command } from 'commander'
import { withLogs } from '../open-logs.ts'
import { Output, type OutputOptions } from '../output.ts'
import { loadRunSettings } from '../run-settings.ts'

interface BootstrapCommandOptions extends OutputOptions {
  readonly config?: string
}

/** `sluice bootstrap FILE` */
export function bootstrapCommand(): Command {
  return new Command('bootstrap')
    .description(
      'write all margin scopes to accounts, then say to each partition that it is complete',
    )
    .argument('<file>', 'AccountUpdated as JSON, one a line; - reads standard input')
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .option('--json', 'one JSON object', false)
    .action(async (file: string, options: BootstrapCommandOptions) => {
      const settings = loadRunSettings(options.config)
      const output = new Output(options)
      const input = file === '-' ? process.stdin : createReadStream(file)
      const lines = createInterface({ input, crlfDelay: Infinity })
      await withLogs(settings, { role: 'exchange', topics: ['accounts'] }, async logs => {
        const { layout } = logs
        const { log, close } = await logs.open(
          Array.from({ length: partitionsOf(layout, 'accounts') }, (_, partition) => ({
            ...{ topic: 'accounts', partition },
          })),
        )
        try {
          const onProgress = ({ lines, written }: { lines: number; written: number }) => {
            if (!options.json) output.note(`${lines} lines read, ${written} written`)
          }
          const result = await bootstrap({ log, layout, lines, onProgress })
          const partitions = result.partitions.map(plain)
          output.result({ ...result, partitions }, () => textOf(result, logs.about))
        } finally {
          await close()
        }
      })
    })
}

function textOf({ lines, written, known, partitions }: BootstrapResult, where: string): string {
  return [
    `${where}: ${lines} lines, ${written} scopes written, ${known} known already`,
    ...partitions.map(({ partition, scopeCount, ledgerSequence, isNew }) => {
      const said = isNew ? 'said to be complete now' : 'complete already'
      return `accounts-${partition}: ${scopeCount} scopes up to ledger sequence ${ledgerSequence}, ${said}`
    }),
  ].join('\n')
}
