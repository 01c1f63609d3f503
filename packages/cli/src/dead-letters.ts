import { isOurs, TOPICS, type TopicName } from '@sluice/contracts/topics'
import { partitionsOf } from '@sluice/service-host/layout'
import type { Logs } from '@sluice/service-host/logs'
import { eachOnce, type DeadLetter, type DeadLetterStore } from '@sluice/stream-kafka/dead-letters'
import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import { withLogs } from './open-logs.ts'
import { loadRunSettings } from './run-settings.ts'

/** The log has no dead letters, or none of this id. */
export class DeadLetterError extends Error {
  override readonly name = 'DeadLetterError'
}

const INPUTS = TOPICS.filter(spec => !isOurs(spec) && spec.readers.length > 0).map(
  ({ name }) => name,
)
const OURS = TOPICS.filter(isOurs).map(({ name }) => name)

export interface OpenedDeadLetters {
  readonly logs: Logs
  readonly log: StreamLog
  readonly store: DeadLetterStore
  readonly letters: readonly DeadLetter[]
}

export const partitionsIn = (logs: Logs, topics: readonly TopicName[]): PartitionId[] =>
  topics.flatMap(topic =>
    Array.from({ length: partitionsOf(logs.layout, topic) }, (_, partition) => ({
      topic,
      partition,
    })),
  )

/** Partitions of ours, whose refusals are forwarded. */
export const tasksOf = (logs: Logs): PartitionId[] => partitionsIn(logs, OURS)

/**
 * Opens the log and reads its dead letters; with `isForwarding` also what they are made from.
 *
 * @throws DeadLetterError if the log is a directory: there refusals are found in the tasks' own topics.
 */
export async function withDeadLetters<Result>(
  config: string | undefined,
  { isForwarding = false },
  use: (opened: OpenedDeadLetters) => Promise<Result>,
): Promise<Result> {
  const topics = isForwarding ? [...INPUTS, ...OURS] : INPUTS
  return withLogs(loadRunSettings(config), { role: 'redrive', topics }, async logs => {
    const store = logs.deadLetters
    if (store === undefined)
      throw new DeadLetterError(
        `${logs.about} is an embedded log, which has no dead letters: what was refused is in the tasks' own topics`,
      )
    const { log, close } = await logs.open(partitionsIn(logs, topics))
    try {
      const letters: DeadLetter[] = []
      for (const topic of INPUTS) letters.push(...eachOnce(await store.all(topic)))
      return await use({ logs, log, store, letters })
    } finally {
      await close()
    }
  })
}

/** The dead letter of this id. @throws DeadLetterError */
export function letterOf(letters: readonly DeadLetter[], id: string): DeadLetter {
  const found = letters.find(letter => letter.id === id)
  if (found !== undefined) return found
  throw new DeadLetterError(`there is no dead letter ${id}: sluice dlq list shows those there are`)
}

/** Those that a filter such as reason=schema_unknown or topic=accounts leaves. @throws DeadLetterError */
export function filtered(letters: readonly DeadLetter[], filter?: string): readonly DeadLetter[] {
  if (filter === undefined) return letters
  const { name, value } = /^(?<name>reason|topic)=(?<value>.+)$/.exec(filter)?.groups ?? {}
  if (value === undefined)
    throw new DeadLetterError(`--filter ${filter}: write reason=… or topic=…`)
  return letters.filter(letter => (name === 'reason' ? letter.reason : letter.topic) === value)
}

/** What people see of one. */
export function shownOf(letter: DeadLetter, redriven: boolean) {
  const { id, topic, partition, offset, appendTime, key, value, reason, detail, attempts } = letter
  return {
    ...{ id, topic, partition, offset, appendTime, reason, detail, attempts, redriven },
    key: key === null ? null : Buffer.from(key).toString(),
    value: Buffer.from(value).toString('hex'),
  }
}

/** The same on one line. */
export function lineOf(shown: ReturnType<typeof shownOf>): string {
  const { id, topic, partition, offset, reason, attempts, redriven } = shown
  const place = `${topic}-${partition}@${offset}`
  return `${id} ${place} ${reason}, refused ${attempts}×${redriven ? ', redriven' : ''}`
}
