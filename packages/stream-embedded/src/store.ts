import type { PartitionId } from '@sluice/stream-runtime/log'
import { batchKey, batchSpan, decodeBatch, partitionPrefix } from './batch-format.ts'
import type { StoredBatch, StoredPartition } from './batch-format.ts'
import type { Environment } from './environment.ts'
import { LogDamagedError, storageError } from './errors.ts'
import { decodeMeta, encodeMeta } from './meta-values.ts'
import { newPartitionState } from './partition-state.ts'
import type { PartitionState, Tail } from './partition-state.ts'
import { WriteTransaction } from './write-transaction.ts'

const NOTHING: Tail = { end: 0, appendTime: 0 }

/** Commits by any handle of this process, so that handles of one file notice each other within a turn of the event loop. */
let commitsOfThisProcess = 0

/** Batches in the lmdb file, and what is known of it without asking it again. */
export class Store {
  readonly environment: Environment
  readonly #clock: () => number
  readonly #states = new Map<string, Map<number, PartitionState>>()
  #numbersKnown = 0
  /** Last transaction this handle has taken into account. */
  #transaction = -1
  #commitsSeen = -1
  #turnChecked = false
  #scratch = Buffer.allocUnsafeSlow(64 * 1024)

  constructor(environment: Environment, clock: () => number) {
    this.environment = environment
    this.#clock = clock
  }

  /** @throws RangeError if the partition is not a whole number from 0 on. */
  state(of: PartitionId): PartitionState {
    const states = this.#states.get(of.topic) ?? new Map<number, PartitionState>()
    const known = states.get(of.partition)
    if (known !== undefined) return known
    if (!Number.isSafeInteger(of.partition) || of.partition < 0) {
      throw new RangeError(`partition ${of.partition} of ${of.topic} is no whole number from 0 on`)
    }
    const state = newPartitionState(of)
    states.set(of.partition, state)
    this.#states.set(of.topic, states)
    this.#readNumbers(0)
    return state
  }

