import { NoAnswerError, type PartitionId, type RecordToAppend } from '@sluice/stream-runtime/log'
import type { Message, Producer } from 'kafkajs'
import { REQUEST_TIMEOUT_MS, type KafkaClient } from './kafka-client.ts'
import { KafkaLogClosedError, stopErrorOf, TopicMissingError, treatmentOf } from './kafka-errors.ts'
import { within } from './patience.ts'
import { nameOf } from './watched-partition.ts'
import { withWireId, type WireIds } from './wire-ids.ts'

/** Longest time until an append is given up as unanswered: two requests and the pauses between them. */
const ANSWER_WITHIN_MS = 2 * REQUEST_TIMEOUT_MS + 3000
const ALL_REPLICAS = -1

export interface AppenderOptions {
  readonly client: KafkaClient
  readonly wireTopicOf: (topic: string) => string
  /** Ids to rewrite on the way out, for topics that have them. */
  readonly idsOf: (topic: string) => WireIds | undefined
  readonly onTrouble: (error: unknown) => void
}

/**
 * Places record batches: one `send` each, to one partition, answered by all replicas in sync. Of a partition only one is under
 * way, so that those made one after the other lie one after the other. Not idempotent: see docs of the stream contract, rule 7.
 */
export class Appender {
  readonly #options: AppenderOptions
  readonly #lastOf = new Map<string, Promise<unknown>>()
  #producer: Promise<Producer> | undefined
  #isClosed = false

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** Offset of the first record. @throws NoAnswerError if the outcome is unknown; typed errors if trying again cannot help. */
  append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    const name = nameOf(target)
    const messages = this.#messagesOf(target, records)
    const turn = (this.#lastOf.get(name) ?? Promise.resolve()).then(() =>
      this.#send(target, messages),
    )
    this.#lastOf.set(
      name,
      turn.catch(() => undefined),
    )
    return turn
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.disconnect()
  }

  async #send(target: PartitionId, messages: Message[]): Promise<number> {
    if (this.#isClosed) throw new KafkaLogClosedError(`${nameOf(target)}: the log is closed`)
    const connecting = (this.#producer ??= this.#connect())
    try {
      const topic = this.#options.wireTopicOf(target.topic)
      const answers = await within(ANSWER_WITHIN_MS, async () =>
        (await connecting).send({
          topic,
          acks: ALL_REPLICAS,
          timeout: REQUEST_TIMEOUT_MS,
          messages,
        }),
      )
      const base = Number(answers[0]?.baseOffset ?? NaN)
      if (Number.isSafeInteger(base) && base >= 0) return base
    } catch (error) {
      throw this.#failureOf(target, error, connecting)
    }
    throw new TopicMissingError(
      `${nameOf(target)}: there is no such partition; check the partition counts with \`sluice topics check\``,
    )
  }

  #failureOf(target: PartitionId, error: unknown, broken: Promise<Producer>): Error {
    this.#options.onTrouble(error)
    const treatment = treatmentOf(error)
    if (treatment === 'stop' || treatment === 'fenced') return stopErrorOf(error, nameOf(target))
    if (treatment === 'recreate') this.#replace(broken)
    return new NoAnswerError(
      `${nameOf(target)} did not answer an append: send the same records again`,
      {
        cause: error,
      },
    )
  }

  #connect(): Promise<Producer> {
    const producer = this.#options.client.producer()
    const connecting = producer.connect().then(() => producer)
    connecting.catch(() => {
      if (this.#producer === connecting) this.#producer = undefined
    })
    return connecting
  }

  /** The broken one ends when its requests have; nobody waits for that. */
  #replace(broken: Promise<Producer>): void {
    if (this.#producer === broken) this.#producer = undefined
    void broken.then(producer => producer.disconnect()).catch(() => undefined)
  }

  #messagesOf({ topic, partition }: PartitionId, records: readonly RecordToAppend[]): Message[] {
    const ids = this.#options.idsOf(topic)
    return records.map(({ key, value }) => ({
      partition,
      key: key === null ? null : bufferOf(key),
      value: ids === undefined ? bufferOf(value) : withWireId(bufferOf(value), ids),
    }))
  }
}

/** The same bytes: kafkajs takes anything that is not a Buffer for a string. */
const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
