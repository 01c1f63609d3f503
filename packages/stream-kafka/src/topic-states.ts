import kafkajs from 'kafkajs'
import type { Admin, ConfigEntries, ITopicMetadata } from 'kafkajs'

/** A topic as it is on the broker. */
export interface TopicState {
  readonly partitions: number
  /** Of the partition that has fewest. */
  readonly replicas: number
  readonly withoutLeader: number
  /** Undefined: this principal may not see them. */
  readonly settings: ReadonlyMap<string, TopicSetting> | undefined
}

export interface TopicSetting {
  readonly value: string
  /** Set on the topic itself, not on the broker or by default. */
  readonly isOwn: boolean
}

/** `TOPIC_CONFIG` in the answer to DescribeConfigs: the value is the topic's own. */
const OWN = 1

/** The topics of these names that exist, as far as this principal may know of them. */
export async function readTopicStates(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, TopicState>> {
  const known = new Set(await admin.listTopics())
  const topics = names.filter(name => known.has(name))
  if (topics.length === 0) return new Map()
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics })
  const states = await Promise.all(
    metadata.map(async each => [each.name, await stateOf(admin, each)] as const),
  )
  return new Map(states)
}

async function stateOf(admin: Admin, { name, partitions }: ITopicMetadata): Promise<TopicState> {
  return {
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    withoutLeader: partitions.filter(({ leader }) => leader < 0).length,
    settings: await settingsOf(admin, name),
  }
}

async function settingsOf(
  admin: Admin,
  name: string,
): Promise<ReadonlyMap<string, TopicSetting> | undefined> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name }],
    })
    return new Map((resources[0]?.configEntries ?? []).map(settingOf))
  } catch (error) {
    if (isNotAllowed(error)) return undefined
    throw error
  }
}

/** The names that kafkajs gives the fields are not those of its types. */
function settingOf(entry: ConfigEntries): readonly [string, TopicSetting] {
  const source: unknown = entry.configSource
  return [entry.configName, { value: entry.configValue, isOwn: source === OWN }]
}

/** Whether the cluster says that this principal may not do what it asked for. */
export const isNotAllowed = (error: unknown): boolean =>
  error instanceof Error && 'type' in error && /AUTHORIZATION_FAILED$/.test(String(error.type))
