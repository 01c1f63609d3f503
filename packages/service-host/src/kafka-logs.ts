import { messageOf } from '@sluice/config/message-of'
import { TOPICS, isOurs, type TopicName } from '@sluice/contracts/topics'
import { connectKafka, type KafkaClient } from '@sluice/stream-kafka/kafka-client'
import { KafkaLog } from '@sluice/stream-kafka/kafka-log'
import { KafkaSnapshots } from '@sluice/stream-kafka/kafka-snapshots'
import { DeadLetterTopics } from '@sluice/stream-kafka/dead-letter-topics'
import type { DeadLetterStore } from '@sluice/stream-kafka/dead-letters'
import { keepMembership } from '@sluice/stream-kafka/membership'
import { partitionCounts } from '@sluice/stream-kafka/partition-counts'
import { loadSchemaIds } from '@sluice/stream-kafka/schema-registry'
import type { SchemaIdMap } from '@sluice/stream-kafka/schema-id-map'
import { openEmbeddedSnapshots } from '@sluice/stream-embedded/embedded-snapshots'
import type { PartitionId } from '@sluice/stream-runtime/log'
import type { SnapshotStore } from '@sluice/stream-runtime/snapshots'
import { OpeningAbortedError, PartitionCountError } from './host-errors.ts'
import { inputCodecs } from './input-codecs.ts'
import type { HostSettings } from './host-settings.ts'
import { connectionOf, prefixOf, topicNames, type KafkaSettings } from './kafka-settings.ts'
import { LayeredSnapshots } from './layered-snapshots.ts'
import type { Layout } from './layout.ts'
import type { Assignee, Handle, Logs, LogsOptions, OpenedStore } from './logs.ts'
import type { Service } from './service.ts'

type OnKafka = HostSettings & { readonly kafka: KafkaSettings }

/** How long a cluster that does not answer is asked at the start: it may be starting too. */
const PATIENCE_AT_START_MS = 20_000

/** A Kafka: every handle is a client of its own, and the group of each service says who runs which of its tasks. */
export async function openKafkaLogs(settings: OnKafka, options: LogsOptions): Promise<Logs> {
  const { role, topics, logger, signal } = options
  const client = connectKafka(connectionOf(settings.kafka, role), {
    onLog: ({ level, message }) => logger.debug({ client: role, level }, message),
  })
  const layout = await layoutOf(client, settings.kafka, options)
  const schemaIds = await schemaIdsOf(settings.kafka, topics)
  return new KafkaLogs(settings, { client, layout, schemaIds, logger, signal })
}

async function layoutOf(
  client: KafkaClient,
  kafka: KafkaSettings,
  { topics, logger, signal }: LogsOptions,
): Promise<Layout> {
  const names = topicNames(kafka)
  const counts = await partitionCounts({
    client,
    wireTopics: topics.map(names),
    where: kafka.brokers.join(', '),
    patienceMs: PATIENCE_AT_START_MS,
    signal,
    onTrouble: error =>
      logger.warn({ trouble: messageOf(error) }, 'the cluster does not say its topics yet'),
  })
  const countOf = (topic: TopicName) =>
    topics.includes(topic) ? counts.get(names(topic)) : undefined
  return {
    ...layoutFrom(countOf, names),
    mode: kafka.mode,
    codecs: inputCodecs(kafka.topics),
  }
}

/** @throws PartitionCountError if accounts and margin-evaluation have not as many partitions. */
export function layoutFrom(
  countOf: (topic: TopicName) => number | undefined,
  names: (topic: string) => string,
): Layout {
  const accounts = countOf('accounts')
  const evaluations = countOf('margin-evaluation')
  if (accounts !== undefined && evaluations !== undefined && accounts !== evaluations)
    throw new PartitionCountError(
      `${names('accounts')} has ${accounts} partitions and ${names('margin-evaluation')} has ${evaluations}: a task of margin-evaluation reads the one and writes the other of its number. Say in kafka.topics.accounts.partitions how many accounts has, and create our topics anew under another kafka.namespace`,
    )
  const partitions: Partial<Record<TopicName, number>> = {}
  for (const { name } of TOPICS.filter(spec => !isOurs(spec))) {
    const count = countOf(name)
    if (count !== undefined) partitions[name] = count
  }
  return { evaluators: accounts ?? evaluations ?? 1, partitions }
}

