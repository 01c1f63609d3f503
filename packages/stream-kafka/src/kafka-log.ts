import {
  OffsetOutOfRangeError,
  type LogRecord,
  type PartitionId,
  type RecordToAppend,
  type StreamLog,
} from '@sluice/stream-runtime/log'
import { EmptyAppendError } from '@sluice/stream-runtime/memory-log'
import { Appender } from './appender.ts'
import type { KafkaClient, TopicNames } from './kafka-client.ts'
import { KafkaLogClosedError, PartitionNotWatchedError, TopicMissingError } from './kafka-errors.ts'
import { Offsets, type OffsetRange } from './offsets.ts'
import { Reader } from './reader.ts'
import { nameOf, WatchedPartition } from './watched-partition.ts'
import type { SchemaIdMap } from './schema-id-map.ts'

export interface KafkaLogOptions {
  readonly client: KafkaClient
  readonly names: TopicNames
  /** What this handle reads. It may append anywhere. */
  readonly partitions: readonly PartitionId[]
  /** Of the registry, if the topics go by one. */
  readonly schemaIds?: SchemaIdMap
  /** Topics whose values begin with a schema id. Default: all. */
  readonly isAvro?: (topic: string) => boolean
  /** Memory for what was fetched and not read yet. Default 64 MiB; one fetch of 8 MiB may come on top. */
  readonly bufferBytes?: number
  /** How long reading goes on without any answer from the cluster. Default 10 minutes. */
  readonly patienceMs?: number
  /** Every failure that is being dealt with: for logs and metrics. */
  readonly onTrouble?: (error: unknown) => void
}

const BUFFER_BYTES = 64 * 1024 * 1024
const PATIENCE_MS = 600_000
/** Waiting for records that must be there, the end is asked for again so often: the log may have lost them. */
const ASK_AGAIN_MS = 2000

