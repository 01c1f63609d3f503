import { randomUUID } from 'node:crypto'
import type { Admin, Consumer, EachBatchPayload, KafkaMessage, Message, Producer } from 'kafkajs'
import { KafkaAdminError, withAdmin } from './kafka-admin.ts'
import type { KafkaClient } from './kafka-client.ts'
import { KafkaUnreachableError, stopErrorOf, treatmentOf } from './kafka-errors.ts'
import { Pauses } from './patience.ts'
import { staticAssigner } from './static-assigner.ts'

export interface CaptureOptions {
  readonly client: KafkaClient
  /** Topics by their names on the broker. `to` is created if it is not there. */
  readonly from: string
  readonly to: string
  /** Of `to`, where it is created. */
  readonly replicationFactor: number
  /** Ends when all that was there at the start has been copied; otherwise it goes on until the signal. */
  readonly once: boolean
  readonly signal: AbortSignal
  readonly onProgress?: (copied: number) => void
}

/** What came of one partition. */
export interface CapturedPartition {
  readonly partition: number
  /** Records copied by this run. */
  readonly copied: number
  /** Offset of the source from which the next run goes on. */
  readonly next: number
  /** Offsets that the source had dropped before they were copied. A compacted source drops some by design. */
  readonly missed: number
}

/** The copy cannot be made, or is not one. */
export class CaptureError extends KafkaAdminError {
  override readonly name = 'CaptureError'
}

/** Headers of a copy that say where its record was. */
export const ORIGINAL = {
  topic: 'sluice-original-topic',
  partition: 'sluice-original-partition',
  offset: 'sluice-original-offset',
  timestamp: 'sluice-original-timestamp',
} as const

const ALL_REPLICAS = -1
const CHUNK_BYTES = 512 * 1024
/** A source whose last records were compacted away has an end that nobody can read up to: so many fetches without a record are the end. */
const QUIET_FETCHES = 30
const LOOK_EVERY_MS = 100
const TAIL_WITHIN_MS = 30_000
/** How long it is tried again without a record copied. */
const PATIENCE_MS = 60_000

interface Copying {
  readonly partition: number
  /** Offset in the source of the next record to copy. */
  next: number
  /** End of the source when the run began. */
  readonly goal: number
  /** End of the copy. */
  end: number
  copied: number
  readonly missed: number
}

/**
 * Copies a topic whose records do not stay: key, value and headers as they are, each record with its original place in headers, each
 * partition to the one of its number. The copy knows by its own tail how far it has come, so it can be stopped and started at will, and what
 * is copied is copied once. One run at a time: two would each copy everything, and the second to notice ends with an error.
 *
 * @throws CaptureError, NotAuthorisedError, KafkaUnreachableError.
 */
export async function captureTopic(options: CaptureOptions): Promise<readonly CapturedPartition[]> {
  const totals = new Map<number, CapturedPartition>()
  const pauses = new Pauses()
  let goodAt = performance.now()
  for (;;) {
    const copies: Copying[] = []
    try {
      await captureOnce(options, copies)
      addUp(totals, copies)
      return [...totals.values()]
    } catch (error) {
      addUp(totals, copies)
      if (copies.some(({ copied }) => copied > 0)) goodAt = performance.now()
      if (!isPassing(error) || performance.now() - goodAt > PATIENCE_MS) throw error
      await new Promise(resolve => setTimeout(resolve, pauses.next()))
    }
  }
}

/** From the tail of the copy on, until the end or a failure; a failure is survived by beginning again at the tail. */
async function captureOnce(options: CaptureOptions, copies: Copying[]): Promise<void> {
  const { client, from } = options
  copies.push(...(await withAdmin(client, `capturing ${from}`, admin => survey(admin, options))))
  await new Capture(options, copies).run()
}

const isPassing = (error: unknown): boolean =>
  !(error instanceof CaptureError) &&
  (error instanceof KafkaUnreachableError || treatmentOf(error) !== 'stop')

function addUp(totals: Map<number, CapturedPartition>, copies: readonly Copying[]): void {
  for (const { partition, next, copied, missed } of copies) {
    const before = totals.get(partition)
    totals.set(partition, {
      partition,
      next,
      copied: copied + (before?.copied ?? 0),
      missed: missed + (before?.missed ?? 0),
    })
  }
}

