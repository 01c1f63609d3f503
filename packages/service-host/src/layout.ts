import { isOurs, topicSpec, type TopicName } from '@sluice/contracts/topics'
import type { TaskInput } from '@sluice/stream-runtime/inputs'

/** How a deployment cuts its topics into partitions. Fixed for the life of a log. */
export interface Layout {
  /** Partitions of `accounts`, each with a task of margin-evaluation, which writes the partition of its number. */
  readonly evaluators: number
  /** Partitions of the exchange's other topics; 1 where nothing is said. */
  readonly partitions?: Readonly<Partial<Record<TopicName, number>>>
}

const EVALUATED: ReadonlySet<TopicName> = new Set(['accounts', 'margin-evaluation'])

/** Partitions of a topic. */
export function partitionsOf(layout: Layout, topic: TopicName): number {
  return EVALUATED.has(topic) ? layout.evaluators : (layout.partitions?.[topic] ?? 1)
}

/** One partition of a topic, as a task reads it. */
export function inputOf(_layout: Layout, topic: TopicName, partition: number): TaskInput {
  return { topic, partition, ours: isOurs(topicSpec(topic)) }
}

/** A whole topic, as a task reads it: every partition in its turn. */
export function inputsOf(layout: Layout, topic: TopicName): readonly TaskInput[] {
  return Array.from({ length: partitionsOf(layout, topic) }, (_, partition) =>
    inputOf(layout, topic, partition),
  )
}
