import { TOPICS, isOurs, type TopicSpec } from '@sluice/contracts/topics'
import type { TopicNames } from './kafka-client.ts'

/** What a deployment says about its topics: the group `kafka` of its settings. */
export interface TopicLayout {
  readonly names: TopicNames
  /** `kafka.topics`. A topic with a name of its own is the exchange's: it is checked, and never made or changed. */
  readonly inputs?: Readonly<Record<string, InputLayout | undefined>>
  readonly replicationFactor: number
  readonly minInSyncReplicas: number
}

export interface InputLayout {
  readonly name?: string | undefined
  readonly partitions?: number | undefined
}

/** One topic as it should be. */
export interface PlannedTopic {
  /** In the catalogue, or `snapshots`, or `<topic>.dlq`. */
  readonly topic: string
  /** On the broker. */
  readonly name: string
  readonly isOfTheExchange: boolean
  /** Undefined: as many as there are. */
  readonly partitions: number | undefined
  readonly replicationFactor: number
  readonly rules: readonly TopicRule[]
}

/** What one setting of a topic has to be, and why. */
export interface TopicRule {
  readonly setting: string
  readonly wanted: string
  readonly fits: (found: string) => boolean
  readonly why: string
}

const DAY_MS = 86_400_000
const SNAPSHOT_DAYS = 7
/** Manifests in partition 0, chunks in the others. */
const SNAPSHOT_PARTITIONS = 4
/** Above any record batch of ours, whose events end at 900 kB unless one alone is larger. */
const MESSAGE_BYTES_MAX = 4 * 1024 ** 2

/** The catalogue's name of where refused records of a topic go. */
export const deadLettersOf = (topic: string): string => `${topic}.dlq`

const exactly = (setting: string, wanted: string, why: string): TopicRule => ({
  setting,
  wanted,
  fits: found => found === wanted,
  why,
})

const atLeast = (setting: string, wanted: number, why: string): TopicRule => ({
  setting,
  wanted: String(wanted),
  fits: found => Number(found) >= wanted,
  why,
})

const NEVER_COMPACTED = exactly(
  'cleanup.policy',
  'delete',
  'a replay needs every record, and compaction removes some',
)
const APPEND_TIME = exactly(
  'message.timestamp.type',
  'LogAppendTime',
  "staleness counts from arrival, and a producer's clock may be wrong",
)
const CLEAN_LEADERS = exactly(
  'unclean.leader.election.enable',
  'false',
  'a leader that lags would drop records that were confirmed',
)

const keptFor = (ms: number): TopicRule => ({
  setting: 'retention.ms',
  wanted: String(ms),
  fits: found => Number(found) === -1 || (ms !== -1 && Number(found) >= ms),
  why:
    ms === -1 ? 'a replay needs every record from the first' : 'a task starts from its snapshots',
})

const KEPT_WHOLE = exactly('retention.bytes', '-1', 'records would go before their time')

const rulesOf = (layout: TopicLayout, retentionMs: number): readonly TopicRule[] => [
  NEVER_COMPACTED,
  keptFor(retentionMs),
  KEPT_WHOLE,
  APPEND_TIME,
  exactly('compression.type', 'producer', 'a record batch stays the bytes that were sent'),
  atLeast('max.message.bytes', MESSAGE_BYTES_MAX, 'a record batch is appended whole or not at all'),
  atLeast(
    'min.insync.replicas',
    layout.minInSyncReplicas,
    'what was confirmed survives a lost broker',
  ),
  CLEAN_LEADERS,
]

/** Rules for what the exchange keeps itself; the rest of its settings is its own affair. */
const RULES_OF_THE_EXCHANGE: readonly TopicRule[] = [
  NEVER_COMPACTED,
  keptFor(-1),
  KEPT_WHOLE,
  APPEND_TIME,
  CLEAN_LEADERS,
]

/** Every topic that Sluice reads or writes under these settings, the catalogue's first. */
export function planTopics(layout: TopicLayout): readonly PlannedTopic[] {
  const sources = TOPICS.filter(spec => spec.readers.some(reader => reader !== 'exchange'))
  return [
    ...TOPICS.map(spec => plannedOf(layout, spec)),
    ourTopic(layout, { topic: 'snapshots', partitions: SNAPSHOT_PARTITIONS, days: SNAPSHOT_DAYS }),
    ...sources.map(({ name }) => ourTopic(layout, { topic: deadLettersOf(name), partitions: 1 })),
  ]
}

function plannedOf(layout: TopicLayout, spec: TopicSpec): PlannedTopic {
  const input = isOurs(spec) ? undefined : layout.inputs?.[spec.name]
  const partitions = partitionsOf(layout, spec)
  if (input?.name === undefined) return ourTopic(layout, { topic: spec.name, partitions })
  return {
    topic: spec.name,
    name: input.name,
    isOfTheExchange: true,
    partitions: input.partitions,
    replicationFactor: 1,
    rules: RULES_OF_THE_EXCHANGE,
  }
}

/** An evaluation task reads the partition of `accounts` that has its number: both topics have as many. */
function partitionsOf({ inputs }: TopicLayout, { name, partitions }: TopicSpec): number {
  return inputs?.[name === 'margin-evaluation' ? 'accounts' : name]?.partitions ?? partitions
}

function ourTopic(
  layout: TopicLayout,
  { topic, partitions, days }: { topic: string; partitions: number; days?: number },
): PlannedTopic {
  return {
    topic,
    name: layout.names(topic),
    isOfTheExchange: false,
    partitions,
    replicationFactor: layout.replicationFactor,
    rules: rulesOf(layout, days === undefined ? -1 : days * DAY_MS),
  }
}
