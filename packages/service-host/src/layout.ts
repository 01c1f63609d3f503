import { isOurs, topicSpec, type TopicName } from '@sluice/contracts/topics'
import type { InputCodec, TaskInput } from '@sluice/stream-runtime/inputs'

/** How a deployment cuts its topics into partitions, and how the inputs are written. Fixed for the life of a log. */
export interface Layout {
  /** Partitions of `accounts`, each with a task of margin-evaluation, which writes the partition of its number. */
  readonly evaluators: number
  /** Partitions of the exchange's other topics; 1 where nothing is said. */
  readonly partitions?: Readonly<Partial<Record<TopicName, number>>>
  /** shadow: what is written stays beside the venue's own, and nothing may be asked of it. */
  readonly mode?: 'live' | 'shadow'
  /** Of the exchange's topics that do not hold our Avro. */
  readonly codecs?: Readonly<Partial<Record<TopicName, InputCodec>>>
}

const EVALUATED: ReadonlySet<TopicName> = new Set(['accounts', 'margin-evaluation'])

/** Partitions of a topic. */
export function partitionsOf(layout: Layout, topic: TopicName): number {
  return EVALUATED.has(topic) ? layout.evaluators : (layout.partitions?.[topic] ?? 1)
}

/** One partition of a topic, as a task reads it. */
export function inputOf(layout: Layout, topic: TopicName, partition: number): TaskInput {
  const codec = layout.codecs?.[topic]
  const input = { topic, partition, ours: isOurs(topicSpec(topic)) }
  return codec === undefined ? input : { ...input, codec }
}

/** A whole topic, as a task reads it: every partition in its turn. */
export function inputsOf(layout: Layout, topic: TopicName): readonly TaskInput[] {
  return Array.from({ length: partitionsOf(layout, topic) }, (_, partition) =>
    inputOf(layout, topic, partition),
  )
}
