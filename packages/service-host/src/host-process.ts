import { createLogger } from '@sluice/observability/logger'
import { createMetrics, type Metrics } from '@sluice/observability/metrics'
import { startServer, type ObservabilityServer } from '@sluice/observability/server'
import { AddressUnavailableError } from './host-errors.ts'
import type { HostSettings } from './host-settings.ts'

/** What the parts of one running process share. */
export interface HostProcess {
  /** Service or command. */
  readonly name: string
  readonly logger: ReturnType<typeof createLogger>
  readonly metrics: Metrics
  readonly server: ObservabilityServer
  /** Aborts when the process is to stop after the step at hand. */
  readonly signal: AbortSignal
}

export interface HostProcessOptions {
  /** Service or command that logs. */
  readonly name: string
  readonly settings: HostSettings
  readonly signal: AbortSignal
}

const VERSION = '0.1.0'

/**
 * Gives `work` a logger, metrics, and a server that answers `/metrics`, `/livez` and `/readyz` from the start, `/readyz` with 503 until
 * somebody says otherwise. Whatever ends the work is logged.
 *
 * @throws AddressUnavailableError; what `work` throws.
 */
export async function hostProcess<Result>(
  { name, settings, signal }: HostProcessOptions,
  work: (host: HostProcess) => Promise<Result>,
): Promise<Result> {
  const logger = createLogger({ name, level: settings.logLevel })
  const metrics = createMetrics({ version: VERSION, now: Date.now, withProcessMetrics: true })
  const server = await listen(metrics, settings)
  logger.info({ url: server.url }, 'started')
  try {
    const result = await work({ name, logger, metrics, server, signal })
    logger.info('stopped')
    return result
  } catch (error) {
    logger.fatal({ error }, 'ended by an error')
    throw error
  } finally {
    await server.close()
  }
}

async function listen({ registry }: Metrics, settings: HostSettings): Promise<ObservabilityServer> {
  try {
    return await startServer({ registry, ...settings.metrics })
  } catch (error) {
    throw new AddressUnavailableError(settings.metrics, error)
  }
}
