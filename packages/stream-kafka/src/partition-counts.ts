import type { KafkaClient } from './kafka-client.ts'
import { TopicMissingError } from './kafka-errors.ts'
import { patiently } from './patience.ts'

export interface PartitionCountsOptions {
  readonly client: KafkaClient
  /** Names on the broker. */
  readonly wireTopics: readonly string[]
  /** Who is asked, for people. */
  readonly where: string
  readonly patienceMs: number
  readonly signal: AbortSignal
  readonly onTrouble: (error: unknown) => void
}

/**
 * How many partitions topics have.
 *
 * @throws TopicMissingError naming all that are missing; KafkaUnreachableError, NotAuthorisedError.
 */
export async function partitionCounts(
  options: PartitionCountsOptions,
): Promise<ReadonlyMap<string, number>> {
  const { wireTopics, where, patienceMs, signal, onTrouble } = options
  const patience = { where, patienceMs, signal, onFailure: onTrouble }
  const counts = await patiently(() => ask(options), patience)
  const missing = wireTopics.filter(topic => !counts.has(topic))
  if (missing.length === 0) return counts
  throw new TopicMissingError(
    `${where}: no topic ${missing.join(', ')}, or none that this principal may see; create what is missing with \`sluice topics apply\`, and check kafka.namespace, kafka.topics and the rights (\`sluice topics acl\`)`,
  )
}

async function ask({ client, wireTopics }: PartitionCountsOptions): Promise<Map<string, number>> {
  const admin = client.admin()
  try {
    await admin.connect()
    const known = new Set(await admin.listTopics())
    const found = wireTopics.filter(topic => known.has(topic))
    if (found.length === 0) return new Map()
    const { topics } = await admin.fetchTopicMetadata({ topics: found })
    return new Map(topics.map(({ name, partitions }) => [name, partitions.length]))
  } finally {
    await admin.disconnect()
  }
}
