import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { logRecord, OffsetOutOfRangeError, type LogRecord } from '@sluice/stream-runtime/log'
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs'
import { REQUEST_TIMEOUT_MS, type KafkaClient } from './kafka-client.ts'
import {
  AnswerTooLateError,
  OffsetGapError,
  placeOutOfRange,
  stopErrorOf,
  treatmentOf,
} from './kafka-errors.ts'
import { Pauses, unreachable, within } from './patience.ts'
import { staticAssigner } from './static-assigner.ts'
import { nameOf, type WatchedPartition } from './watched-partition.ts'
import type { SchemaIdMap } from './schema-id-map.ts'
import { putOwnId } from './wire-ids.ts'

/** Most of one fetch: of a partition, and in all; a larger batch comes alone. Small, as what a fetch decodes is young all at once. */
const PARTITION_FETCH_BYTES = 256 * 1024
export const FETCH_BYTES = 8 * 1024 * 1024

/** A fetch waits in the broker for news, and a move of a place waits for that fetch: so it waits little after a move. */
const SHORTEST_POLL_MS = 2
const LONGEST_POLL_MS = 250

/** No fetch has begun for so long: whatever kafkajs is doing, it is not reading. */
const STALLED_AFTER_MS = 3 * REQUEST_TIMEOUT_MS
const WATCH_EVERY_MS = 1000
/** A cluster that is gone does not keep us from closing. */
const PART_WITHIN_MS = 5000

const NOTHING = Buffer.alloc(0)

export interface ReaderOptions {
  readonly client: KafkaClient
  readonly partitions: readonly WatchedPartition[]
  /** Memory for what is fetched and not read; each partition has the same share. */
  readonly bufferBytes: number
  readonly patienceMs: number
  readonly idsOf: (topic: string) => SchemaIdMap | undefined
  /** Somebody's partition has grown beyond what this handle had heard, or has failed. */
  readonly onHeard: () => void
  readonly onTrouble: (error: unknown) => void
}

/**
 * One consumer with a static assignment, and its supervisor. The places are kept here, in the partitions' buffers: a consumer that
 * crashes or stalls is replaced by a new one that goes on where the last one stopped.
 *
 *   idle ── start ──▶ reading ── crash, stall ──▶ pause, growing ──▶ reading anew
 *                        │                          └── no fetch for `patienceMs` ──▶ failed
 *                        ├── an error that no new consumer helps against ──▶ failed
 *                        └── close ──▶ closed
 */
