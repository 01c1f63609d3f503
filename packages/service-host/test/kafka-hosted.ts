import { createLogger } from '@sluice/observability/logger'
import { connectKafka } from '@sluice/stream-kafka/kafka-client'
import { applyTopics } from '@sluice/stream-kafka/topics'
import type { RunEnd } from '@sluice/stream-runtime/run'
import { freshNamespace } from '@sluice/testkit/brokers'
import { hostProcess } from '../src/host-process.ts'
import { hostServices } from '../src/host-services.ts'
import type { HostSettings } from '../src/host-settings.ts'
import { connectionOf, topicNames, type KafkaSettings } from '../src/kafka-settings.ts'
import { openLogs, type Logs } from '../src/logs.ts'
import type { Service } from '../src/service.ts'

/** A deployment of its own on a broker, its topics made. */
export async function deployment(
  brokers: readonly string[],
  evaluators: number,
): Promise<HostSettings> {
  const kafka: KafkaSettings = {
    brokers: [...brokers],
    namespace: freshNamespace(),
    mode: 'live',
    replicationFactor: 1,
    minInSyncReplicas: 1,
    topics: { accounts: { format: 'avro', partitions: evaluators } },
  }
  await applyTopics(connectKafka(connectionOf(kafka, 'deploy')), {
    names: topicNames(kafka),
    inputs: kafka.topics,
    replicationFactor: 1,
    minInSyncReplicas: 1,
  })
  return {
    logLevel: 'silent',
    log: { evaluators: 1 },
    kafka,
    metrics: { host: '127.0.0.1', port: 0 },
    snapshots: { everyInputs: 0 },
  }
}

/** A log as the exchange or an auditor opens it. */
export const logsOf = (settings: HostSettings): Promise<Logs> =>
  openLogs(settings, {
    role: 'exchange',
    topics: ['operations', 'accounts', 'margin-evaluation'],
    logger: createLogger({ name: 'test', level: 'silent' }),
    signal: new AbortController().signal,
  })

/** One process, as far as a test can have several in one. */
export interface HostedOnKafka {
  /** Names of the tasks that it runs, as its metrics say. */
  running(): Promise<readonly string[]>
  readyz(): Promise<number>
  stop(): Promise<readonly RunEnd[]>
  readonly ended: Promise<readonly RunEnd[]>
}

const LAG = /^sluice_consumer_lag_messages\{task="([^"]+)"\}/gm

export function startOnKafka(settings: HostSettings, service: Service): HostedOnKafka {
  const stop = new AbortController()
  let url = ''
  const ended = hostProcess({ name: service.name, settings, signal: stop.signal }, host => {
    url = host.server.url
    return hostServices(host, { settings, services: [service] })
  })
  ended.catch(() => undefined)
  return {
    running: async () => {
      const text = url === '' ? '' : await (await fetch(`${url}/metrics`)).text()
      return [...text.matchAll(LAG)].map(([, task = '']) => task).sort()
    },
    readyz: async () => (url === '' ? 0 : (await fetch(`${url}/readyz`)).status),
    stop: () => {
      stop.abort()
      return ended
    },
    ended,
  }
}
