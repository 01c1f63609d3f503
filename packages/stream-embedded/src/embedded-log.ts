import { statSync } from 'node:fs'
import type { LogRecord, PartitionId, RecordToAppend, StreamLog } from '@sluice/stream-runtime/log'
import { logRecord, OffsetOutOfRangeError } from '@sluice/stream-runtime/log'
import { batchBytes } from './batch-format.ts'
import type { StoredBatch } from './batch-format.ts'
import { openEnvironment } from './environment.ts'
import { LogClosedError, LogContendedError, LogReadOnlyError } from './errors.ts'
import { Signal } from './signal.ts'
import { Store } from './store.ts'
import type { Placed, PartitionState, Tail } from './store.ts'
import { TailCache } from './tail-cache.ts'

const CACHE_BYTES = 64 * 1024 * 1024

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

/**
 * Opens the log in a directory, or creates it.
 *
 * @throws LogNotFoundError (read-only), NotASluiceLogError, LogVersionError, LogDamagedError, LogStorageError
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): EmbeddedLog {
  return options.mode === 'each' ? new EachLog(options) : new GroupLog(options)
}

interface WaitingAppend {
  readonly state: PartitionState
  readonly records: readonly RecordToAppend[]
  readonly resolve: (offset: number) => void
  readonly reject: (error: unknown) => void
}

/** What both modes share: reading, and everything around it. */
abstract class Log implements EmbeddedLog {
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

  async read(from: PartitionId, offset: number, limit: number): Promise<readonly LogRecord[]> {
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

  async end(of: PartitionId): Promise<number> {
    this.assertOpen()
    return this.endOf(this.store.state(of))
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

  protected assertBatch(records: readonly RecordToAppend[]): void {
    if (records.length === 0) throw new RangeError('append needs at least one record, got none')
    batchBytes(records)
  }

  /** Keeps in memory what was placed, as the record objects everybody in this process will read. */
  protected keep(placed: Placed, records: readonly RecordToAppend[]): void {
    const { state, baseOffset, appendTime } = placed
    const kept = records.map((record, index) =>
      logRecord({ offset: baseOffset + index, appendTime }, record),
    )
    this.cache.add(
      state.run,
      { baseOffset, endOffset: baseOffset + kept.length, appendTime, records: kept },
      batchBytes(records),
    )
    this.cache.evict()
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

/** Every append durable before its answer. */
class EachLog extends Log {
  #waiting: WaitingAppend[] = []

  async append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    this.assertWritable()
    this.assertBatch(records)
    const state = this.store.state(target)
    return new Promise<number>((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush())
      this.#waiting.push({ state, records, resolve, reject })
    })
  }

  commit(): void {
    this.assertWritable()
    this.#flush()
  }

  protected override beforeClose(): void {
    this.#flush()
  }

  protected override endOf(state: PartitionState): number {
    return this.store.end(state)
  }

  protected override foreignChange(): () => boolean {
    const seen = this.store.transaction
    return () => this.store.look() !== seen
  }

  /** One transaction for all that wait. A failure is everybody's: nothing of it was stored. */
  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    if (waiting.length === 0) return
    let placed: readonly Placed[]
    try {
      placed = this.store.write(transaction =>
        waiting.map(({ state, records }) => transaction.place(state, records)),
      )
    } catch (error) {
      for (const { reject } of waiting) reject(error)
      return
    }
    for (const [index, append] of waiting.entries()) {
      const at = placed[index]
      if (at === undefined) continue
      this.keep(at, append.records)
      append.resolve(at.baseOffset)
    }
    this.signal.notify()
  }
}

interface UncommittedBatch extends Placed {
  readonly records: readonly RecordToAppend[]
}

/** Appends answered from memory, durable all together. */
class GroupLog extends Log {
  readonly #clock: () => number
  /** Ends that count what is not yet committed. */
  readonly #tails = new Map<PartitionState, Tail>()
  #uncommitted: UncommittedBatch[] = []

  constructor(options: EmbeddedLogOptions) {
    super(options)
    this.#clock = options.clock
  }

  async append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    this.assertWritable()
    this.assertBatch(records)
    const state = this.store.state(target)
    const tail = this.#tailOf(state)
    const appendTime = Math.max(tail.appendTime, Math.trunc(this.#clock()))
    const placed = { state, baseOffset: tail.end, appendTime }
    this.#tails.set(state, { end: tail.end + records.length, appendTime })
    this.#uncommitted.push({ ...placed, records })
    this.keep(placed, records)
    this.signal.notify()
    return placed.baseOffset
  }

  commit(): void {
    this.assertWritable()
    const group = this.#uncommitted
    if (group.length === 0) return
    this.store.write(transaction => {
      for (const { state, baseOffset, appendTime, records } of group) {
        const { end } = transaction.tail(state)
        if (end !== baseOffset) throw contended(state, end, baseOffset)
        transaction.put(state, { baseOffset, appendTime }, records)
      }
    })
    this.#uncommitted = []
    for (const { state, baseOffset, records } of group) {
      state.run.durableEnd = baseOffset + records.length
    }
    this.cache.evict()
  }

  protected override endOf(state: PartitionState): number {
    return this.#tailOf(state).end
  }

  protected override foreignChange(): () => boolean {
    return () => false
  }

  #tailOf(state: PartitionState): Tail {
    const known = this.#tails.get(state)
    if (known !== undefined) return known
    const tail = this.store.tail(state)
    this.#tails.set(state, tail)
    state.run.durableEnd = tail.end
    return tail
  }
}

function contended(state: PartitionState, end: number, expected: number): LogContendedError {
  return new LogContendedError(
    `${state.topic}-${state.partition} ends at ${end}, this group continues at ${expected}: another process appended; ` +
      'a log opened in group mode needs its directory for itself. Nothing of the group was stored',
  )
}