export class Reader {
  readonly #options: ReaderOptions
  readonly #byWireName: ReadonlyMap<string, WatchedPartition>
  readonly #shareBytes: number
  readonly #closed = new AbortController()
  #supervision: Promise<void> | undefined
  #consumer: Consumer | undefined
  #endSession: (error: unknown) => void = () => undefined
  #failure: Error | undefined
  #lastMoveAt = 0
  #lastFetchAt = 0

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#byWireName = new Map(
      options.partitions.map(of => [wireName(of.wireTopic, of.id.partition), of]),
    )
    this.#shareBytes = options.bufferBytes / Math.max(1, options.partitions.length)
  }

  /** Why nothing is read any more. */
  get failure(): Error | undefined {
    return this.#failure
  }

  start(): void {
    this.#supervision ??= this.#supervise()
  }

  /** Fetches `of` from `offset` on; what was buffered is dropped. */
  seek(of: WatchedPartition, offset: number): void {
    of.restartAt(offset)
    this.#place(of)
    this.resumeIfRoom(of)
  }

  resumeIfRoom(of: WatchedPartition): void {
    if (!of.isPaused || of.hasFailed || of.buffer.bytes > this.#shareBytes / 2) return
    of.isPaused = false
    this.#lastMoveAt = performance.now()
    this.#consumer?.resume([kafkaPlace(of)])
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#endSession(undefined)
    await this.#supervision
  }

  #isClosed(): boolean {
    return this.#closed.signal.aborted
  }

  async #supervise(): Promise<void> {
    const pauses = new Pauses()
    this.#lastFetchAt = performance.now()
    while (!this.#isClosed()) {
      const begunAt = performance.now()
      const error = await this.#session()
      if (this.#isClosed()) return
      this.#options.onTrouble(error)
      if (this.#failedPlace(error)) continue
      const fatal = this.#fatalOf(error)
      if (fatal !== undefined) {
        this.#failAll(fatal)
        return
      }
      if (this.#lastFetchAt > begunAt) pauses.restart()
      await sleep(pauses.next(), undefined, { signal: this.#closed.signal }).catch(() => undefined)
    }
  }

  /** Reads until something ends it; answers what. */
  async #session(): Promise<unknown> {
    const consumer = this.#newConsumer()
    const begunAt = performance.now()
    const ended = new Promise<unknown>(resolve => {
      this.#endSession = resolve
    })
    const watch = setInterval(() => {
      const silentMs = performance.now() - Math.max(begunAt, this.#lastFetchAt)
      if (silentMs > STALLED_AFTER_MS)
        this.#endSession(new AnswerTooLateError(`no fetch for ${Math.round(silentMs)} ms`))
    }, WATCH_EVERY_MS)
    this.#listen(consumer)
    const running = this.#run(consumer).catch(this.#endSession)
    const error = await ended
    clearInterval(watch)
    this.#consumer = undefined
    const parting = running.then(() => consumer.disconnect()).catch(() => undefined)
    if (this.#isClosed()) await within(PART_WITHIN_MS, () => parting).catch(() => undefined)
    return error
  }

  #newConsumer(): Consumer {
    const { client, partitions } = this.#options
    const byTopic: Record<string, number[]> = {}
    for (const { wireTopic, id } of partitions) (byTopic[wireTopic] ??= []).push(id.partition)
    return client.consumer({
      groupId: `${client.clientId}.reader.${randomUUID()}`,
      partitionAssigners: [staticAssigner(byTopic)],
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: PARTITION_FETCH_BYTES,
      maxWaitTimeInMs: () => this.#pollMs(),
    })
  }

  /** The longer nothing was moved, the longer a fetch may wait. */
  #pollMs(): number {
    const stillMs = performance.now() - this.#lastMoveAt
    return Math.round(Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, stillMs / 4)))
  }

  #listen(consumer: Consumer): void {
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (consumer === this.#consumer) this.#endSession(payload.error)
    })
    consumer.on(consumer.events.FETCH_START, () => {
      if (consumer === this.#consumer) this.#lastFetchAt = performance.now()
    })
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (consumer === this.#consumer && payload.batchSize === 0) this.#passedOver(payload)
    })
    // Joining anew, kafkajs forgets the places.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      if (consumer === this.#consumer) this.#placeAll()
    })
  }

  async #run(consumer: Consumer): Promise<void> {
    await consumer.connect()
    const topics = [...new Set(this.#options.partitions.map(({ wireTopic }) => wireTopic))]
    await consumer.subscribe({ topics })
    if (this.#isClosed()) return
    this.#consumer = consumer
    const running = consumer.run({
      autoCommit: false,
      eachBatch: payload => {
        this.#take(consumer, payload)
        return Promise.resolve()
      },
    })
    this.#placeAll()
    await running
  }

  #placeAll(): void {
    for (const of of this.#options.partitions) {
      this.#place(of)
      if (of.isPaused) this.#consumer?.pause([kafkaPlace(of)])
    }
  }

  #place(of: WatchedPartition): void {
    this.#lastMoveAt = performance.now()
    this.#consumer?.seek({
      topic: of.wireTopic,
      partition: of.id.partition,
      offset: String(of.buffer.next),
    })
  }

  #take(consumer: Consumer, payload: EachBatchPayload): void {
    if (consumer !== this.#consumer || payload.isStale()) return
    const { batch } = payload
    const of = this.#byWireName.get(wireName(batch.topic, batch.partition))
    if (of === undefined || of.hasFailed) return
    const gap = this.#addAll(of, batch.messages)
    if (gap !== undefined) {
      this.#fail(of, gap)
      return
    }
    const isNews = of.hear(Math.max(of.buffer.next, Number(batch.highWatermark)))
    this.#pauseIfFull(of)
    of.wake()
    if (isNews) this.#options.onHeard()
  }

  /** Every offset is compared with the one expected. */
  #addAll(of: WatchedPartition, messages: readonly KafkaMessage[]): Error | undefined {
    const ids = this.#options.idsOf(of.id.topic)
    for (const message of messages) {
      const record = recordOf(message, ids)
      if (record.offset !== of.buffer.next) return gapAt(of, record.offset)
      of.buffer.add(record)
    }
    return undefined
  }

  /** kafkajs keeps the marks of transactions to itself: offsets without a record. */
  #passedOver({ topic, partition, lastOffset }: PassedOver): void {
    const of = this.#byWireName.get(wireName(topic, partition))
    if (of === undefined || of.hasFailed || Number(lastOffset) < of.buffer.next) return
    this.#fail(of, gapAt(of, Number(lastOffset) + 1))
  }

  #pauseIfFull(of: WatchedPartition): void {
    if (of.buffer.bytes >= this.#shareBytes) this.#pause(of)
  }

  #pause(of: WatchedPartition): void {
    of.isPaused = true
    this.#consumer?.pause([kafkaPlace(of)])
  }

  /** It is not fetched any more, until somebody reads it from another place. */
  #fail(of: WatchedPartition, error: Error): void {
    this.#pause(of)
    of.fail(error)
    this.#options.onHeard()
  }

  /** A place out of range is one partition's affair; the others go on. */
  #failedPlace(error: unknown): boolean {
    const place = placeOutOfRange(error)
    const of = place && this.#byWireName.get(wireName(place.topic, place.partition))
    if (of === undefined) return false
    const where = `${nameOf(of.id)}@${of.buffer.next}`
    this.#fail(
      of,
      new OffsetOutOfRangeError(
        `${where}: the partition does not hold this offset any more, or has lost it; see \`sluice doctor\``,
        { cause: error },
      ),
    )
    return true
  }

  #fatalOf(error: unknown): Error | undefined {
    const where = this.#options.partitions.map(({ id }) => nameOf(id)).join(', ')
    if (treatmentOf(error) === 'stop') return stopErrorOf(error, `reading ${where}`)
    const { patienceMs } = this.#options
    if (performance.now() - this.#lastFetchAt < patienceMs) return undefined
    return unreachable({ where: `reading ${where}`, patienceMs }, error)
  }

  #failAll(error: Error): void {
    this.#failure = error
    for (const of of this.#options.partitions) of.wake()
    this.#options.onHeard()
  }
}

interface PassedOver {
  readonly topic: string
  readonly partition: number
  readonly lastOffset: string
}

const wireName = (topic: string, partition: number): string => `${topic}/${partition}`

const kafkaPlace = ({ wireTopic, id }: WatchedPartition) => ({
  topic: wireTopic,
  partitions: [id.partition],
})

/** A tombstone has no value: for us an empty one, which no codec takes. */
function recordOf(message: KafkaMessage, ids: SchemaIdMap | undefined): LogRecord {
  const value = message.value ?? NOTHING
  if (ids !== undefined) putOwnId(value, ids)
  const place = { offset: Number(message.offset), appendTime: Number(message.timestamp) }
  return logRecord(place, { key: message.key, value })
}

const gapAt = ({ id, buffer }: WatchedPartition, found: number): OffsetGapError =>
  new OffsetGapError(
    `${nameOf(id)}@${buffer.next}: the next record has offset ${found}; a topic that is compacted or written in transactions is read through \`sluice capture\``,
  )
