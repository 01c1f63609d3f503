import type { LogRecord } from '@sluice/stream-runtime/log'

/** What a record costs beside its bytes: two objects, two views and a slot. */
const OVERHEAD_BYTES = 300

const costOf = ({ key, value }: LogRecord): number =>
  OVERHEAD_BYTES + value.length + (key?.length ?? 0)

/**
 * What was fetched of a partition and not read yet: records of one run of offsets, in order.
 *
 *   offsets   … ── wanted ─────────── next ── …
 *                  └─ kept, for reading ─┘└─ fetched next
 *
 * `wanted` may lie behind `next`, and is Infinity while nobody reads: what arrives before it is passed over, not kept.
 */
export class PartitionBuffer {
  #records: LogRecord[] = []
  #taken = 0
  #wanted = Infinity
  #next: number
  #bytes = 0
  #droppedBytes = 0

  constructor(next: number) {
    this.#next = next
  }

  /** Offset of the next record to fetch. */
  get next(): number {
    return this.#next
  }

  /** What it holds, roughly, in memory. */
  get bytes(): number {
    return this.#bytes
  }

  /** Records from `offset` on, as far as they are here. They are kept until somebody reads on: a reader may come back to its place. */
  read(offset: number, limit: number): readonly LogRecord[] {
    if (offset < this.#wanted || offset >= this.#next) return []
    this.skipTo(offset)
    return this.#records.slice(this.#taken, this.#taken + limit)
  }

  /** Whether the record at `offset` comes by itself, if fetching goes on as it does. */
  leadsTo(offset: number): boolean {
    return this.#wanted === offset && this.#next <= offset
  }

  /** Nobody wants what lies before `offset` any more. Never backwards, but from nobody reading to somebody. */
  skipTo(offset: number): void {
    if (this.#wanted !== Infinity && offset <= this.#wanted) return
    this.#wanted = offset
    while (this.#taken < this.#records.length) {
      const record = this.#records[this.#taken]
      if (record === undefined || record.offset >= offset) break
      this.#bytes -= costOf(record)
      this.#droppedBytes += costOf(record)
      this.#taken += 1
    }
    this.#compact()
  }

  /** Forgets everything; `offset` is fetched next and wanted. */
  restartAt(offset: number): void {
    this.#records = []
    this.#taken = 0
    this.#bytes = 0
    this.#droppedBytes = 0
    this.#next = offset
    this.#wanted = offset
  }

  /** Takes in what was fetched: the run that begins at `next`. */
  add(record: LogRecord): void {
    this.#next = record.offset + 1
    if (record.offset < this.#wanted) return
    this.#records.push(record)
    this.#bytes += costOf(record)
  }

  /** What was dropped goes as soon as it outweighs what is kept. */
  #compact(): void {
    if (this.#taken === 0 || this.#droppedBytes < this.#bytes) return
    this.#records = this.#records.slice(this.#taken)
    this.#taken = 0
    this.#droppedBytes = 0
  }
}
