import { DecodingError } from '@sluice/contracts/codec-errors'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { eventIdOf, recordIdOf } from '@sluice/contracts/ids'
import { isOurs, topicSpec, type TopicName } from '@sluice/contracts/topics'
import { decodedOf, openInput } from '@sluice/stream-runtime/inputs'
import type { LogRecord, StreamLog } from '@sluice/stream-runtime/log'

/** An event as it stands in a log, under the id by which others name it as their cause. */
export interface LoggedEvent {
  readonly id: string
  readonly topic: TopicName
  readonly partition: number
  readonly offset: number
  readonly appendTime: number
  readonly event: SluiceEvent
}

const RECORDS_PER_READ = 4096

/**
 * All events of one partition in order: for a topic of ours, those of valid receipts only. A record of the exchange that cannot
 * be decoded is passed over here; the task that met it has said so in its own `InputRefused`.
 *
 * @throws LogForkedError if the partition is not a chain.
 */
export async function* eventsOf(
  log: StreamLog,
  topic: TopicName,
  partition: number,
): AsyncGenerator<LoggedEvent> {
  const ours = isOurs(topicSpec(topic))
  const reader = openInput(log, { topic, partition, ours })
  while (await reader.fill(RECORDS_PER_READ)) {
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      const event = ours ? decodedOf(record) : decodedOrNothing(record)
      if (event === undefined) continue
      const { offset, appendTime } = record
      const id =
        'meta' in event
          ? eventIdOf(`${topic}-${partition}`, event.meta.sequence)
          : recordIdOf(topic, partition, offset)
      yield { id, topic, partition, offset, appendTime, event }
    }
  }
}

function decodedOrNothing(record: LogRecord): SluiceEvent | undefined {
  try {
    return decodedOf(record)
  } catch (error) {
    if (error instanceof DecodingError) return undefined
    throw error
  }
}
