import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { LogRecord, PartitionId, RecordToAppend } from '@sluice/stream-runtime/log'
import {
  batchBytes,
  batchKey,
  decodeBatch,
  encodeBatch,
} from '@sluice/stream-embedded/batch-format'
import type { StoredBatch } from '@sluice/stream-embedded/batch-format'
import { openEnvironment } from '@sluice/stream-embedded/environment'
import type { Environment } from '@sluice/stream-embedded/environment'

/**
 * What somebody who wants to deceive would do to a log: every function rewrites the file so that its storage is in order (offsets
 * without gaps, checksums right) and only its history is false. `damage…` functions do what a failing disk would do. The log
 * must not be open anywhere.
 */

/** A record: where somebody tampers. */
export interface RecordPlace extends PartitionId {
  readonly offset: number
}

/** A batch before or after it was tampered with. */
export interface BatchContent {
  readonly appendTime: number
  readonly records: readonly RecordToAppend[]
}

/** There is no such record, batch or byte to tamper with. */
export class NothingToTamperError extends Error {
  override readonly name = 'NothingToTamperError'
}

/** Flips bits of one byte of a record's value; `at` counts from its start, or from its end if below 0 (default: the last). */
export async function flipByte(
  directory: string,
  place: RecordPlace,
  { at = -1, mask = 1 }: { at?: number; mask?: number } = {},
): Promise<void> {
  await changeRecord(directory, place, record => {
    const value = Buffer.from(record.value)
    const position = at < 0 ? value.length + at : at
    const byte = value[position]
    if (byte === undefined)
      throw nothing(place, `a value of ${value.length} bytes has no byte ${at}`)
    value[position] = byte ^ mask
    return { key: record.key, value }
  })
}

/** Replaces one record by what `change` makes of it. */
export async function changeRecord(
  directory: string,
  place: RecordPlace,
  change: (record: LogRecord) => RecordToAppend,
): Promise<void> {
  await rewritePartition(directory, place, batches => {
    const index = indexOf(batches, place)
    return batches.map((batch, at) => {
      if (at !== index) return batch
      const records = batch.records.map(record =>
        record.offset === place.offset ? change(record) : record,
      )
      return { appendTime: batch.appendTime, records }
    })
  })
}

/** Removes the batch that contains a record; what follows moves down. */
export async function removeBatch(directory: string, place: RecordPlace): Promise<void> {
  await rewritePartition(directory, place, batches => {
    const index = indexOf(batches, place)
    return batches.filter((_, at) => at !== index)
  })
}

/** Exchanges the batches that contain two records of one partition. Append times stay where they are, in order. */
export async function swapBatches(
  directory: string,
  place: RecordPlace,
  otherOffset: number,
): Promise<void> {
  await rewritePartition(directory, place, batches => {
    const first = indexOf(batches, place)
    const second = indexOf(batches, { ...place, offset: otherOffset })
    if (first === second) throw nothing(place, `${otherOffset} lies in the same batch`)
    const sources = batches.map((_, at) => (at === first ? second : at === second ? first : at))
    return batches.map(({ appendTime }, at) => ({
      appendTime,
      records: batches[sources[at] ?? at]?.records ?? [],
    }))
  })
}

/** Removes the batch that contains a record and all that follow: a partition restored from an older copy. */
export async function forgetFrom(directory: string, place: RecordPlace): Promise<void> {
  await rewritePartition(directory, place, batches => batches.slice(0, indexOf(batches, place)))
}

/** Writes a partition anew, as `edit` wants it. */
export async function rewritePartition(
  directory: string,
  of: PartitionId,
  edit: (batches: readonly StoredBatch[]) => readonly BatchContent[],
): Promise<void> {
  const environment = openEnvironment({ directory, readOnly: false })
  try {
    const number = numberOf(environment, of)
    const edited = edit(batchesOf(environment, { ...of, number }))
    environment.root.transactionSync(() => {
      for (const key of keysOf(environment, number)) environment.records.removeSync(key)
      let baseOffset = 0
      for (const { appendTime, records } of edited) {
        const key = batchKey(number, baseOffset)
        const target = Buffer.allocUnsafe(batchBytes(records))
        environment.records.putSync(key, encodeBatch(target, key, { appendTime, records }))
        baseOffset += records.length
      }
    })
  } finally {
    await environment.root.close()
  }
}

/** Flips one byte of the file where a text first occurs in it, checksums untouched: what a disk does. */
export function damageText(directory: string, text: string, mask = 1): void {
  const file = fileOf(directory)
  const position = readFileSync(file).indexOf(text)
  if (position < 0) throw new NothingToTamperError(`${file} does not contain ${text}`)
  damageByte(directory, position, mask)
}

/** Flips one byte of the file. */
export function damageByte(directory: string, position: number, mask = 1): void {
  const file = fileOf(directory)
  const byte = readFileSync(file)[position]
  if (byte === undefined) throw new NothingToTamperError(`${file} has no byte ${position}`)
  const descriptor = openSync(file, 'r+')
  try {
    writeSync(descriptor, Buffer.of(byte ^ mask), 0, 1, position)
  } finally {
    closeSync(descriptor)
  }
}

/** Cuts the end of the file off, down to a part of its length. */
export function cutFile(directory: string, part = 0.5): void {
  const file = fileOf(directory)
  truncateSync(file, Math.floor(readFileSync(file).length * part))
}

function fileOf(directory: string): string {
  return join(directory, 'data.mdb')
}

function numberOf({ partitions }: Environment, { topic, partition }: PartitionId): number {
  const name = JSON.stringify({ topic, partition })
  for (const { key, value } of partitions.getRange({})) {
    if (value.toString() === name) return key.readUInt32BE(0)
  }
  throw new NothingToTamperError(`the log has no partition ${topic}-${partition}`)
}

function batchesOf(
  { records }: Environment,
  stored: PartitionId & { readonly number: number },
): readonly StoredBatch[] {
  return [...records.getRange({})]
    .filter(({ key }) => key.readUInt32BE(0) === stored.number)
    .map(({ key, value }) => decodeBatch(stored, key, value))
}

function keysOf({ records }: Environment, number: number): readonly Buffer[] {
  return [...records.getRange({})]
    .map(({ key }) => key)
    .filter(key => key.readUInt32BE(0) === number)
}

function indexOf(batches: readonly StoredBatch[], place: RecordPlace): number {
  const index = batches.findIndex(
    ({ baseOffset, records }) =>
      place.offset >= baseOffset && place.offset < baseOffset + records.length,
  )
  if (index >= 0) return index
  throw nothing(place, `no batch contains offset ${place.offset}`)
}

function nothing({ topic, partition, offset }: RecordPlace, what: string): NothingToTamperError {
  return new NothingToTamperError(`${topic}-${partition}@${offset}: ${what}`)
}
