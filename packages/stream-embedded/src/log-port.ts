import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import type { StoredBatch } from './batch-format.ts'

export interface EmbeddedLogOptions {
  /** Holds `data.mdb` and `lock.mdb`; created if missing, unless read-only. */
  readonly directory: string
  /** Append time in milliseconds; what it says is never taken below what the partition already has. */
  readonly clock: () => number
  /**
   * `each`: an append is answered once it is durable; appends of one turn of the event loop share a commit.
   * `group`: an append is answered at once, visible to this handle only, and all become durable together at `commit()`. Nobody
   * else may write meanwhile.
   */
  readonly mode: 'each' | 'group'
  readonly readOnly?: boolean
  /** Bound on the records kept in memory; default 64 MiB. Older ones are read from the file. */
  readonly cacheBytes?: number
}

/** A log in one lmdb file. See README.md for what is durable when. */
export interface EmbeddedLog extends StreamLog {
  /**
   * Makes everything appended so far durable in one transaction, before it returns.
   * @throws LogFullError, LogContendedError (group mode), LogStorageError; then none of it is stored.
   */
  commit(): void
  /** Like `end`, counting only what is durable. */
  committedEnd(of: PartitionId): number
  /** All partitions ever written, in the order of their first append. */
  partitions(): readonly PartitionId[]
  /** Durable batches as they were appended, checked, from the one that contains `fromOffset` (default 0) on. */
  batches(of: PartitionId, fromOffset?: number): Generator<StoredBatch>
  /** A small JSON value (topology, arguments of a run), or undefined. */
  readMeta(name: string): unknown
  /** Durable when it returns. */
  writeMeta(name: string, value: unknown): void
  /** Size of the data file. */
  sizeBytes(): number
}