/**
 * A log on Kafka, as one handle of one reader.
 * @throws TopicMissingError, NotAuthorisedError, KafkaUnreachableError.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<KafkaLog> {
  const log = new KafkaLog(options)
  try {
    await log.open()
  } catch (error) {
    await log.close()
    throw error
  }
  return log
}

export class KafkaLog implements StreamLog {
  readonly #options: KafkaLogOptions
  readonly #watched = new Map<string, WatchedPartition>()
  readonly #closed = new AbortController()
  readonly #appender: Appender
  readonly #offsets: Offsets
  readonly #waiting = new Set<() => void>()
  #reader: Reader | undefined

  constructor(options: KafkaLogOptions) {
    this.#options = options
    const { client, names, patienceMs = PATIENCE_MS } = options
    const onTrouble = (error: unknown) => this.#options.onTrouble?.(error)
    this.#offsets = new Offsets({ client, patienceMs, signal: this.#closed.signal, onTrouble })
    this.#appender = new Appender({ client, wireTopicOf: names, idsOf: this.#idsOf, onTrouble })
  }

  /** Learns how far the partitions go. The first reading or waiting opens the consumer. */
  async open(): Promise<void> {
    const { names, partitions, client, bufferBytes = BUFFER_BYTES } = this.#options
    const topics = [...new Set(partitions.map(({ topic }) => topic))]
    const ranges = new Map(
      await Promise.all(
        topics.map(async topic => [topic, await this.#offsets.ofTopic(names(topic))] as const),
      ),
    )
    for (const id of partitions) {
      const end = ranges.get(id.topic)?.get(id.partition)?.end
      if (end === undefined) throw noSuchPartition(names(id.topic), id)
      this.#watched.set(nameOf(id), new WatchedPartition(id, names(id.topic), end))
    }
    this.#reader = new Reader({
      client,
      partitions: [...this.#watched.values()],
      bufferBytes,
      patienceMs: this.#options.patienceMs ?? PATIENCE_MS,
      idsOf: this.#idsOf,
      onHeard: () => {
        this.#wakeAll()
      },
      onTrouble: error => this.#options.onTrouble?.(error),
    })
  }

  async append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    if (records.length === 0)
      throw new EmptyAppendError(`${nameOf(target)}: an append of no records has no offset`)
    const base = await this.#appender.append(target, records)
    this.#heard(this.#watched.get(nameOf(target)), base + records.length)
    return base
  }

  read(from: PartitionId, offset: number, limit: number): Promise<readonly LogRecord[]> {
    const of = this.#watched.get(nameOf(from))
    if (of === undefined) return Promise.reject(notWatched(from))
    const reading = of.turn.then(() => this.#readInTurn(of, offset, limit))
    of.turn = reading.catch(() => undefined)
    return reading
  }

  isKnownEnd(partition: PartitionId, offset: number): boolean {
    const of = this.#watched.get(nameOf(partition))
    if (of === undefined || of.hasFailed || of.heardEnd !== offset) return false
    if (this.#reader?.failure !== undefined) return false
    // Whoever stands at the end wants nothing of what lies before it, and goes by what this handle hears from now on.
    of.buffer.skipTo(offset)
    this.#reader?.resumeIfRoom(of)
    this.#reader?.start()
    return true
  }

  async end(partition: PartitionId): Promise<number> {
    const wireTopic = this.#options.names(partition.topic)
    const { end } = await this.#offsets.of(wireTopic, partition.partition)
    this.#heard(this.#watched.get(nameOf(partition)), end)
    return end
  }

  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#isClosed) return Promise.resolve()
    this.#reader?.start()
    return new Promise(resolve => {
      const wake = () => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#wakeAll()
    for (const of of this.#watched.values()) of.wake()
    await Promise.all([this.#reader?.close(), this.#appender.close(), this.#offsets.close()])
  }

  /** Memory of what was fetched and not read yet, roughly. */
  get bufferedBytes(): number {
    let bytes = 0
    for (const { buffer } of this.#watched.values()) bytes += buffer.bytes
    return bytes
  }

  get #isClosed(): boolean {
    return this.#closed.signal.aborted
  }

  /** Empty only where the cluster says that the partition ends. */
  async #readInTurn(of: WatchedPartition, offset: number, limit: number) {
    const reader = this.#readerOf(of)
    for (let hasWaited = false; ; hasWaited = true) {
      this.#checkSound(of, offset)
      const records = of.buffer.read(offset, limit)
      reader.resumeIfRoom(of)
      if (records.length > 0) return records
      if (hasWaited || of.heardEnd <= offset || !of.buffer.leadsTo(offset)) {
        const heardBefore = of.heardEnd
        const range = await this.#offsets.of(of.wireTopic, of.id.partition)
        if (this.#isEnd(of, offset, { ...range, heardBefore })) return []
        if (!of.buffer.leadsTo(offset)) reader.seek(of, offset)
      }
      reader.start()
      await of.arrival(ASK_AGAIN_MS)
    }
  }

  #checkSound(of: WatchedPartition, offset: number): void {
    if (this.#isClosed) throw new KafkaLogClosedError(`${nameOf(of.id)}: the log is closed`)
    const failure = this.#reader?.failure ?? of.failureAt(offset)
    if (failure !== undefined) throw failure
  }

  /** @throws OffsetOutOfRangeError if the partition does not hold `offset`, or has held more than it does now. */
  #isEnd(of: WatchedPartition, offset: number, range: AskedRange): boolean {
    const { first, end, heardBefore } = range
    this.#heard(of, end)
    // What was heard while the question was under way says nothing against the answer.
    const isLost = offset === end && heardBefore > end
    if (offset >= first && offset <= end && !isLost) return offset === of.heardEnd
    throw new OffsetOutOfRangeError(
      `${nameOf(of.id)}@${offset}: the partition holds ${first} to ${end}, and was heard to go to ${heardBefore}; start from a cursor of this log, and see \`sluice doctor\``,
    )
  }

  #readerOf(of: WatchedPartition): Reader {
    if (this.#reader === undefined)
      throw new KafkaLogClosedError(`${nameOf(of.id)}: the log is not open`)
    return this.#reader
  }

  #heard(of: WatchedPartition | undefined, end: number): void {
    if (of?.hear(end) === true) this.#wakeAll()
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  readonly #idsOf = (topic: string): SchemaIdMap | undefined =>
    (this.#options.isAvro ?? everyTopic)(topic) ? this.#options.schemaIds : undefined
}

/** How far a partition goes, and what had been heard of that before the question. */
interface AskedRange extends OffsetRange {
  readonly heardBefore: number
}

const everyTopic = (): boolean => true

const noSuchPartition = (wireTopic: string, { partition }: PartitionId): TopicMissingError =>
  new TopicMissingError(
    `${wireTopic}-${partition}: the topic has no such partition; check the counts with \`sluice topics check\``,
  )

const notWatched = (of: PartitionId): PartitionNotWatchedError =>
  new PartitionNotWatchedError(
    `${nameOf(of)}: this handle was not opened for it; name it in \`partitions\``,
  )
