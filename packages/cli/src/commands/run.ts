import { loadSettings } from '@sluice/config/load-settings'
import { createLogger } from '@sluice/observability/logger'
import { createMetrics } from '@sluice/observability/metrics'
import { startServer } from '@sluice/observability/server'
import { Command } from 'commander'
import { runLive } from '../run-live.ts'
import { runSimulated } from '../run-simulated.ts'
import { runSettingsSchema } from '../run-settings.ts'

interface RunCommandOptions {
  readonly config?: string
}

const VERSION = '0.1.0'
const PREFIX = 'SLUICE'

/** `sluice run --config FILE` */
export function runCommand(): Command {
  return new Command('run')
    .description(
      'run the four services on an embedded log until SIGTERM or Ctrl-C, with metrics and health',
    )
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .action(async ({ config }: RunCommandOptions) => {
      const file = config === undefined ? {} : { file: config }
      const settings = loadSettings(runSettingsSchema, {
        ...file,
        environment: process.env,
        prefix: PREFIX,
      })
      const logger = createLogger({ name: 'sluice', level: settings.logLevel })
      const metrics = createMetrics({ version: VERSION, now: Date.now, withProcessMetrics: true })
      const server = await startServer({ registry: metrics.registry, ...settings.metrics })
      const signal = stopSignal()
      logger.info({ url: server.url, directory: settings.log.directory }, 'started')
      try {
        const { simulator } = settings
        const runtime = { settings, logger, metrics, server, signal }
        await (simulator === undefined ? runLive(runtime) : runSimulated(runtime, simulator))
        logger.info('stopped')
      } finally {
        await server.close()
      }
    })
}

function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort())
  return stop.signal
}
