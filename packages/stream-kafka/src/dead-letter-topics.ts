import { randomUUID } from 'node:crypto'
import { setTimeout as setTimer } from 'node:timers/promises'
import { NoAnswerError } from '@sluice/stream-runtime/log'
import type { InputCursor } from '@sluice/stream-runtime/inputs'
import type { IHeaders, KafkaMessage } from 'kafkajs'
import type { DeadLetter, DeadLetterStore } from './dead-letters.ts'
import type { KafkaClient, TopicNames } from './kafka-client.ts'
import { treatmentOf } from './kafka-errors.ts'
import type { SchemaIdMap } from './schema-id-map.ts'
import { staticAssigner } from './static-assigner.ts'
import { deadLettersOf } from './topic-plan.ts'
import { putOwnId, withWireId } from './wire-ids.ts'

export interface DeadLetterTopicsOptions {
  readonly client: KafkaClient
  readonly names: TopicNames
  /** Of a topic whose values begin with a registry's id. */
  readonly idsOf?: (topic: string) => SchemaIdMap | undefined
}

const READ_WITHIN_MS = 30_000
const RETRY_AFTER_MS = 250

/**
 * Dead letters on Kafka: `<topic>.dlq` beside each input, one partition, the refused record as it was, and in the headers where it came
 * from and why. Other tools read them as dead letters of Kafka Connect and CloudEvents: `x-original-…`, `x-exception-…`, `ce_id`.
 */
export class DeadLetterTopics implements DeadLetterStore {
  readonly #options: DeadLetterTopicsOptions

  constructor(options: DeadLetterTopicsOptions) {
    this.#options = options
  }

  async append(letter: DeadLetter): Promise<void> {
    const { client, names, idsOf } = this.#options
    const ids = idsOf?.(letter.topic)
    const value = Buffer.from(letter.value)
    const message = {
      partition: 0,
      key: letter.key === null ? null : Buffer.from(letter.key),
      value: ids === undefined ? value : withWireId(value, ids),
      headers: headersOf(letter, names(letter.topic)),
    }
    const producer = client.producer()
    await producer.connect()
    try {
      const topic = names(deadLettersOf(letter.topic))
      const [answer] = await producer.send({ topic, acks: -1, messages: [message] })
      if (answer?.baseOffset === undefined)
        throw new NoAnswerError(`${topic} did not say where the dead letter is`)
    } finally {
      await producer.disconnect()
    }
  }

  async all(topic: string): Promise<readonly DeadLetter[]> {
    const { client, names, idsOf } = this.#options
    const wireTopic = names(deadLettersOf(topic))
    const messages = await readWhole(client, wireTopic)
    return messages.map(message => {
      const value = Buffer.from(message.value ?? '')
      const ids = idsOf?.(topic)
      if (ids !== undefined) putOwnId(value, ids)
      return letterOf(topic, message, value)
    })
  }
}

/** Everything in partition 0 of a topic, as it ends now. */
async function readWhole(client: KafkaClient, topic: string): Promise<KafkaMessage[]> {
  const admin = client.admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect())
  const range = offsets.find(({ partition }) => partition === 0)
  const [low, high] = [Number(range?.low ?? 0), Number(range?.high ?? 0)]
  return low === high ? [] : readPatiently(client, topic, { low, high })
}

/** A new consumer for every failure that passes, as when a broker has only just started. */
async function readPatiently(
  client: KafkaClient,
  topic: string,
  range: { readonly low: number; readonly high: number },
): Promise<KafkaMessage[]> {
  const giveUpAt = performance.now() + READ_WITHIN_MS
  for (;;) {
    try {
      return await readRange(client, topic, range)
    } catch (error) {
      const isFinal = error instanceof NoAnswerError || treatmentOf(error) === 'stop'
      if (isFinal || performance.now() > giveUpAt) throw error
      await setTimer(RETRY_AFTER_MS)
    }
  }
}

async function readRange(
  client: KafkaClient,
  topic: string,
  range: { readonly low: number; readonly high: number },
): Promise<KafkaMessage[]> {
  const { high } = range
  const consumer = client.consumer({
    groupId: `${client.clientId}.dlq-${randomUUID()}`,
    partitionAssigners: [staticAssigner({ [topic]: [0] })],
  })
  await consumer.connect()
  const found: KafkaMessage[] = []
  try {
    await consumer.subscribe({ topics: [topic] })
    await new Promise<void>((resolve, reject) => {
      const late = () => reject(new NoAnswerError(`${topic} was not read in ${READ_WITHIN_MS} ms`))
      const timer = setTimeout(late, READ_WITHIN_MS)
      const eachMessage = ({ message }: { message: KafkaMessage }): Promise<void> => {
        if (Number(message.offset) < high) found.push(message)
        if (Number(message.offset) >= high - 1) {
          clearTimeout(timer)
          resolve()
        }
        return Promise.resolve()
      }
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        clearTimeout(timer)
        reject(payload.error)
      })
      consumer.run({ autoCommit: false, eachMessage }).catch(reject)
      consumer.seek({ topic, partition: 0, offset: String(range.low) })
    })
  } finally {
    await consumer.disconnect()
  }
  return found
}

function headersOf(letter: DeadLetter, wireTopic: string): IHeaders {
  return {
    'x-original-topic': wireTopic,
    'x-original-partition': String(letter.partition),
    'x-original-offset': String(letter.offset),
    ...(letter.appendTime === null ? {} : { 'x-original-timestamp': String(letter.appendTime) }),
    'x-exception-class': letter.reason,
    'x-exception-message': letter.detail,
    'x-attempts': String(letter.attempts),
    ce_id: letter.id,
    'x-sluice-cursor': JSON.stringify(letter.cursor),
  }
}

function letterOf(topic: string, { key, headers = {} }: KafkaMessage, value: Buffer): DeadLetter {
  const text = (name: string): string | undefined => headers[name]?.toString()
  const appendTime = text('x-original-timestamp')
  return {
    id: text('ce_id') ?? '',
    topic,
    partition: Number(text('x-original-partition')),
    offset: Number(text('x-original-offset')),
    appendTime: appendTime === undefined ? null : Number(appendTime),
    key,
    value,
    reason: text('x-exception-class') ?? '',
    detail: text('x-exception-message') ?? '',
    attempts: Number(text('x-attempts')),
    cursor: JSON.parse(text('x-sluice-cursor') ?? 'null') as InputCursor,
  }
}
