import type { LogRecord } from '@sluice/stream-runtime/log'

/** Bytes a record object takes beside its own, roughly; the bound on memory counts them. */
const RECORD_OVERHEAD_BYTES = 160

/** One batch kept in memory. */
export interface CachedBatch {
  readonly baseOffset: number
  readonly endOffset: number
  readonly appendTime: number
  readonly records: readonly LogRecord[]
}

interface Kept extends CachedBatch {
  readonly run: CachedRun
  readonly bytes: number
  dropped: boolean
}

/** Consecutive batches of one partition; the newest one reads of it. */
export class CachedRun {
  /** Records from this offset on are not durable yet: they stay in memory. */
  durableEnd = Number.MAX_SAFE_INTEGER
  readonly #batches: Kept[] = []
  #head = 0

  /** Offset of the first record kept; equal to `end` when nothing is. */
  get start(): number {
    return this.#batches[this.#head]?.baseOffset ?? 0
  }

  get end(): number {
    return this.#batches.at(-1)?.endOffset ?? 0
  }

  get isEmpty(): boolean {
    return this.#head === this.#batches.length
  }

  /** Up to `limit` records from `offset` on, which must lie within the run. Whole batches are answered without a copy. */
  read(offset: number, limit: number): readonly LogRecord[] {
    let index = this.#indexOf(offset)
    const first = this.#batches[index]
    if (first === undefined) return []
    const from = offset - first.baseOffset
    if (from === 0 && first.records.length === limit) return first.records
    const records = first.records.slice(from, from + limit)
    for (index += 1; index < this.#batches.length && records.length < limit; index += 1) {
      const next = this.#batches[index]?.records ?? []
      for (let at = 0; at < next.length && records.length < limit; at += 1) {
        const record = next[at]
        if (record !== undefined) records.push(record)
      }
    }
    return records
  }

  push(batch: Kept): void {
    this.#batches.push(batch)
  }

  /** Forgets the oldest batch. */
  shift(): void {
    this.#head += 1
    if (this.#head * 2 > this.#batches.length && this.#head > 64) {
      this.#batches.splice(0, this.#head)
      this.#head = 0
    }
    if (this.isEmpty) this.clear()
  }

  clear(): void {
    for (const batch of this.#batches) batch.dropped = true
    this.#batches.length = 0
    this.#head = 0
  }

  #indexOf(offset: number): number {
    let low = this.#head
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#batches[middle]?.endOffset ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * The newest batches of all partitions as record objects, so that every consumer in the process reads the same ones and
 * what is derived from a record (its hash, its event) is derived once. Oldest first out, beyond `bytesMax`; batches that are
 * not yet durable stay, whatever they take.
 */
export class TailCache {
  readonly #bytesMax: number
  #kept: Kept[] = []
  #head = 0
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Keeps a batch. One that does not follow the run's last begins the run anew. */
  add(run: CachedRun, batch: CachedBatch, bytes: number): void {
    if (!run.isEmpty && run.end !== batch.baseOffset) this.clear(run)
    const { baseOffset, endOffset, appendTime, records } = batch
    const kept: Kept = {
      baseOffset,
      endOffset,
      appendTime,
      records,
      run,
      bytes: bytes + records.length * RECORD_OVERHEAD_BYTES,
      dropped: false,
    }
    run.push(kept)
    this.#kept.push(kept)
    this.#bytes += kept.bytes
  }

  /** Forgets a run. */
  clear(run: CachedRun): void {
    run.clear()
    for (let index = this.#head; index < this.#kept.length; index += 1) {
      const kept = this.#kept[index]
      if (kept?.run === run) this.#bytes -= kept.bytes
    }
    this.#kept = this.#kept.slice(this.#head).filter(kept => !kept.dropped)
    this.#head = 0
  }

  /** Forgets the oldest batches down to the bound, up to the first that is not durable. */
  evict(): void {
    while (this.#bytes > this.#bytesMax) {
      const oldest = this.#kept[this.#head]
      if (oldest === undefined || oldest.endOffset > oldest.run.durableEnd) break
      oldest.run.shift()
      this.#bytes -= oldest.bytes
      this.#head += 1
    }
    if (this.#head > 1024 && this.#head * 2 > this.#kept.length) {
      this.#kept.splice(0, this.#head)
      this.#head = 0
    }
  }
}
