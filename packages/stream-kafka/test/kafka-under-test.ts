import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import { freshNamespace } from '@sluice/testkit/brokers'
import type { TcpProxy } from '@sluice/testkit/tcp-proxy'
import { Kafka, logLevel, type Admin, type ITopicConfig } from 'kafkajs'
import { connectKafka } from '../src/kafka-client.ts'
import { openKafkaLog, type KafkaLog, type KafkaLogOptions } from '../src/kafka-log.ts'

/** Topics of one test with their own namespace, and the handles opened on them. */
export interface KafkaUnderTest {
  readonly namespace: string
  readonly names: (topic: string) => string
  open(options?: OpenOptions): Promise<KafkaLog>
  readonly admin: Admin
  readonly kafka: Kafka
  dispose(): Promise<void>
}

export interface OpenOptions extends Partial<KafkaLogOptions> {
  /** Reaches the broker through it. */
  readonly through?: TcpProxy
}

export interface TopicsOptions {
  readonly config?: Readonly<Record<string, string>>
}

/** Creates the topics of these partitions and waits until each has a leader. */
export async function kafkaWith(
  brokers: readonly string[],
  partitions: readonly PartitionId[],
  { config = {} }: TopicsOptions = {},
): Promise<KafkaUnderTest> {
  const namespace = freshNamespace()
  const names = (topic: string) => `${namespace}.${topic}`
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: namespace,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 20 },
  })
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, topicsOf(partitions, names, config))
  const opened: StreamLog[] = []
  return {
    namespace,
    names,
    admin,
    kafka,
    open: async ({ through, ...options } = {}) => {
      const reach = through === undefined ? {} : { reach: () => through.address }
      const client = connectKafka({ brokers, clientId: namespace }, reach)
      const log = await openKafkaLog({ client, names, partitions, ...options })
      opened.push(log)
      return log
    },
    dispose: async () => {
      await Promise.all(opened.map(log => log.close()))
      await admin.deleteTopics({ topics: [...new Set(partitions.map(of => names(of.topic)))] })
      await admin.disconnect()
    },
  }
}

function topicsOf(
  partitions: readonly PartitionId[],
  names: (topic: string) => string,
  config: Readonly<Record<string, string>>,
): ITopicConfig[] {
  const settings = {
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': String(8 * 1024 * 1024),
    ...config,
  }
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  return [...new Set(partitions.map(({ topic }) => topic))].map(topic => ({
    topic: names(topic),
    numPartitions:
      1 + Math.max(...partitions.filter(of => of.topic === topic).map(of => of.partition)),
    replicationFactor: 1,
    configEntries,
  }))
}

async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false })
  const giveUpAt = Date.now() + 20_000
  for (;;) {
    const found = await admin
      .fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) })
      .catch(() => undefined)
    const all = found?.topics.every(
      ({ name, partitions }) =>
        partitions.length === topics.find(({ topic }) => topic === name)?.numPartitions &&
        partitions.every(({ leader }) => leader >= 0),
    )
    if (all === true) return
    if (Date.now() > giveUpAt) throw new Error('the new topics have no leaders yet')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
