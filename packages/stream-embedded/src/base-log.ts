import { statSync } from 'node:fs'
import type { LogRecord, PartitionId, RecordToAppend } from '@sluice/stream-runtime/log'
import { logRecord, OffsetOutOfRangeError } from '@sluice/stream-runtime/log'
import { batchBytes } from './batch-format.ts'
import type { StoredBatch } from './batch-format.ts'
import { openEnvironment } from './environment.ts'
import { LogClosedError, LogReadOnlyError } from './errors.ts'
import type { EmbeddedLog, EmbeddedLogOptions } from './log-port.ts'
import { Signal } from './signal.ts'
import type { Placed, PartitionState } from './partition-state.ts'
import { Store } from './store.ts'
import { TailCache } from './tail-cache.ts'

const CACHE_BYTES = 64 * 1024 * 1024

/** What both modes share: reading, and everything around it. */
export abstract class BaseLog implements EmbeddedLog {
  protected readonly store: Store
  protected readonly cache: TailCache
  protected readonly signal = new Signal()
  readonly #readOnly: boolean
  #closed = false

  constructor(options: EmbeddedLogOptions) {
    this.#readOnly = options.readOnly ?? false
    this.store = new Store(
      openEnvironment({ directory: options.directory, readOnly: this.#readOnly }),
      options.clock,
    )
    this.cache = new TailCache(options.cacheBytes ?? CACHE_BYTES)
  }

  abstract append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number>
  abstract commit(): void
  protected abstract endOf(state: PartitionState): number
  /** Answers whether somebody else has written since now. */
  protected abstract foreignChange(): () => boolean

  read(from: PartitionId, offset: number, limit: number): Promise<readonly LogRecord[]> {
    return settled(() => this.#read(from, offset, limit))
  }

  end(of: PartitionId): Promise<number> {
    return settled(() => {
      this.assertOpen()
      return this.endOf(this.store.state(of))
    })
  }

  isKnownEnd(of: PartitionId, offset: number): boolean {
    this.assertOpen()
    return this.endOf(this.store.state(of)) === offset
  }

  committedEnd(of: PartitionId): number {
    this.assertOpen()
    return this.store.end(this.store.state(of))
  }

  async changed(signal: AbortSignal): Promise<void> {
    this.assertOpen()
    const foreign = this.foreignChange()
    await this.signal.next(signal, () => this.#closed || foreign())
  }

  partitions(): readonly PartitionId[] {
    this.assertOpen()
    return this.store.partitions()
  }

  *batches(of: PartitionId, fromOffset = 0): Generator<StoredBatch> {
    this.assertOpen()
    yield* this.store.batches(this.store.state(of), fromOffset)
  }

  readMeta(name: string): unknown {
    this.assertOpen()
    return this.store.readMeta(name)
  }

  writeMeta(name: string, value: unknown): void {
    this.assertWritable()
    this.store.writeMeta(name, value)
  }

  sizeBytes(): number {
    return statSync(this.store.environment.file).size
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.beforeClose()
    this.#closed = true
    this.signal.notify()
    await this.store.environment.root.close()
  }

  protected beforeClose(): void {
    return
  }

  protected assertOpen(): void {
    if (this.#closed) throw new LogClosedError(this.store.environment.directory)
  }

  protected assertWritable(): void {
    this.assertOpen()
    if (this.#readOnly) throw new LogReadOnlyError(this.store.environment.directory)
  }

  /** Bytes of the batch as an entry. */
  protected checkedBytes(records: readonly RecordToAppend[]): number {
    if (records.length === 0) throw new RangeError('append needs at least one record, got none')
    return batchBytes(records)
  }

  /** Keeps in memory what was placed, as the record objects everybody in this process will read. */
  protected keep(
    { state, baseOffset, appendTime }: Placed,
    records: readonly RecordToAppend[],
    bytes: number,
  ): void {
    let offset = baseOffset
    const kept: LogRecord[] = []
    for (const record of records) {
      kept.push(logRecord({ offset, appendTime }, record))
      offset += 1
    }
    this.cache.add(state.run, { baseOffset, endOffset: offset, appendTime, records: kept }, bytes)
    this.cache.evict()
  }

  #read(from: PartitionId, offset: number, limit: number): readonly LogRecord[] {
    this.assertOpen()
    const state = this.store.state(from)
    const { run } = state
    if (offset >= run.start && offset < run.end && limit > 0) return run.read(offset, limit)
    const recent = readRecent(state, offset, limit)
    if (recent !== undefined) return recent
    const end = this.endOf(state)
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > end) {
      throw new OffsetOutOfRangeError(
        `${from.topic}-${from.partition} has offsets 0 to ${end}, asked for ${offset}: the log lost data, or the cursor is of another log`,
      )
    }
    if (offset === end || limit <= 0) return []
    return this.#readStored(state, offset, limit)
  }

  /** Whole batches from the file until there are `limit` records; kept where they continue what is in memory. */
  #readStored(state: PartitionState, offset: number, limit: number): readonly LogRecord[] {
    const records: LogRecord[] = []
    for (const batch of this.store.batches(state, offset)) {
      this.#keepStored(state, batch)
      const from = Math.max(offset - batch.baseOffset, 0)
      for (const record of batch.records.slice(from, from + limit - records.length)) {
        records.push(record)
      }
      if (records.length === limit) break
    }
    return records
  }

  #keepStored(state: PartitionState, batch: StoredBatch): void {
    const { run } = state
    const kept = { ...batch, endOffset: batch.baseOffset + batch.records.length }
    state.recent = kept
    if (!run.isEmpty && run.end !== batch.baseOffset) return
    this.cache.add(run, kept, batchBytes(batch.records))
    this.cache.evict()
  }
}

/** The rest of the batch last read from the file, if `offset` lies in it. */
function readRecent(
  { recent }: PartitionState,
  offset: number,
  limit: number,
): readonly LogRecord[] | undefined {
  if (recent === undefined || limit <= 0) return undefined
  if (offset < recent.baseOffset || offset >= recent.endOffset) return undefined
  const from = offset - recent.baseOffset
  return recent.records.slice(from, from + limit)
}

/** A promise of what `work` answers or throws, now. */
export function settled<Result>(work: () => Result): Promise<Result> {
  return new Promise(resolve => {
    resolve(work())
  })
}