async function survey(admin: Admin, options: CaptureOptions): Promise<Copying[]> {
  const { from, to, client } = options
  const known = new Set(await admin.listTopics())
  if (!known.has(from))
    throw new CaptureError(`there is no topic ${from}, or none that this principal may read`)
  const source = await admin.fetchTopicOffsets(from)
  if (!known.has(to)) await create(admin, options, source.length)
  const copy = await admin.fetchTopicOffsets(to)
  if (copy.length !== source.length)
    throw new CaptureError(
      `${from} has ${source.length} partitions and ${to} has ${copy.length}: a copy has as many; name another topic`,
    )
  const ends = new Map(copy.map(({ partition, high }) => [partition, Number(high)]))
  const tails = await new TailReader(client, to).read(ends)
  const inOrder = source.toSorted((left, right) => left.partition - right.partition)
  return inOrder.map(({ partition, low, high }) => {
    const resume = resumeAt(options, partition, tails.get(partition))
    const next = Math.max(resume, Number(low))
    const missed = tails.has(partition) ? next - resume : 0
    return { partition, next, missed, goal: Number(high), end: ends.get(partition) ?? 0, copied: 0 }
  })
}

async function create(
  admin: Admin,
  { to, replicationFactor }: CaptureOptions,
  numPartitions: number,
): Promise<void> {
  const settings = {
    'cleanup.policy': 'delete',
    'retention.ms': '-1',
    'message.timestamp.type': 'LogAppendTime',
  }
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  await admin.createTopics({
    topics: [{ topic: to, numPartitions, replicationFactor, configEntries }],
    waitForLeaders: true,
  })
}

/** Where the copy goes on, by its last record. */
function resumeAt(
  { from, to }: CaptureOptions,
  partition: number,
  tail: KafkaMessage | undefined,
): number {
  if (tail === undefined) return 0
  const text = (name: string): string => String(tail.headers?.[name] ?? '')
  const offset = Number(text(ORIGINAL.offset))
  if (text(ORIGINAL.topic) === from && text(ORIGINAL.partition) === String(partition))
    return offset + 1
  throw new CaptureError(
    `${to}-${partition} ends with a record that is no copy of ${from}-${partition}: a capture is the only writer of its topic; name another`,
  )
}

const newConsumer = (client: KafkaClient, topic: string, partitions: readonly number[]): Consumer =>
  client.consumer({
    groupId: `${client.clientId}.capture.${randomUUID()}`,
    partitionAssigners: [staticAssigner({ [topic]: [...partitions] })],
    maxWaitTimeInMs: LOOK_EVERY_MS,
  })

/** Reads the last record of each partition that has one. */
class TailReader {
  readonly #client: KafkaClient
  readonly #topic: string

  constructor(client: KafkaClient, topic: string) {
    this.#client = client
    this.#topic = topic
  }

  async read(ends: ReadonlyMap<number, number>): Promise<ReadonlyMap<number, KafkaMessage>> {
    const filled = [...ends].filter(([, end]) => end > 0)
    const tails = new Map<number, KafkaMessage>()
    if (filled.length === 0) return tails
    const topic = this.#topic
    const consumer = newConsumer(
      this.#client,
      topic,
      filled.map(([partition]) => partition),
    )
    try {
      await consumer.connect()
      await consumer.subscribe({ topics: [topic] })
      const place = (): void => {
        for (const [partition, end] of filled)
          consumer.seek({ topic, partition, offset: String(end - 1) })
      }
      consumer.on(consumer.events.GROUP_JOIN, place)
      const running = consumer.run({
        autoCommit: false,
        eachBatch: ({ batch }) => {
          const last = batch.messages.at(-1)
          if (last !== undefined) tails.set(batch.partition, last)
          return Promise.resolve()
        },
      })
      place()
      await running
      await until(() => tails.size === filled.length, TAIL_WITHIN_MS)
    } finally {
      await consumer.disconnect()
    }
    if (tails.size === filled.length) return tails
    throw new CaptureError(
      `the end of ${topic} cannot be read: it is no capture's, or the broker is slow; try again`,
    )
  }
}

async function until(isDone: () => boolean, withinMs: number): Promise<void> {
  const giveUpAt = performance.now() + withinMs
  while (!isDone() && performance.now() < giveUpAt)
    await new Promise(resolve => setTimeout(resolve, LOOK_EVERY_MS))
}

/** One run: a consumer of the source, a producer to the copy, and whatever ends it first. */
class Capture {
  readonly #options: CaptureOptions
  readonly #copies: ReadonlyMap<number, Copying>
  #quietFetches = 0
  #failure: unknown

