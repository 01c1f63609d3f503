import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { decodeEvent } from '@sluice/contracts/codec'
import { BatchReader, checkSound, type ReadBatch } from './batch-reader.ts'
import { genesis, judge, type ChainCursor } from './chain.ts'
import type { Digest } from './digest.ts'
import { LogForkedError } from './errors.ts'
import { CachedRecord, type LogRecord, type PartitionId, type StreamLog } from './log.ts'
import { leafOfRecord } from './merkle.ts'
import { genesisHead, taskName } from './receipt.ts'

/**
 * How the records of an exchange's topic are read where they are not our Avro. The log keeps them as they are; what is folded are
 * the events that this makes of them.
 */
export interface InputCodec {
  /** Format, version and the hash of its mapping: whatever decides what a record says. Hashed into every receipt. */
  readonly name: string
  /**
   * The events in one record, in order; none if it says nothing to us. A function of the record alone.
   * @throws DecodingError if the record is to be refused, as a whole.
   */
  decode(record: LogRecord): readonly SluiceEvent[]
}

/** One partition that a task reads. Tasks take their inputs in the order listed: the first is the most urgent. */
export interface TaskInput extends PartitionId {
  /** Written by a task of ours: read under the chain's rules. Otherwise every record is an input. */
  readonly ours: boolean
  /** Of an exchange's topic that does not hold our Avro. */
  readonly codec?: InputCodec
}

/** How far an input has been folded. For a partition of ours: the boundary before the batch being folded, with its chain. */
export interface InputCursor {
  readonly topic: string
  readonly partition: number
  /** Offset after the last folded record. */
  readonly position: number
  readonly chain: ChainCursor | null
}

/** A partition as its records are folded: filled asynchronously in chunks, taken one at a time without a promise. */
export interface InputReader {
  readonly input: TaskInput
  /** Offset after the last record taken. */
  readonly position: number
  /** For a partition of ours: the receipt that the last record taken belongs to. */
  readonly upstreamHead: Digest | null
  /** Void batches skipped so far (rule 3: counted). */
  readonly voidBatches: number
  /** Whether it is known, without asking the log, that `fill` would find nothing. */
  isDry(): boolean
  /** Reads ahead up to about `limit` records; whether `next` has one. */
  fill(limit: number): Promise<boolean>
  next(): LogRecord | undefined
  cursor(): InputCursor
}

export function openInput(log: StreamLog, input: TaskInput, from?: InputCursor): InputReader {
  return input.ours ? new ChainReader(log, input, from) : new PlainReader(log, input, from)
}

/** Leaf of an input record, hashed once for all tasks that share the object. */
export function leafOf(record: LogRecord): Digest {
  if (!(record instanceof CachedRecord)) return leafOfRecord(record)
  return (record.leaf ??= leafOfRecord(record))
}

/**
 * The event in a record, decoded once for all tasks that share the object.
 * @throws DecodingError
 */
export function decodedOf(record: LogRecord): SluiceEvent {
  if (!(record instanceof CachedRecord)) return decodeEvent(record.value)
  return (record.event ??= decodeEvent(record.value))
}

class PlainReader implements InputReader {
  readonly input: TaskInput
  readonly upstreamHead = null
  readonly voidBatches = 0
  readonly #log: StreamLog
  #position: number
  #records: readonly LogRecord[] = []
  #index = 0

  constructor(log: StreamLog, input: TaskInput, from: InputCursor | undefined) {
    this.#log = log
    this.input = input
    this.#position = from?.position ?? 0
  }

  get position(): number {
    return this.#position
  }

  isDry(): boolean {
    return this.#index >= this.#records.length && this.#log.isKnownEnd(this.input, this.#position)
  }

  async fill(limit: number): Promise<boolean> {
    if (this.#index < this.#records.length) return true
    this.#records = await this.#log.read(this.input, this.#position, limit)
    this.#index = 0
    return this.#records.length > 0
  }

  next(): LogRecord | undefined {
    const record = this.#records[this.#index]
    if (record === undefined) return undefined
    if (record.offset !== this.#position) throw gap(this.input, this.#position, record)
    this.#index += 1
    this.#position += 1
    return record
  }

  cursor(): InputCursor {
    const { topic, partition } = this.input
    return { topic, partition, position: this.#position, chain: null }
  }
}

const gap = ({ topic, partition }: TaskInput, offset: number, record: LogRecord): LogForkedError =>
  new LogForkedError(
    { topic, partition, offset },
    'offset_wrong',
    `the next record has offset ${record.offset}`,
  )

interface JudgedBatch {
  readonly before: ChainCursor
  readonly after: ChainCursor
  readonly events: readonly LogRecord[]
}

/** Rules 2 to 4: hands out only events of valid receipts. */
class ChainReader implements InputReader {
  readonly input: TaskInput
  readonly #batches: BatchReader
  /** After the last batch read and judged. */
  #chain: ChainCursor
  /** The boundary from which folding would be taken up again. */
  #folded: ChainCursor
  #position: number
  #upstreamHead: Digest
  #voidBatches = 0
  #current: JudgedBatch | undefined
  #index = 0

  constructor(log: StreamLog, input: TaskInput, from: InputCursor | undefined) {
    this.input = input
    this.#chain = from?.chain ?? genesis(genesisHead(taskName(input.topic, input.partition)))
    this.#folded = this.#chain
    this.#position = from?.position ?? 0
    this.#upstreamHead = this.#chain.head
    this.#batches = new BatchReader(log, input, this.#chain.offset)
  }

  get position(): number {
    return this.#position
  }

  get upstreamHead(): Digest {
    return this.#upstreamHead
  }

  get voidBatches(): number {
    return this.#voidBatches
  }

  isDry(): boolean {
    const left = (this.#current?.events.length ?? 0) - this.#index
    return left <= 0 && this.#batches.isDry()
  }

  async fill(): Promise<boolean> {
    while (!this.#advance()) {
      if (!(await this.#batches.fill())) return false
    }
    return true
  }

  next(): LogRecord | undefined {
    if (!this.#advance() || this.#current === undefined) return undefined
    const { before, after, events } = this.#current
    const record = events[this.#index]
    if (record === undefined) return undefined
    this.#index += 1
    this.#position = record.offset + 1
    this.#upstreamHead = after.head
    this.#folded = this.#index === events.length ? after : before
    return record
  }

  /** What was read ahead does not show: the same folded records give the same cursor. */
  cursor(): InputCursor {
    const { topic, partition } = this.input
    return { topic, partition, position: this.#position, chain: this.#folded }
  }

  /** Steps to the next event that was read and is not folded yet; whether there is one. */
  #advance(): boolean {
    for (;;) {
      const events = this.#current?.events
      if (events !== undefined) {
        while ((events[this.#index]?.offset ?? Infinity) < this.#position) this.#index += 1
        if (this.#index < events.length) return true
      }
      const batch = this.#batches.take()
      if (batch === undefined) return false
      this.#judge(batch)
    }
  }

  #judge(batch: ReadBatch): void {
    const verdict = judge(this.#chain, batch.sealed.link)
    if (verdict.kind === 'fork')
      throw new LogForkedError(
        { ...this.input, offset: batch.offset },
        verdict.reason,
        verdict.detail,
      )
    if (verdict.kind === 'void') this.#voidBatches += 1
    else {
      checkSound(this.input, batch)
      if (batch.events.length > 0) {
        this.#current = { before: this.#chain, after: verdict.cursor, events: batch.events }
        this.#index = 0
      }
    }
    this.#chain = verdict.cursor
  }
}
