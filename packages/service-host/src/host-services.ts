import { TOPICS, type TopicName } from '@sluice/contracts/topics'
import { ReplayDivergedError } from '@sluice/stream-runtime/errors'
import type { RunEnd } from '@sluice/stream-runtime/run'
import type { HostProcess } from './host-process.ts'
import type { HostSettings } from './host-settings.ts'
import { openLogs, type OpenedStore } from './logs.ts'
import { runHosted } from './run-hosted.ts'
import type { Service } from './service.ts'

export interface HostServicesOptions {
  readonly settings: HostSettings
  readonly services: readonly Service[]
  /** On the embedded log, of two owners of a task the one of the greater generation stays; default: the time of the start [ms]. */
  readonly generation?: number | undefined
}

/**
 * Runs services until the host's signal aborts, or, on an embedded log, until later processes have taken over all their tasks. On Kafka
 * the group of each service says which tasks are this process's, and they may come and go. A task starts from its newest snapshot and
 * replays the rest, comparing; `/readyz` says 200 while every task of this process is restored and owned.
 *
 * @returns how each task ended.
 * @throws what ends a task (see `run`), and what `openLogs` throws.
 */
export async function hostServices(
  host: HostProcess,
  { settings, services, generation }: HostServicesOptions,
): Promise<readonly RunEnd[]> {
  const { name: role, logger, metrics, server, signal } = host
  const topics = topicsOf(services)
  const logs = await openLogs(settings, { role, topics, logger, signal, generation })
  let store: OpenedStore | undefined
  try {
    logger.info({ log: logs.about }, 'log open')
    store = await logs.openSnapshots()
    const { everyInputs } = settings.snapshots
    return await runHosted(host, { logs, services, store, everyInputs })
  } catch (error) {
    if (error instanceof ReplayDivergedError) metrics.replayDiverged(error.divergence.task)
    throw error
  } finally {
    server.notReady()
    await logs.close()
    await store?.close()
  }
}

/** What services read and write. */
function topicsOf(services: readonly Service[]): readonly TopicName[] {
  const used = new Set<string>(
    services.flatMap(({ name, inputs }) => [
      name,
      ...inputs({ evaluators: 1 }, 0).map(({ topic }) => topic),
    ]),
  )
  return TOPICS.map(({ name }) => name).filter(name => used.has(name))
}
