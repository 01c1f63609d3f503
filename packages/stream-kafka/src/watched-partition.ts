import type { PartitionId } from '@sluice/stream-runtime/log'
import { PartitionBuffer } from './partition-buffer.ts'

/** One partition as a handle knows it: what is buffered, how far it has heard the partition to go, and who waits for more. */
export class WatchedPartition {
  readonly id: PartitionId
  /** The topic's name on Kafka. */
  readonly wireTopic: string
  readonly buffer: PartitionBuffer
  /** Not fetched while its buffer has its share. */
  isPaused = false
  /** Reads of one partition come one after the other: each may move the place that is fetched. */
  turn: Promise<unknown> = Promise.resolve()
  #heardEnd: number
  #failure: { readonly at: number; readonly error: Error } | undefined
  readonly #waiting = new Set<() => void>()

  constructor(id: PartitionId, wireTopic: string, end: number) {
    this.id = id
    this.wireTopic = wireTopic
    this.buffer = new PartitionBuffer(end)
    this.#heardEnd = end
  }

  /** Offset after the last record that this handle appended, read or was told of. */
  get heardEnd(): number {
    return this.#heardEnd
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  /** Why the record at `offset` cannot be read. */
  failureAt(offset: number): Error | undefined {
    return this.#failure?.at === offset ? this.#failure.error : undefined
  }

  /** Whether that is news. */
  hear(end: number): boolean {
    if (end <= this.#heardEnd) return false
    this.#heardEnd = end
    return true
  }

  /** The next record cannot be had; reading begins anew at another place. */
  fail(error: Error): void {
    this.#failure = { at: this.buffer.next, error }
    this.wake()
  }

  restartAt(offset: number): void {
    this.#failure = undefined
    this.buffer.restartAt(offset)
  }

  wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves when something was fetched, when it failed, or after `ms`. */
  arrival(ms: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms)
      this.#waiting.add(wake)
    })
  }
}

export const nameOf = ({ topic, partition }: PartitionId): string => `${topic}-${partition}`
