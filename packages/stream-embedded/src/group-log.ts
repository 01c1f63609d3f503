import type { PartitionId, RecordToAppend } from '@sluice/stream-runtime/log'
import { BaseLog, settled } from './base-log.ts'
import { LogContendedError } from './errors.ts'
import type { EmbeddedLogOptions } from './log-port.ts'
import type { Placed, PartitionState, Tail } from './partition-state.ts'

interface UncommittedBatch extends Placed {
  readonly records: readonly RecordToAppend[]
}

/** Appends answered from memory, durable all together. */
export class GroupLog extends BaseLog {
  readonly #clock: () => number
  /** Ends that count what is not yet committed. */
  readonly #tails = new Map<PartitionState, Tail>()
  #uncommitted: UncommittedBatch[] = []

  constructor(options: EmbeddedLogOptions) {
    super(options)
    this.#clock = options.clock
  }

  append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    return settled(() => this.#append(target, records))
  }

  #append(target: PartitionId, records: readonly RecordToAppend[]): number {
    this.assertWritable()
    const bytes = this.checkedBytes(records)
    const state = this.store.state(target)
    const tail = this.#tailOf(state)
    const appendTime = Math.max(tail.appendTime, Math.trunc(this.#clock()))
    const placed = { state, baseOffset: tail.end, appendTime }
    this.#tails.set(state, { end: tail.end + records.length, appendTime })
    this.#uncommitted.push({ ...placed, records })
    this.keep(placed, records, bytes)
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
