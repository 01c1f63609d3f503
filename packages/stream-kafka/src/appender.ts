import { NoAnswerError, type PartitionId, type RecordToAppend } from '@sluice/stream-runtime/log'
import type { Message, Producer } from 'kafkajs'
import { REQUEST_TIMEOUT_MS, type KafkaClient } from './kafka-client.ts'
import { KafkaLogClosedError, stopErrorOf, TopicMissingError, treatmentOf } from './kafka-errors.ts'
import { within } from './patience.ts'
import { nameOf } from './watched-partition.ts'
import type { SchemaIdMap } from './schema-id-map.ts'
import { withWireId } from './wire-ids.ts'

/** Longest time until an append is given up as unanswered: two requests and the pauses between them. */
const ANSWER_WITHIN_MS = 2 * REQUEST_TIMEOUT_MS + 3000
const ALL_REPLICAS = -1
/** Appends that wait for one under way go out together up to so many bytes, below what any topic takes. */
const GROUP_BYTES = 256 * 1024

export interface AppenderOptions {
  readonly client: KafkaClient
  readonly wireTopicOf: (topic: string) => string
  /** Ids to rewrite on the way out, for topics that have them. */
  readonly idsOf: (topic: string) => SchemaIdMap | undefined
  readonly onTrouble: (error: unknown) => void
}

interface Waiting {
  readonly messages: readonly Message[]
  readonly bytes: number
  readonly answer: (base: number) => void
  readonly fail: (error: Error) => void
}

/** What waits for its turn at one partition. */
class Line {
  readonly target: PartitionId
  isSending = false
  #waiting: Waiting[] = []

  constructor(target: PartitionId) {
    this.target = target
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting)
  }

  /** The first, and what fits with it. */
  takeGroup(): readonly Waiting[] {
    let bytes = 0
    const beyond = this.#waiting.findIndex(waiting => {
      bytes += waiting.bytes
      return bytes > GROUP_BYTES
    })
    return this.#waiting.splice(0, beyond < 0 ? this.#waiting.length : Math.max(1, beyond))
  }
}

/**
 * Places record batches, answered by all replicas in sync. Of a partition only one is under way, so that appends made one after
 * the other lie one after the other; those made meanwhile wait, and go out together, as one batch. A task never has two (rule 5), so
 * that each of its batches is one `send`. Not idempotent: a task sends the same bytes again, and its receipts' chain decides (rule 7).
 */
export class Appender {
  readonly #options: AppenderOptions
  readonly #lines = new Map<string, Line>()
  #producer: Promise<Producer> | undefined
  #isClosed = false

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** Offset of the first record. @throws NoAnswerError if the outcome is unknown; typed errors if trying again cannot help. */
  append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    const messages = this.#messagesOf(target, records)
    const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)
    const line = this.#lineOf(target)
    return new Promise((answer, fail) => {
      line.add({ messages, bytes, answer, fail })
      if (!line.isSending) void this.#sendAll(line)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const producer = await this.#producer?.catch(() => undefined)
    this.#producer = undefined
    await producer?.disconnect()
  }

  #lineOf(target: PartitionId): Line {
    const name = nameOf(target)
    let line = this.#lines.get(name)
    if (line === undefined) this.#lines.set(name, (line = new Line(target)))
    return line
  }

  async #sendAll(line: Line): Promise<void> {
    line.isSending = true
    while (!line.isEmpty) await this.#sendGroup(line.target, line.takeGroup())
    line.isSending = false
  }

  async #sendGroup(target: PartitionId, group: readonly Waiting[]): Promise<void> {
    try {
      let base = await this.#send(
        target,
        group.flatMap(({ messages }) => messages),
      )
      for (const { answer, messages } of group) {
        answer(base)
        base += messages.length
      }
    } catch (error) {
      for (const { fail } of group) fail(error instanceof Error ? error : new Error(String(error)))
    }
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
