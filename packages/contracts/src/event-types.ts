import { SCHEMAS } from './generated/schemas.ts'
import { TOPICS, isOurs, type TopicName } from './topics.ts'

/** The one event that every task of ours may write. */
const ON_ALL_OF_OURS = 'InputRefused'

const ours: ReadonlySet<string> = new Set(TOPICS.filter(isOurs).map(spec => spec.name))
const topicByType = new Map(SCHEMAS.map(({ topic, schema }) => [schema.name, topic]))

/** The types of the events on a topic, ascending. */
export function eventTypesOf(topic: TopicName): readonly string[] {
  const own = SCHEMAS.filter(entry => entry.topic === topic).map(entry => entry.schema.name)
  return ours.has(topic) ? [...own, ON_ALL_OF_OURS].sort() : own
}

/** Whether an event of this type may stand on the topic. */
export const belongsOn = (type: string, topic: string): boolean =>
  topicByType.get(type) === topic || (type === ON_ALL_OF_OURS && ours.has(topic))
