import {
  logRecord,
  NoAnswerError,
  OffsetOutOfRangeError,
  type LogRecord,
  type PartitionId,
  type RecordToAppend,
  type StreamLog,
} from './log.ts'

/** What may happen to one append. */
export type AppendFault =
  | 'none'
  /** Nothing is stored, nobody answers. */
  | 'lost'
  /** Stored, and the answer is lost. */
  | 'answer_lost'
  /** Not answered; stored before a later append, when `landLate` is called or the fault of a later append says so. */
  | 'late'
  /** Stored twice; the second copy is answered. */
  | 'twice'

export interface MemoryLogOptions {
  /** Append time; what falls is raised to the partition's last. Default: a counter of appends. */
  readonly clock?: () => number
  /** Decides the fate of append number 0, 1, 2, … */
  readonly fault?: (append: number, target: PartitionId) => AppendFault
  /** Called before each append is stored and may throw: a process that dies there. */
  readonly beforeAppend?: (append: number, target: PartitionId) => void
  /** Called after each append was stored, before it is answered. */
  readonly afterAppend?: (append: number, target: PartitionId) => void
}

const nameOf = ({ topic, partition }: PartitionId): string => `${topic}-${partition}`

interface LatePart {
  readonly target: PartitionId
  readonly records: readonly RecordToAppend[]
}

/** A log in memory for tests and for dry runs. Not durable. Its faults are those of a real one, chosen by the caller. */
export class MemoryLog implements StreamLog {
  readonly #options: MemoryLogOptions
  readonly #partitions = new Map<string, LogRecord[]>()
  readonly #waiting = new Set<() => void>()
  #late: LatePart[] = []
  #appends = 0

  constructor(options: MemoryLogOptions = {}) {
    this.#options = options
  }

  append(target: PartitionId, records: readonly RecordToAppend[]): Promise<number> {
    const append = this.#appends
    this.#appends += 1
    try {
      if (records.length === 0)
        throw new EmptyAppendError(`${nameOf(target)}: an append of no records has no offset`)
      this.#options.beforeAppend?.(append, target)
      return Promise.resolve(this.#appendWithFault(append, { target, records }))
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  read(from: PartitionId, offset: number, limit: number): Promise<readonly LogRecord[]> {
    const records = this.#recordsOf(from)
    if (offset < 0 || offset > records.length)
      return Promise.reject(
        new OffsetOutOfRangeError(
          `${nameOf(from)}@${offset}: the partition ends at ${records.length}; start from a cursor of this log`,
        ),
      )
    return Promise.resolve(records.slice(offset, offset + limit))
  }

  isKnownEnd(of: PartitionId, offset: number): boolean {
    return this.#recordsOf(of).length === offset
  }

  end(of: PartitionId): Promise<number> {
    return Promise.resolve(this.#recordsOf(of).length)
  }

  changed(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal.aborted) {
        resolve()
        return
      }
      const wake = () => {
        this.#waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
  }

  close(): Promise<void> {
    for (const wake of this.#waiting) wake()
    return Promise.resolve()
  }

  /** Appends under way that were not answered arrive now. */
  landLate(): void {
    const late = this.#late
    this.#late = []
    for (const { target, records } of late) this.#store(target, records)
  }

  /** Forgets the records from `offset` on: data loss, for tests of rule 3. */
  truncate(target: PartitionId, offset: number): void {
    this.#recordsOf(target).length = offset
  }

  /** Puts another value in a record's place: damage, for tests of verification. */
  replaceValue(target: PartitionId, offset: number, value: Uint8Array): void {
    const records = this.#recordsOf(target)
    const record = records[offset]
    if (record === undefined)
      throw new OffsetOutOfRangeError(`${nameOf(target)}@${offset}: no record`)
    records[offset] = logRecord(record, { key: record.key, value })
  }

  #appendWithFault(append: number, part: LatePart): number {
    const { target, records } = part
    const fault = this.#options.fault?.(append, target) ?? 'none'
    if (fault === 'lost') throw unanswered(target)
    if (fault === 'late') {
      this.#late.push(part)
      throw unanswered(target)
    }
    if (fault === 'twice') this.#store(target, records)
    const base = this.#store(target, records)
    this.#options.afterAppend?.(append, target)
    if (fault === 'answer_lost') throw unanswered(target)
    return base
  }

  #store(target: PartitionId, contents: readonly RecordToAppend[]): number {
    const records = this.#recordsOf(target)
    const base = records.length
    const time = Math.floor(this.#options.clock?.() ?? this.#appends)
    const appendTime = Math.max(time, records.at(-1)?.appendTime ?? 0)
    contents.forEach((content, index) =>
      records.push(logRecord({ offset: base + index, appendTime }, content)),
    )
    for (const wake of [...this.#waiting]) wake()
    return base
  }

  #recordsOf(partition: PartitionId): LogRecord[] {
    const name = nameOf(partition)
    let records = this.#partitions.get(name)
    if (records === undefined) {
      records = []
      this.#partitions.set(name, records)
    }
    return records
  }
}

/** A record batch has at least one record. */
export class EmptyAppendError extends Error {
  override readonly name = 'EmptyAppendError'
}

const unanswered = (target: PartitionId): NoAnswerError =>
  new NoAnswerError(`${nameOf(target)} did not answer an append: send the same records again`)
