import { setTimeout as delay } from 'node:timers/promises'
import { isOurs, TOPICS } from '@sluice/contracts/topics'
import { createLogger } from '@sluice/observability/logger'
import { connectionOf, topicNames } from '@sluice/service-host/kafka-settings'
import { inputsOf } from '@sluice/service-host/layout'
import { openLogs, type Logs } from '@sluice/service-host/logs'
import { connectKafka, type KafkaClient } from '@sluice/stream-kafka/kafka-client'
import { openKafkaLog, type KafkaLog } from '@sluice/stream-kafka/kafka-log'
import { applyTopics } from '@sluice/stream-kafka/topics'
import type { PartitionId } from '@sluice/stream-runtime/log'
import { freshNamespace } from '@sluice/testkit/brokers'
import { runSettingsSchema, type RunSettings } from '../../src/run-settings.ts'

/** A deployment of its own on a broker: its topics are there, and nobody reads or writes them yet. */
export interface Stand {
  readonly settings: RunSettings
  readonly logs: Logs
  readonly client: KafkaClient
  readonly names: (topic: string) => string
  /** A handle on every partition there is. */
  openAll(): Promise<KafkaLog>
  /** Done at the end of the stand, the last first, however the test ends. */
  defer(end: () => Promise<unknown>): void
}

export interface StandOptions {
  readonly brokers: readonly string[]
  readonly evaluators?: number
  readonly replicationFactor?: number
  readonly minInSyncReplicas?: number
  /** Largest record batch of the exchange's topics, if not what Sluice asks for. */
  readonly inputBytesMax?: number
  /** Further sections of `sluice.yaml`. */
  readonly sections?: object
}

/** Gives `use` a new namespace with all topics, and ends whatever was begun on it. */
export async function withStand(
  options: StandOptions,
  use: (stand: Stand) => Promise<void>,
): Promise<void> {
  const ends: (() => Promise<unknown>)[] = []
  try {
    await use(await standOn(options, end => void ends.push(end)))
  } finally {
    for (const end of ends.reverse()) await end().catch(() => undefined)
  }
}

async function standOn(options: StandOptions, defer: Stand['defer']): Promise<Stand> {
  const { brokers, evaluators = 1, replicationFactor = 1, minInSyncReplicas = 1 } = options
  const settings = runSettingsSchema.parse({
    logLevel: 'silent',
    metrics: { port: 0 },
    snapshots: { everyInputs: 0 },
    log: {},
    price: {},
    evaluation: {},
    execution: {},
    analytics: {},
    ...options.sections,
    kafka: {
      brokers,
      namespace: freshNamespace(),
      replicationFactor,
      minInSyncReplicas,
      topics: { accounts: { partitions: evaluators } },
    },
  })
  const { kafka } = settings
  if (kafka === undefined) throw new TypeError('the settings name no Kafka')
  const client = connectKafka(connectionOf(kafka, 'test'))
  const names = topicNames(kafka)
  await applyTopics(client, { ...kafka, names, inputs: kafka.topics })
  if (options.inputBytesMax !== undefined) await raise({ client, names }, options.inputBytesMax)
  const logs = await openLogs(settings, {
    role: 'test',
    topics: TOPICS.map(({ name }) => name),
    logger: createLogger({ name: 'test', level: 'silent' }),
    signal: new AbortController().signal,
  })
  defer(() => logs.close())
  return {
    settings,
    logs,
    client,
    names,
    openAll: async () => {
      const log = await openKafkaLog({ client, names, partitions: partitionsIn(logs) })
      defer(() => log.close())
      return log
    },
    defer,
  }
}

const TOPIC_RESOURCE = 2

/** The exchange's topics take larger batches from now on. */
async function raise(
  { client, names }: Pick<Stand, 'client' | 'names'>,
  bytes: number,
): Promise<void> {
  const settings = {
    'max.message.bytes': String(bytes),
    'message.timestamp.type': 'LogAppendTime',
    'retention.ms': '-1',
  }
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  const admin = client.admin()
  await admin.connect()
  try {
    await admin.alterConfigs({
      validateOnly: false,
      resources: TOPICS.filter(spec => !isOurs(spec)).map(({ name }) => ({
        type: TOPIC_RESOURCE,
        name: names(name),
        configEntries,
      })),
    })
  } finally {
    await admin.disconnect()
  }
}

const partitionsIn = ({ layout }: Logs): readonly PartitionId[] =>
  TOPICS.flatMap(({ name }) => inputsOf(layout, name))

const DEADLINE_MS = 60_000
const LOOK_EVERY_MS = 20

/** Looks until it is so. */
export async function until(
  what: string,
  look: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + deadlineMs
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await delay(LOOK_EVERY_MS)
  }
}