  partitions(): readonly PartitionId[] {
    this.#refresh()
    return this.#reading(() =>
      [...this.environment.partitions.getRange({})].map(({ value }) => nameOf(value)),
    )
  }

  /** Where a partition ends, as far as anybody has committed. */
  tail(state: PartitionState): Tail {
    this.#refresh()
    if (state.number === undefined) this.#readNumbers(this.#numbersKnown)
    state.tail ??= this.#reading(() => this.#storedTail(state))
    return state.tail
  }

  end(state: PartitionState): number {
    return this.tail(state).end
  }

  /** The last transaction taken into account. */
  get transaction(): number {
    return this.#transaction
  }

  /** Looks whether somebody else has committed, and answers the last transaction. */
  look(): number {
    this.#turnChecked = false
    this.#refresh()
    return this.#transaction
  }

  /**
   * Batches from the one that contains `offset` on, decoded and checked, up to the end as it is known when asked: lmdb may already
   * show what another process has appended since, and a reader beyond the known end would look as if the log had lost data.
   * @throws LogDamagedError where one is damaged or missing.
   */
  *batches(state: PartitionState, offset: number): Generator<StoredBatch> {
    const stored = this.#stored(state)
    if (stored === undefined) return
    const { end } = this.tail(state)
    let expected = this.#baseContaining(stored, offset)
    const range = {
      start: batchKey(stored.number, expected),
      end: partitionPrefix(stored.number + 1),
    }
    for (const { key, value } of this.environment.records.getRange(range)) {
      if (expected >= end) return
      const batch = decodeBatch(stored, key, value)
      if (batch.baseOffset !== expected) throw missing(stored, expected, batch.baseOffset)
      yield batch
      expected += batch.records.length
    }
    if (expected < end) throw missing(stored, expected, end)
  }

  /**
   * One durable transaction: `work` places batches, all or none of which are stored.
   * @throws LogFullError, LogStorageError, or what `work` threw; then nothing was stored.
   */
  write<Result>(work: (transaction: WriteTransaction) => Result): Result {
    const transaction = new WriteTransaction(this.environment, {
      clock: this.#clock,
      tailOf: state => this.#tailInTransaction(state),
      scratch: bytes => this.#scratchOf(bytes),
    })
    let number = 0
    try {
      const result = this.environment.root.transactionSync(() => {
        number = this.environment.root.getWriteTxnId()
        if (number !== this.#transaction + 1) this.#forgetTails()
        return work(transaction)
      })
      this.#committed(number, transaction)
      return result
    } catch (error) {
      transaction.undo()
      throw isOurs(error) ? error : storageError(error, 'appending')
    }
  }

  readMeta(name: string): unknown {
    this.#refresh()
    const value = this.environment.meta.get(Buffer.from(`value:${name}`))
    return value === undefined ? undefined : decodeMeta(name, value)
  }

  writeMeta(name: string, value: unknown): void {
    this.write(() => {
      this.environment.meta.putSync(Buffer.from(`value:${name}`), encodeMeta(value))
    })
  }

  #committed(number: number, transaction: WriteTransaction): void {
    this.#transaction = number
    commitsOfThisProcess += 1
    this.#commitsSeen = commitsOfThisProcess
    for (const [state, tail] of transaction.tails) state.tail = tail
  }

  /** At most once per turn of the event loop and per commit in this process: has somebody else committed? */
  #refresh(): void {
    if (this.#turnChecked && this.#commitsSeen === commitsOfThisProcess) return
    if (!this.#turnChecked)
      setImmediate(() => {
        this.#turnChecked = false
      }).unref()
    this.#turnChecked = true
    this.#commitsSeen = commitsOfThisProcess
    const number = lastTransactionOf(this.environment)
    if (number === this.#transaction) return
    this.#transaction = number
    this.environment.root.resetReadTxn()
    this.#forgetTails()
  }

  #forgetTails(): void {
    for (const states of this.#states.values()) {
      for (const state of states.values()) state.tail = undefined
    }
  }

  #tailInTransaction(state: PartitionState): Tail {
    if (state.number === undefined) this.#readNumbers(this.#numbersKnown)
    return state.tail ?? this.#storedTail(state)
  }

  #storedTail(state: PartitionState): Tail {
    const stored = this.#storedOrUnknown(state)
    if (stored === undefined) return NOTHING
    const range = {
      start: partitionPrefix(stored.number + 1),
      end: partitionPrefix(stored.number),
      reverse: true,
      limit: 1,
    }
    for (const { key, value } of this.environment.records.getRange(range)) {
      const { endOffset, appendTime } = batchSpan(stored, key, value)
      return { end: endOffset, appendTime }
    }
    return NOTHING
  }

  #baseContaining(stored: StoredPartition, offset: number): number {
    const range = {
      start: batchKey(stored.number, offset),
      end: partitionPrefix(stored.number),
      reverse: true,
      limit: 1,
    }
    for (const { key, value } of this.environment.records.getRange(range)) {
      const { baseOffset, endOffset } = batchSpan(stored, key, value)
      if (offset > endOffset) throw missing(stored, endOffset, offset)
      return offset === endOffset ? endOffset : baseOffset
    }
    return 0
  }

  #stored(state: PartitionState): StoredPartition | undefined {
    this.#refresh()
    if (state.number === undefined) this.#readNumbers(this.#numbersKnown)
    return this.#storedOrUnknown(state)
  }

  #storedOrUnknown({ topic, partition, number }: PartitionState): StoredPartition | undefined {
    return number === undefined ? undefined : { topic, partition, number }
  }

  /** Takes the numbers of partitions from the file, from `first` on. */
  #readNumbers(first: number): void {
    this.#reading(() => {
      for (const { key, value } of this.environment.partitions.getRange({
        start: partitionPrefix(first),
      })) {
        const number = key.readUInt32BE(0)
        const { topic, partition } = nameOf(value)
        const state = this.#states.get(topic)?.get(partition)
        if (state !== undefined) state.number = number
        this.#numbersKnown = number + 1
      }
    })
  }

  #scratchOf(bytes: number): Buffer {
    if (bytes > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(bytes * 2)
    return this.#scratch
  }

  #reading<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw isOurs(error) ? error : storageError(error, 'reading')
    }
  }
}

function nameOf(value: Buffer): PartitionId {
  const name: unknown = JSON.parse(value.toString())
  if (typeof name === 'object' && name !== null && 'topic' in name && 'partition' in name) {
    const { topic, partition } = name
    if (typeof topic === 'string' && typeof partition === 'number') return { topic, partition }
  }
  throw new LogDamagedError(`${value.toString()} is not the name of a partition`)
}

function missing(stored: StoredPartition, offset: number, next: number): LogDamagedError {
  const { topic, partition } = stored
  return new LogDamagedError(`the records from here to before ${next} are missing`, {
    topic,
    partition,
    offset,
  })
}

function lastTransactionOf({ root }: Environment): number {
  const stats: object = root.getStats()
  if ('lastTxnId' in stats && typeof stats.lastTxnId === 'number') return stats.lastTxnId
  throw new LogDamagedError('lmdb tells no last transaction')
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && /^(Log|Batch)\w+Error$/.test(error.name)
}
