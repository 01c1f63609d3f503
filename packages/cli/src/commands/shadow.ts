import {
  shadowReport,
  SHADOW_WINDOW_MS,
  type Distribution,
  type ShadowReport,
} from '@sluice/audit/shadow-report'
import { partitionsOf } from '@sluice/service-host/layout'
import { Command } from 'commander'
import { duration } from '../arguments.ts'
import { withLogs } from '../open-logs.ts'
import { Output, type OutputOptions } from '../output.ts'
import { loadRunSettings } from '../run-settings.ts'

interface ShadowOptions extends OutputOptions {
  readonly config?: string
  readonly window: number
}

const TOPICS = ['margin-evaluation', 'liquidation-execution', 'venue-liquidations'] as const

/** `sluice shadow report` */
export function shadowCommand(): Command {
  return new Command('shadow')
    .description('what Sluice would have done beside the venue')
    .addCommand(
      new Command('report')
        .description("match the liquidations planned in shadow mode with the venue's own")
        .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
        .option(
          '--window <time>',
          'how far apart two of one liquidation may lie',
          duration,
          SHADOW_WINDOW_MS,
        )
        .option('--json', 'one JSON object', false)
        .exitOverride()
        .action(async ({ config, window, ...options }: ShadowOptions) => {
          const place = { role: 'reader', topics: TOPICS }
          await withLogs(loadRunSettings(config), place, async logs => {
            const { log, close } = await logs.open(
              TOPICS.flatMap(topic =>
                Array.from({ length: partitionsOf(logs.layout, topic) }, (_, partition) => ({
                  ...{ topic, partition },
                })),
              ),
            )
            try {
              const report = await shadowReport(log, logs.layout, window)
              new Output(options).result(report, () => textOf(report))
            } finally {
              await close()
            }
          })
        }),
    )
}

function textOf({ matched, missed, extra, leadMs, sizeRatio }: ShadowReport): string {
  return [
    `matched ${matched.length}, missed ${missed.length}, extra ${extra.length}`,
    `lead time [ms], above zero: Sluice was earlier: ${spread(leadMs, 0)}`,
    `size, Sluice's over the venue's: ${spread(sizeRatio, 2)}`,
    ...missed.map(each => `missed ${lineOf(each)}`),
    ...extra.map(each => `extra  ${lineOf(each)}`),
  ].join('\n')
}

const lineOf = ({ scope, instrument, side, at, lots }: ShadowReport['missed'][number]): string =>
  `${new Date(at).toISOString()} ${scope ?? '?'} ${instrument} ${side ?? '?'} ${lots} lots`

function spread(found: Distribution | null, digits: number): string {
  if (found === null) return 'none'
  const { min, p10, p50, p90, max } = found
  const [a, b, c, d, e] = [min, p10, p50, p90, max].map(value => value.toFixed(digits))
  return `min ${a}, p10 ${b}, p50 ${c}, p90 ${d}, max ${e}`
}
