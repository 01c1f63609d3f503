import type { PartitionId, RecordToAppend } from '@sluice/stream-runtime/log'
import { BaseLog } from './base-log.ts'
import type { Placed, PartitionState } from './partition-state.ts'

interface WaitingAppend {
  readonly state: PartitionState
  readonly records: readonly RecordToAppend[]
  readonly bytes: number
  readonly resolve: (offset: number) => void
  readonly reject: (error: unknown) => void
}

/** Every append durable before its answer. */
export class EachLog extends BaseLog {
  #waiting: WaitingAppend[] = []

  append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    return new Promise((resolve, reject) => {
      this.assertWritable()
      const bytes = this.checkedBytes(records)
      const state = this.store.state(target)
      if (this.#waiting.length === 0)
        setImmediate(() => {
          this.#flush()
        })
      this.#waiting.push({ state, records, bytes, resolve, reject })
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
      this.keep(at, append.records, append.bytes)
      append.resolve(at.baseOffset)
    }
    this.signal.notify()
  }
}
