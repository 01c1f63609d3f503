import type { LogRecord, PartitionId, RecordToAppend, StreamLog } from '@sluice/stream-runtime/log'

/** On its way to the broker, or on its way back with the answer. */
export type HeldWay = 'request' | 'answer'

/** A log whose writer stops in the middle of an append, as a process does that is stopped there, and goes on when it is let go. */
export class HeldLog implements StreamLog {
  readonly #log: StreamLog
  #way: HeldWay | undefined
  #release: (() => void) | undefined

  constructor(log: StreamLog) {
    this.#log = log
  }

  /** The next append stops on this way. */
  holdNext(way: HeldWay): void {
    this.#way = way
  }

  get isHolding(): boolean {
    return this.#release !== undefined
  }

  letGo(): void {
    this.#release?.()
    this.#release = undefined
  }

  async append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    const way = this.#way
    this.#way = undefined
    if (way === 'request') await this.#hold()
    const base = await this.#log.append(target, records)
    if (way === 'answer') await this.#hold()
    return base
  }

  read(from: PartitionId, offset: number, limit: number): Promise<readonly LogRecord[]> {
    return this.#log.read(from, offset, limit)
  }

  isKnownEnd(of: PartitionId, offset: number): boolean {
    return this.#log.isKnownEnd(of, offset)
  }

  end(of: PartitionId): Promise<number> {
    return this.#log.end(of)
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#log.changed(signal)
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  #hold(): Promise<void> {
    return new Promise(resolve => {
      this.#release = resolve
    })
  }
}
