import { encodeExactly } from '@sluice/contracts/codec'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import type { SealedReceipt } from './receipt.ts'

/** One partition of one topic. */
export interface PartitionId {
  readonly topic: string
  readonly partition: number
}

export interface RecordToAppend {
  readonly key: Uint8Array | null
  readonly value: Uint8Array
}

/**
 * A record as the log holds it. `appendTime` is given by the log, in milliseconds; it is the record's for good, whoever reads it from
 * wherever. Within a partition it never falls, unless a broker's clock does: task time never falls anyway.
 */
export interface LogRecord extends RecordToAppend {
  readonly offset: number
  readonly appendTime: number
}

/**
 * The port to a log: partitions of records with offsets from 0, without gaps. Every log passes the adapter suite of
 * `@sluice/testkit/adapter-suite`.
 */
export interface StreamLog {
  /**
   * Appends all records as one record batch, durable or absent as a whole, and answers the offset of the first.
   * @throws NoAnswerError if the outcome is unknown: the same records are then sent again (rule 7).
   */
  append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number>
  /** Up to `limit` records from `offset` on, in order; empty at the end of the partition.
   * @throws OffsetOutOfRangeError if `offset` lies beyond the end or before the first record kept. */
  read(from: PartitionId, offset: number, limit: number): Promise<readonly LogRecord[]>
  /**
   * Whether, as far as this handle has heard (what it appended, read, or was told), no record lies from `offset` on; whoever waits for
   * `changed` is woken when it hears more. Asks nobody, so another's append may have been answered and not yet be heard of: `read`
   * asks. Who says `offset` stands there: the handle may forget what lies before it. False says nothing.
   */
  isKnownEnd(of: PartitionId, offset: number): boolean
  /** Offset after the last record; 0 for a partition never written. */
  end(of: PartitionId): Promise<number>
  /** Resolves when something may have been appended anywhere since the call, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A receipt as its task appends it: a log that keeps the record in memory spares its readers from judging these bytes anew. */
export class ReceiptToAppend implements RecordToAppend {
  readonly key = null
  readonly value: Uint8Array
  readonly receipt: SealedReceipt

  constructor(value: Uint8Array, receipt: SealedReceipt) {
    this.value = value
    this.receipt = receipt
  }
}

/**
 * An event as its writer appends it: a log that keeps the record in memory spares its readers decoding these bytes. The event is
 * everybody's from now on, so neither it nor anything in it may change; where the bytes say less than it, readers decode them.
 */
export class EventToAppend implements RecordToAppend {
  readonly key: Uint8Array | null
  readonly value: Uint8Array
  readonly event: SluiceEvent
  readonly isExact: boolean

  /** @throws EncodingError if the event breaks its schema. */
  constructor(event: SluiceEvent, key: Uint8Array | null = null) {
    const { bytes, isExact } = encodeExactly(event)
    this.key = key
    this.value = bytes
    this.event = event
    this.isExact = isExact
  }
}

/**
 * A record as logs of this process build it. Several tasks read the same object, so what each would derive from it anew is kept
 * on it: the leaf hash, the decoded event, the judged receipt. Whoever derives it fills it in; it depends on the bytes alone.
 */
export class CachedRecord implements LogRecord {
  readonly offset: number
  readonly appendTime: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array
  /** Filled by `leafOf`. */
  leaf: string | undefined = undefined
  /** Filled by its writer, or by `decodedOf`. */
  event: SluiceEvent | undefined
  /** Filled by the reader, on a receipt's record once its batch has been checked. */
  receipt: SealedReceipt | undefined

  constructor(place: { offset: number; appendTime: number }, content: RecordToAppend) {
    this.offset = place.offset
    this.appendTime = place.appendTime
    this.key = content.key
    this.value = content.value
    this.event = content instanceof EventToAppend && content.isExact ? content.event : undefined
    this.receipt = content instanceof ReceiptToAppend ? content.receipt : undefined
  }
}

/** What every `StreamLog` makes its records with. The bytes must never change afterwards. */
export function logRecord(
  place: { offset: number; appendTime: number },
  content: RecordToAppend,
): LogRecord {
  return new CachedRecord(place, content)
}

/** The log did not answer: the append may or may not have happened. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

export class OffsetOutOfRangeError extends Error {
  override readonly name = 'OffsetOutOfRangeError'
}
