import type { RecordToAppend } from '@sluice/stream-runtime/log'
import { batchBytes, batchKey, encodeBatch, partitionPrefix } from './batch-format.ts'
import { json } from './environment.ts'
import type { Environment } from './environment.ts'
import { LogDamagedError } from './errors.ts'
import { putNew } from './lmdb-file.ts'
import type { PartitionState, Placed, Tail } from './partition-state.ts'

interface TransactionParts {
  readonly clock: () => number
  readonly tailOf: (state: PartitionState) => Tail
  readonly scratch: (bytes: number) => Buffer
}

/** Places batches within one lmdb write transaction. */
export class WriteTransaction {
  readonly tails = new Map<PartitionState, Tail>()
  readonly #environment: Environment
  readonly #parts: TransactionParts
  readonly #numbered: PartitionState[] = []

  constructor(environment: Environment, parts: TransactionParts) {
    this.#environment = environment
    this.#parts = parts
  }

  tail(state: PartitionState): Tail {
    return this.tails.get(state) ?? this.#parts.tailOf(state)
  }

  /** Appends after whatever the partition holds now. */
  place(state: PartitionState, records: readonly RecordToAppend[]): Placed {
    const { end, appendTime } = this.tail(state)
    const at = {
      baseOffset: end,
      appendTime: Math.max(appendTime, Math.trunc(this.#parts.clock())),
    }
    this.put(state, at, records)
    return { state, ...at }
  }

  put(
    state: PartitionState,
    { baseOffset, appendTime }: { baseOffset: number; appendTime: number },
    records: readonly RecordToAppend[],
  ): void {
    const key = batchKey(this.#numberOf(state), baseOffset)
    const scratch = this.#parts.scratch(batchBytes(records))
    const value = encodeBatch(scratch, key, { appendTime, records })
    if (!putNew(this.#environment.records, key, value)) {
      const { topic, partition } = state
      throw new LogDamagedError('a batch is already there', {
        topic,
        partition,
        offset: baseOffset,
      })
    }
    this.tails.set(state, { end: baseOffset + records.length, appendTime })
  }

  /** After a failure: what was numbered is not. */
  undo(): void {
    for (const state of this.#numbered) state.number = undefined
  }

  #numberOf(state: PartitionState): number {
    if (state.number !== undefined) return state.number
    const { partitions } = this.#environment
    let number = 0
    for (const { key } of partitions.getRange({ reverse: true, limit: 1 })) {
      number = key.readUInt32BE(0) + 1
    }
    const name = { topic: state.topic, partition: state.partition }
    partitions.putSync(partitionPrefix(number), json(name))
    this.#numbered.push(state)
    state.number = number
    return number
  }
}