async function schemaIdsOf(
  kafka: KafkaSettings,
  topics: readonly TopicName[],
): Promise<SchemaIdMap | undefined> {
  if (kafka.registry === undefined) return undefined
  return loadSchemaIds(kafka.registry, topicNames(kafka), topics.filter(isAvroIn(kafka)))
}

/** Whether the records of a topic are our Avro: all that we write are. */
const isAvroIn =
  ({ topics }: KafkaSettings) =>
  (topic: string): boolean =>
    (topics[topic]?.format ?? 'avro') === 'avro'

interface Connected {
  readonly client: KafkaClient
  readonly layout: Layout
  readonly schemaIds: SchemaIdMap | undefined
  readonly logger: LogsOptions['logger']
  readonly signal: AbortSignal
}

/** @throws OpeningAbortedError if the signal aborts first. */
async function openUnless(signal: AbortSignal, log: KafkaLog): Promise<void> {
  const giveUp = () => void log.close()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    if (signal.aborted) throw new OpeningAbortedError('the process stops')
    await log.open()
  } catch (error) {
    await log.close()
    throw signal.aborted ? new OpeningAbortedError('the process stops', { cause: error }) : error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** The topic, and before it a directory beside the process where one is named. */
function layered(
  topic: SnapshotStore,
  directory: string | undefined,
  onSkipped: (task: string, reason: unknown) => void,
): OpenedStore {
  const near = directory === undefined ? undefined : openEmbeddedSnapshots({ directory })
  const store = near === undefined ? topic : new LayeredSnapshots(near, topic, onSkipped)
  return {
    save: snapshot => store.save(snapshot),
    newest: (task, accepts) => store.newest(task, accepts),
    close: () => near?.close() ?? Promise.resolve(),
  }
}

class KafkaLogs implements Logs {
  readonly about: string
  readonly layout: Layout
  readonly hasFixedTasks = false
  readonly deadLetters: DeadLetterStore
  readonly #settings: OnKafka
  readonly #connected: Connected

  constructor(settings: OnKafka, connected: Connected) {
    this.about = `${settings.kafka.brokers.join(', ')}, ${prefixOf(settings.kafka)}`
    this.layout = connected.layout
    const { client, schemaIds } = connected
    const isAvro = isAvroIn(settings.kafka)
    const idsOf = (topic: string) => (isAvro(topic) ? schemaIds : undefined)
    this.deadLetters = new DeadLetterTopics({ client, names: topicNames(settings.kafka), idsOf })
    this.#settings = settings
    this.#connected = connected
  }

  async open(partitions: readonly PartitionId[]): Promise<Handle> {
    const { client, schemaIds, signal } = this.#connected
    const log = new KafkaLog({
      client,
      names: topicNames(this.#settings.kafka),
      partitions,
      isAvro: isAvroIn(this.#settings.kafka),
      onTrouble: this.#onTrouble,
      ...(schemaIds === undefined ? {} : { schemaIds }),
    })
    await openUnless(signal, log)
    return { log, close: () => log.close() }
  }

  openSnapshots(): Promise<OpenedStore | undefined> {
    const { client, logger } = this.#connected
    const { directory, everyInputs } = this.#settings.snapshots
    if (everyInputs === 0) return Promise.resolve(undefined)
    const onSkipped = (task: string, error: unknown): void =>
      logger.warn(
        { task, trouble: messageOf(error) },
        'a snapshot cannot be read and is passed over',
      )
    const names = topicNames(this.#settings.kafka)
    const topic = new KafkaSnapshots({ client, names, onSkipped, onTrouble: this.#onTrouble })
    return Promise.resolve(layered(topic, directory, onSkipped))
  }

  /** The group is on the service's own topic, whose partitions are its tasks. */
  assign(service: Service, assignee: Assignee, signal: AbortSignal): Promise<void> {
    const membership = {
      client: this.#connected.client,
      groupId: `${prefixOf(this.#settings.kafka)}.${service.name}`,
      wireTopic: topicNames(this.#settings.kafka)(service.name),
      taskCount: service.taskCount(this.layout),
      onAssigned: (tasks: readonly number[], generation: number) =>
        assignee.onAssigned({ tasks, generation }),
      hasLostTask: () => assignee.hasLostTask(),
      onTrouble: this.#onTrouble,
    }
    return keepMembership(membership, signal)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  readonly #onTrouble = (error: unknown): void => {
    const trouble = messageOf(error)
    this.#connected.logger.warn({ trouble }, 'trouble with the cluster, being dealt with')
  }
}