  constructor(options: CaptureOptions, copies: readonly Copying[]) {
    this.#options = options
    this.#copies = new Map(copies.map(each => [each.partition, each]))
  }

  async run(): Promise<void> {
    const { client, from, signal } = this.#options
    if (this.#isDone()) return
    const consumer = newConsumer(client, from, [...this.#copies.keys()])
    const producer = client.producer({ idempotent: true })
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#failure ??= payload.error
    })
    consumer.on(consumer.events.FETCH, () => {
      this.#quietFetches += 1
    })
    try {
      await producer.connect()
      await this.#consume(consumer, producer)
      while (!this.#hasEnded() && !signal.aborted)
        await until(() => this.#hasEnded(), LOOK_EVERY_MS)
    } finally {
      await consumer.disconnect()
      await producer.disconnect()
    }
    if (this.#failure !== undefined) throw this.#clear(this.#failure)
  }

  #hasEnded(): boolean {
    return this.#failure !== undefined || this.#isDone()
  }

  #isDone(): boolean {
    if (!this.#options.once) return false
    const isQuiet = this.#quietFetches > QUIET_FETCHES
    return isQuiet || [...this.#copies.values()].every(({ next, goal }) => next >= goal)
  }

  async #consume(consumer: Consumer, producer: Producer): Promise<void> {
    const { from } = this.#options
    await consumer.connect()
    await consumer.subscribe({ topics: [from] })
    // Joining anew, kafkajs forgets the places.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      this.#place(consumer)
    })
    const running = consumer.run({
      autoCommit: false,
      // What fails ends the run: kafkajs would offer the same batch again, and part of it may be copied.
      eachBatch: payload =>
        this.#copy(producer, payload).catch((error: unknown) => {
          this.#fail(error)
        }),
    })
    this.#place(consumer)
    await running
  }

  #place(consumer: Consumer): void {
    for (const { partition, next } of this.#copies.values())
      consumer.seek({ topic: this.#options.from, partition, offset: String(next) })
  }

  #fail(error: unknown): void {
    this.#failure ??= error
  }

  async #copy(producer: Producer, { batch }: EachBatchPayload): Promise<void> {
    const copying = this.#copies.get(batch.partition)
    if (copying === undefined) return
    const fresh = batch.messages.filter(({ offset }) => Number(offset) >= copying.next)
    for (const chunk of chunksOf(fresh)) {
      if (this.#failure !== undefined || this.#options.signal.aborted) return
      await this.#send(producer, copying, chunk)
    }
  }

  async #send(producer: Producer, copying: Copying, chunk: readonly KafkaMessage[]): Promise<void> {
    const { to, from } = this.#options
    const { partition } = copying
    const messages = chunk.map(message => copyOf(message, from, partition))
    const [answer] = await producer.send({ topic: to, acks: ALL_REPLICAS, messages })
    if (Number(answer?.baseOffset) !== copying.end)
      throw new CaptureError(
        `somebody else writes to ${to}-${partition}: record ${answer?.baseOffset ?? '?'} came where ${copying.end} was expected; a capture is the only writer of its topic, and runs once`,
      )
    copying.end += messages.length
    copying.copied += messages.length
    copying.next = Number(chunk.at(-1)?.offset) + 1
    this.#quietFetches = 0
    this.#options.onProgress?.(messages.length)
  }

  #clear(error: unknown): Error {
    const doing = `capturing ${this.#options.from}`
    if (error instanceof CaptureError) return error
    if (treatmentOf(error) === 'stop') return stopErrorOf(error, doing)
    return new KafkaUnreachableError(`${doing}: ${String(error)}`, { cause: error })
  }
}

function copyOf(message: KafkaMessage, from: string, partition: number): Message {
  const { key, value, headers, offset, timestamp } = message
  const original = {
    [ORIGINAL.topic]: from,
    [ORIGINAL.partition]: String(partition),
    [ORIGINAL.offset]: offset,
    [ORIGINAL.timestamp]: timestamp,
  }
  return { key, value, partition, headers: { ...headers, ...original } }
}

/** Whole messages, up to about half a megabyte together. */
function chunksOf(messages: readonly KafkaMessage[]): readonly (readonly KafkaMessage[])[] {
  const chunks: KafkaMessage[][] = []
  let bytes = Infinity
  for (const message of messages) {
    const size = (message.key?.length ?? 0) + (message.value?.length ?? 0)
    if (bytes + size > CHUNK_BYTES) {
      chunks.push([])
      bytes = 0
    }
    chunks.at(-1)?.push(message)
    bytes += size
  }
  return chunks
}
