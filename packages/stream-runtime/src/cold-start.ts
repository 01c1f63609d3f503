import type { InputReader } from './inputs.ts'
import type { StreamLog } from './log.ts'

/**
 * The first start of a task, before any receipt of its speaks for an input: its inputs are read one after the other, in the order
 * listed, each to where it ended when the task began. What is listed first (rules, then accounts) is known before what depends on it
 * (prices), however much of each has gathered. Like every order of inputs it is recorded in receipts, so a replay needs to know nothing
 * of it; a task that ends in the middle goes on in turns, as ever.
 */
export class ColdStart {
  readonly #log: StreamLog
  readonly #left: { readonly reader: InputReader; end: number | undefined }[]

  /** It is over at once for a task that has folded inputs before. */
  constructor(log: StreamLog, readers: readonly InputReader[]) {
    const isCold = readers.every(({ position }) => position === 0)
    this.#log = log
    this.#left = isCold ? readers.map(reader => ({ reader, end: undefined })) : []
  }

  get isOver(): boolean {
    return this.#left.length === 0
  }

  /** The input to read from now, alone; undefined: the cold start is over, and all have their turn. */
  async next(): Promise<readonly InputReader[] | undefined> {
    for (const each of this.#left) each.end ??= await this.#log.end(each.reader.input)
    for (;;) {
      const first = this.#left[0]
      if (first === undefined) return undefined
      if (!(await isRead(first))) return [first.reader]
      this.#left.shift()
    }
  }
}

/** At the end as it was, or with nothing before it but receipts. */
async function isRead({ reader, end = 0 }: { reader: InputReader; end: number | undefined }) {
  return reader.position >= end || !(await reader.fill(1))
}
