import { DecodingError } from '@sluice/contracts/codec-errors'
import { LogForkedError, placeText } from './errors.ts'
import { CachedRecord, type LogRecord, type PartitionId, type StreamLog } from './log.ts'
import { digestFromBytes, hexOfDigest } from './digest.ts'
import { rootOfEvents } from './merkle.ts'
import { openReceipt, taskName, type SealedReceipt } from './receipt.ts'

/** One record batch of a partition of ours, whole, not yet judged. */
export interface ReadBatch {
  /** Offset of the receipt. */
  readonly offset: number
  readonly receipt: LogRecord
  readonly sealed: SealedReceipt
  readonly events: readonly LogRecord[]
}

const RECORDS_PER_READ = 4096

/** Puts the records of a partition of ours together to batches, in order. */
export class BatchReader {
  readonly partition: PartitionId
  readonly #log: StreamLog
  #queue: ReadBatch[] = []
  #taken = 0
  /** Offset of the next record to read from the log. */
  #offset: number
  #receipt: LogRecord | undefined
  #sealed: SealedReceipt | undefined
  #events: LogRecord[] = []

  constructor(log: StreamLog, partition: PartitionId, offset: number) {
    this.#log = log
    this.partition = partition
    this.#offset = offset
  }

  /** Offset after the last batch read, whole. */
  get readTo(): number {
    return this.#offset
  }

  /** Goes on at the boundary `offset`; what was read ahead is forgotten. */
  seek(offset: number): void {
    this.#queue = []
    this.#taken = 0
    this.#offset = offset
    this.#receipt = undefined
    this.#sealed = undefined
    this.#events = []
  }

  /** The next batch that is already read, or undefined. */
  take(): ReadBatch | undefined {
    const batch = this.#queue[this.#taken]
    if (batch === undefined) return undefined
    this.#taken += 1
    if (this.#taken === this.#queue.length) {
      this.#queue = []
      this.#taken = 0
    }
    return batch
  }

  /** Whether it is known that `fill` would find nothing. */
  isDry(): boolean {
    return (
      this.#taken === this.#queue.length &&
      this.#receipt === undefined &&
      this.#log.isKnownEnd(this.partition, this.#offset)
    )
  }

  /** Reads on; whether `take` has something now. A batch is atomic, so it never ends before its receipt says. */
  async fill(): Promise<boolean> {
    while (this.#taken === this.#queue.length) {
      const records = await this.#log.read(this.partition, this.#offset, RECORDS_PER_READ)
      if (records.length === 0) {
        if (this.#receipt !== undefined) throw this.#incomplete()
        return false
      }
      for (const record of records) this.#add(record)
    }
    return true
  }

  async next(): Promise<ReadBatch | undefined> {
    return (await this.fill()) ? this.take() : undefined
  }

  #add(record: LogRecord): void {
    if (record.offset !== this.#offset)
      throw this.#fork(
        'offset_wrong',
        `the record after ${this.#offset - 1} has offset ${record.offset}`,
      )
    this.#offset += 1
    if (this.#receipt === undefined) {
      this.#receipt = record
      this.#sealed = this.#open(record)
    } else this.#events.push(record)
    this.#finishIfWhole()
  }

  #finishIfWhole(): void {
    const receipt = this.#receipt
    const sealed = this.#sealed
    const events = this.#events
    if (receipt === undefined || sealed === undefined) return
    if (events.length < sealed.link.eventCount) return
    this.#queue.push({ offset: receipt.offset, receipt, sealed, events })
    this.#receipt = undefined
    this.#sealed = undefined
    this.#events = []
  }

  #open(record: LogRecord): SealedReceipt {
    if (record instanceof CachedRecord && record.receipt !== undefined) return record.receipt
    try {
      return openReceipt(record.value)
    } catch (error) {
      if (!(error instanceof DecodingError)) throw error
      throw this.#fork('receipt_unreadable', `no receipt where a batch begins: ${error.message}`)
    }
  }

  #incomplete(): LogForkedError {
    const missing = (this.#sealed?.link.eventCount ?? 0) - this.#events.length
    return this.#fork(
      'batch_incomplete',
      `the log ends ${missing} events before its last batch does`,
    )
  }

  #fork(reason: 'offset_wrong' | 'receipt_unreadable' | 'batch_incomplete', detail: string) {
    return new LogForkedError({ ...this.partition, offset: this.#offset }, reason, detail)
  }
}

/**
 * Rule 3 for a receipt that links: the events are those it was written with, and the task is the partition's. Checked once
 * for each record object, however many readers share it.
 *
 * @throws LogForkedError
 */
export function checkSound(partition: PartitionId, batch: ReadBatch): void {
  const { receipt, sealed, events, offset } = batch
  if (receipt instanceof CachedRecord && receipt.receipt !== undefined) return
  const place = { ...partition, offset }
  const task = taskName(partition.topic, partition.partition)
  if (sealed.receipt.task !== task)
    throw new LogForkedError(
      place,
      'task_wrong',
      `a receipt of ${sealed.receipt.task} in the partition of ${task}`,
    )
  const keyed = receipt.key === null ? events.find(({ key }) => key !== null) : receipt
  if (keyed !== undefined)
    throw new LogForkedError(
      place,
      'events_root_wrong',
      `the record at ${placeText({ ...place, offset: keyed.offset })} has a key`,
    )
  const logged = digestFromBytes(sealed.receipt.eventsRoot)
  const computed = rootOfEvents(events.map(({ value }) => value))
  if (logged !== computed)
    throw new LogForkedError(
      place,
      'events_root_wrong',
      `the events after receipt ${sealed.link.sequence} of ${task} have root ${hexOfDigest(computed)}, not ${hexOfDigest(logged)}`,
    )
  if (receipt instanceof CachedRecord) receipt.receipt = sealed
}
