import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RootDatabase } from 'lmdb'
import { decodeSnapshot, encodeSnapshot } from '@sluice/stream-runtime/snapshot-file'
import type { Snapshot, SnapshotManifest, SnapshotStore } from '@sluice/stream-runtime/snapshots'
import { SnapshotDamagedError } from '@sluice/stream-runtime/errors'
import { json } from './environment.ts'
import { storageError } from './errors.ts'
import { hasContent, openDatabase, openRoot } from './lmdb-file.ts'
import type { Bytes } from './lmdb-file.ts'

const CHUNK_BYTES = 1024 * 1024
const SEQUENCE_DIGITS = 16
const KEPT = 2

export interface EmbeddedSnapshotsOptions {
  /** A directory of its own, not the log's: a long write must not hold up appends, and all of it may be deleted. */
  readonly directory: string
  /** Newest snapshots of each task that are kept; default 2. */
  readonly keep?: number
}

export interface EmbeddedSnapshots extends SnapshotStore {
  close(): Promise<void>
}

/** What is written last: a snapshot without it does not exist. */
interface Entry {
  readonly manifest: SnapshotManifest
  readonly chunks: number
}

/**
 * Snapshots in one lmdb file: the state in chunks, each its own transaction with a turn of the event loop between, then the manifest. A
 * crash leaves chunks without a manifest, which the task's next save removes.
 *
 * @throws NotASluiceLogError, LogDamagedError, LogStorageError
 */
export function openEmbeddedSnapshots(options: EmbeddedSnapshotsOptions): EmbeddedSnapshots {
  hasContent(options.directory)
  const root = openRoot({ directory: options.directory, readOnly: false })
  return new LmdbSnapshots(root, options.keep ?? KEPT)
}

class LmdbSnapshots implements EmbeddedSnapshots {
  readonly #root: RootDatabase<Buffer, Buffer>
  readonly #manifests: Bytes
  readonly #chunks: Bytes
  readonly #keep: number

  constructor(root: RootDatabase<Buffer, Buffer>, keep: number) {
    this.#root = root
    this.#manifests = existing(openDatabase(root, 'manifests', true))
    this.#chunks = existing(openDatabase(root, 'chunks', true))
    this.#keep = keep
  }

  async save(snapshot: Snapshot): Promise<void> {
    const key = keyOf(snapshot.manifest)
    const bytes = Buffer.from(encodeSnapshot(snapshot))
    let chunks = 0
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES)
      this.#write(() => this.#chunks.putSync(chunkKey(key, chunks), chunk))
      chunks += 1
      await nextTurn()
    }
    const entry: Entry = { manifest: snapshot.manifest, chunks }
    this.#write(() => this.#manifests.putSync(Buffer.from(key), json(entry)))
    this.#removeOld(snapshot.manifest.task)
  }

  async newest(
    task: string,
    accepts: (manifest: SnapshotManifest) => boolean | Promise<boolean>,
  ): Promise<Snapshot | undefined> {
    this.#root.resetReadTxn()
    for (const [key, entry] of this.#entriesOf(task)) {
      if (await accepts(entry.manifest)) return this.#load(key, entry)
    }
    return undefined
  }

  async close(): Promise<void> {
    await this.#root.close()
  }

  /** Newest first. */
  #entriesOf(task: string): readonly (readonly [key: string, entry: Entry])[] {
    const range = { start: Buffer.from(`${task}/:`), end: Buffer.from(`${task}/`), reverse: true }
    return [...this.#manifests.getRange(range)].map(({ key, value }) => [
      key.toString(),
      JSON.parse(value.toString()) as Entry,
    ])
  }

  #load(key: string, { chunks, manifest }: Entry): Snapshot {
    const parts = Array.from({ length: chunks }, (_, index) => {
      const chunk = this.#chunks.get(chunkKey(key, index))
      if (chunk !== undefined) return chunk
      throw new SnapshotDamagedError(
        `the snapshot of ${manifest.task} at receipt ${manifest.sequence} lacks part ${index + 1} of ${chunks}: delete it`,
      )
    })
    return decodeSnapshot(Buffer.concat(parts), key)
  }

  /** All but the newest, and chunks whose manifest was never written. */
  #removeOld(task: string): void {
    const entries = this.#entriesOf(task)
    const kept = new Set(entries.slice(0, this.#keep).map(([key]) => key))
    const range = { start: Buffer.from(`${task}/`), end: Buffer.from(`${task}/:`) }
    this.#write(() => {
      for (const [key] of entries) {
        if (!kept.has(key)) this.#manifests.removeSync(Buffer.from(key))
      }
      for (const key of [...this.#chunks.getKeys(range)]) {
        if (!kept.has(snapshotOfChunk(key))) this.#chunks.removeSync(key)
      }
    })
  }

  #write(work: () => unknown): void {
    try {
      this.#root.transactionSync(work)
    } catch (error) {
      throw storageError(error, 'saving a snapshot')
    }
  }
}

/** Keys of one task sort by sequence; `:` follows the digits, so `<task>/:` lies behind all of them. */
function keyOf({ task, sequence, receiptHash }: SnapshotManifest): string {
  return `${task}/${String(sequence).padStart(SEQUENCE_DIGITS, '0')}/${receiptHash}`
}

function chunkKey(key: string, index: number): Buffer {
  return Buffer.from(`${key}/${String(index).padStart(8, '0')}`)
}

function snapshotOfChunk(key: Buffer): string {
  const text = key.toString()
  return text.slice(0, text.lastIndexOf('/'))
}

function existing(database: Bytes | undefined): Bytes {
  if (database !== undefined) return database
  throw storageError('a database could not be created', 'opening snapshots')
}
