import { topicsOf, type Role } from './acls.ts'
import { fine, amiss, failed, type Check } from './check.ts'
import { checkClock } from './check-clock.ts'
import { checkReading } from './check-reading.ts'
import { checkRetention } from './check-retention.ts'
import { withAdmin } from './kafka-admin.ts'
import type { KafkaClient } from './kafka-client.ts'
import type { RegistrySettings } from './schema-client.ts'
import { checkSchemas, problemOf, type SchemaScope } from './schema-registry.ts'
import type { TopicLayout } from './topic-plan.ts'
import { checkTopics, type TopicCheck } from './topics.ts'

export interface KafkaCheck {
  readonly client: KafkaClient
  /** Whose rights are tried: what this role reads is read. */
  readonly role: Role
  readonly layout: TopicLayout
  readonly schemas: SchemaScope
  readonly registry: RegistrySettings | undefined
  /** `snapshots.everyInputs`. */
  readonly everyInputs: number
}

/**
 * Looks at a cluster as a service would meet it, and says what to do about each thing that is amiss. Nothing is changed; one record of a
 * few bytes is stored to learn the broker's time (see `check-clock.ts`).
 */
export async function checkKafka(options: KafkaCheck): Promise<readonly Check[]> {
  const { client, layout } = options
  const cluster = await checkCluster(options)
  const schemas = await checkRegistry(options)
  if (!cluster.ok) return [cluster, ...schemas]
  const topics = await visibleTopics(options).catch((error: unknown) => failed('topics', error))
  if ('found' in topics) return [cluster, topics, ...schemas]
  const there = new Set(topics.filter(({ exists }) => exists).map(({ topic }) => topic))
  const readable = topicsOf(options.role, 'Read').filter(topic => there.has(topic))
  const rest = await Promise.all<readonly Check[] | Check>([
    checkReading({ client, names: layout.names, topics: readable }),
    checkRetentions(options, topics),
    there.has('snapshots') ? checkClock(client, layout.names('snapshots')) : Promise.resolve([]),
  ])
  return [cluster, ...topicChecks(topics), ...schemas, ...rest.flat()]
}

async function checkCluster({ client, layout }: KafkaCheck): Promise<Check> {
  const name = 'cluster'
  try {
    const { brokers, clusterId } = await withAdmin(client, 'asking the cluster', admin =>
      admin.describeCluster(),
    )
    const found = `${brokers.length} brokers, cluster ${clusterId}`
    return brokers.length >= layout.replicationFactor
      ? fine(name, found)
      : amiss(name, found, 'Add brokers, or lower kafka.replicationFactor')
  } catch (error) {
    return failed(name, error)
  }
}

/** A topic that this role has no business with is not shown to it, and would count as missing. */
async function visibleTopics({ client, layout, role }: KafkaCheck): Promise<readonly TopicCheck[]> {
  const visible = new Set(topicsOf(role))
  return (await checkTopics(client, layout)).filter(({ topic }) => visible.has(topic))
}

function topicChecks(topics: readonly TopicCheck[]): Check[] {
  const wrong = topics.flatMap(({ name, differences }) =>
    differences.map(({ setting, found, wanted, advice }) =>
      amiss(`topic ${name}`, `${setting} is ${found}, should be ${wanted}`, advice),
    ),
  )
  const right = topics.filter(({ differences }) => differences.length === 0).length
  return [...wrong, fine('topics', `${right} of ${topics.length} are as they should be`)]
}

async function checkRegistry({ registry, schemas }: KafkaCheck): Promise<Check[]> {
  const name = 'schemas'
  if (registry === undefined) return [fine(name, 'no registry: records carry our own numbers')]
  try {
    const found = await checkSchemas(registry, schemas)
    const wrong = found.filter(({ state }) => state !== 'registered')
    const ready = `${found.length - wrong.length} of ${found.length} are registered at ${registry.url}`
    const advice = 'Run `sluice schemas apply`; it says what to do about an incompatible one'
    return [
      ...wrong.map(each => amiss(`schema ${each.record}`, problemOf(each), advice)),
      fine(name, ready),
    ]
  } catch (error) {
    return [failed(name, error)]
  }
}

const RETENTION = 'retention.ms'

/** For topics that are not kept for ever; that `verify` cannot be promised for them is said of the topic. */
function checkRetentions(
  { client, everyInputs }: KafkaCheck,
  topics: readonly TopicCheck[],
): Promise<Check[]> {
  const now = Date.now()
  const limited = topics.flatMap(({ name, differences }) =>
    differences
      .filter(({ setting }) => setting === RETENTION)
      .map(({ found }) => ({ name, retentionMs: Number(found), everyInputs, now })),
  )
  return withAdmin(client, 'looking at retention', admin =>
    Promise.all(limited.map(each => checkRetention(admin, each))),
  )
}
