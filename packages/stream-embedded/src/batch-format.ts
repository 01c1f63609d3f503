import { crc32 } from 'node:zlib'
import type { LogRecord, RecordToAppend } from '@sluice/stream-runtime/log'
import { logRecord } from '@sluice/stream-runtime/log'
import { BatchTooLargeError, LogDamagedError } from './errors.ts'

/**
 * One record batch is one entry. All numbers are big-endian.
 *
 *     key    0  u32  partition (number given to the pair of topic and partition at its first append)
 *            4  u64  offset of the first record
 *
 *     value  0  u8   layout (1)
 *            1  u8   0
 *            2  u16  0
 *            4  u32  CRC-32 of the key and of the value from byte 8 on
 *            8  u64  append time of all records, milliseconds
 *           16  u32  number of records, at least 1
 *           20       for each record: i32 length of its key (-1: no key), u32 length of its value
 *            …       for each record: key bytes, value bytes
 *
 * The CRC finds what a disk does to a batch, including one that was moved. What a person does to it is found by
 * the receipts' Merkle roots.
 */
const LAYOUT = 1
const CRC_AT = 4
const CRC_FROM = 8
const TIME_AT = 8
const COUNT_AT = 16
const HEADER_BYTES = 20
const LENGTHS_BYTES = 8
const KEY_BYTES = 12

/** Largest entry; an append beyond it is a mistake of the caller long before it is one of lmdb's limits. */
export const BATCH_BYTES_MAX = 256 * 1024 * 1024

/** Which partition an entry belongs to: its number in this file, and its name for people. */
export interface StoredPartition {
  readonly number: number
  readonly topic: string
  readonly partition: number
}

export interface StoredBatch {
  readonly baseOffset: number
  readonly appendTime: number
  readonly records: readonly LogRecord[]
}

export function batchKey(partitionNumber: number, baseOffset: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES)
  key.writeUInt32BE(partitionNumber, 0)
  writeSafeInteger(key, baseOffset, 4)
  return key
}

/** Sorts before all keys of the partition, and after all keys of those with lower numbers. */
export function partitionPrefix(partitionNumber: number): Buffer {
  const prefix = Buffer.allocUnsafe(4)
  prefix.writeUInt32BE(partitionNumber, 0)
  return prefix
}

export function baseOffsetOf(key: Uint8Array): number {
  return readSafeInteger(viewOf(key), 4)
}

/** @throws BatchTooLargeError beyond `BATCH_BYTES_MAX`. */
export function batchBytes(records: readonly RecordToAppend[]): number {
  let bytes = HEADER_BYTES + records.length * LENGTHS_BYTES
  for (const { key, value } of records) bytes += (key?.length ?? 0) + value.length
  if (bytes <= BATCH_BYTES_MAX) return bytes
  throw new BatchTooLargeError(
    `a batch of ${records.length} records takes ${bytes} bytes, more than the ${BATCH_BYTES_MAX} of one entry: cut it into smaller batches`,
  )
}

/** Writes the entry's value into `target` (at least `batchBytes` long) and answers the part written. */
export function encodeBatch(
  target: Buffer,
  key: Buffer,
  { appendTime, records }: { appendTime: number; records: readonly RecordToAppend[] },
): Buffer {
  target.writeUInt32BE(LAYOUT << 24, 0)
  writeSafeInteger(target, appendTime, TIME_AT)
  target.writeUInt32BE(records.length, COUNT_AT)
  let lengths = HEADER_BYTES
  let content = HEADER_BYTES + records.length * LENGTHS_BYTES
  for (const record of records) {
    target.writeInt32BE(record.key?.length ?? -1, lengths)
    target.writeUInt32BE(record.value.length, lengths + 4)
    lengths += LENGTHS_BYTES
    if (record.key !== null) {
      target.set(record.key, content)
      content += record.key.length
    }
    target.set(record.value, content)
    content += record.value.length
  }
  const value = target.subarray(0, content)
  target.writeUInt32BE(crcOf(key, value), CRC_AT)
  return value
}

/** First and last of what `decodeBatch` would give, without looking at the records. */
export function batchSpan(
  partition: StoredPartition,
  key: Uint8Array,
  value: Uint8Array,
): { baseOffset: number; endOffset: number; appendTime: number } {
  const baseOffset = baseOffsetOf(key)
  const view = headerOf(partition, baseOffset, value)
  const endOffset = baseOffset + view.getUint32(COUNT_AT)
  return { baseOffset, endOffset, appendTime: readSafeInteger(view, TIME_AT) }
}

/**
 * The records of one entry; their bytes are views into `value`, which must not change afterwards.
 *
 * @throws LogDamagedError if it is not, byte for byte, what `encodeBatch` wrote under this key.
 */
export function decodeBatch(
  partition: StoredPartition,
  key: Uint8Array,
  value: Uint8Array,
): StoredBatch {
  const { baseOffset, appendTime } = batchSpan(partition, key, value)
  const view = viewOf(value)
  if (view.getUint32(CRC_AT) !== crcOf(key, value)) {
    throw damaged(partition, baseOffset, 'the checksum does not match')
  }
  const count = view.getUint32(COUNT_AT)
  const records = new Array<LogRecord>(count)
  let content = HEADER_BYTES + count * LENGTHS_BYTES
  for (let index = 0; index < count; index += 1) {
    const lengths = HEADER_BYTES + index * LENGTHS_BYTES
    const keyLength = view.getInt32(lengths)
    const valueAt = content + Math.max(keyLength, 0)
    const recordEnd = valueAt + view.getUint32(lengths + 4)
    if (keyLength < -1 || recordEnd > value.length) {
      throw damaged(partition, baseOffset + index, 'its lengths do not fit the batch')
    }
    records[index] = logRecord(
      { offset: baseOffset + index, appendTime },
      {
        key: keyLength < 0 ? null : value.subarray(content, valueAt),
        value: value.subarray(valueAt, recordEnd),
      },
    )
    content = recordEnd
  }
  if (content !== value.length) throw damaged(partition, baseOffset, 'bytes follow its last record')
  return { baseOffset, appendTime, records }
}

/** The fixed part, once it is known to be one that this version wrote. */
function headerOf(partition: StoredPartition, baseOffset: number, value: Uint8Array): DataView {
  const view = viewOf(value)
  if (value.length < HEADER_BYTES) throw damaged(partition, baseOffset, 'the batch is cut short')
  if (view.getUint32(0) !== LAYOUT << 24) {
    throw damaged(partition, baseOffset, `layout ${view.getUint32(0)} is not known`)
  }
  const count = view.getUint32(COUNT_AT)
  if (count === 0 || HEADER_BYTES + count * LENGTHS_BYTES > value.length) {
    throw damaged(partition, baseOffset, `${count} records do not fit into ${value.length} bytes`)
  }
  return view
}

function damaged(partition: StoredPartition, offset: number, what: string): LogDamagedError {
  return new LogDamagedError(what, {
    topic: partition.topic,
    partition: partition.partition,
    offset,
  })
}

function crcOf(key: Uint8Array, value: Uint8Array): number {
  return crc32(value.subarray(CRC_FROM), crc32(key))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function writeSafeInteger(target: Buffer, value: number, at: number): void {
  target.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at)
  target.writeUInt32BE(value % 0x1_0000_0000, at + 4)
}

function readSafeInteger(view: DataView, at: number): number {
  return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
}
