import type { ForkReason } from './errors.ts'

/** How far one partition of ours has been read and judged: always a boundary between batches (rule 4). */
export interface ChainCursor {
  readonly offset: number
  /** Digest of the last valid receipt, or of the task's name before the first. */
  readonly head: string
  readonly sequence: number
  /** Number of the last valid event; 0 before the first. */
  readonly lastEvent: number
  readonly tenure: number
  /** Events of the last input that are out while its output spans receipts; 0: all of them. */
  readonly emittedOfLastInput: number
}

/** What of a receipt the rules look at. */
export interface ReceiptLink {
  /** Digest of the receipt's own bytes. */
  readonly hash: string
  readonly previousHash: string
  readonly sequence: number
  readonly firstEvent: number
  readonly eventCount: number
  readonly emittedOfLastInput: number
  readonly tenure: number
  readonly owner: string
  readonly generation: number
  /** No inputs and no events. */
  readonly isTakeover: boolean
}

export type Verdict =
  | { readonly kind: 'valid'; readonly cursor: ChainCursor }
  | { readonly kind: 'void'; readonly cursor: ChainCursor }
  | { readonly kind: 'fork'; readonly reason: ForkReason; readonly detail: string }

/** The cursor before the first record; `head` is the digest of the task's name. */
export function genesis(head: string): ChainCursor {
  return { offset: 0, head, sequence: 0, lastEvent: 0, tenure: 0, emittedOfLastInput: 0 }
}

/**
 * Rules 2 and 3: a receipt is valid if and only if it links to the head. One that does not and whose sequence is not above the
 * head's is void and skipped with its events. Anything else is a fork. Nothing but the log's prefix is looked at, so every
 * reader comes to the same verdict whenever it reads.
 */
export function judge(cursor: ChainCursor, link: ReceiptLink): Verdict {
  const offset = cursor.offset + 1 + link.eventCount
  if (link.previousHash !== cursor.head) {
    if (link.sequence <= cursor.sequence) return { kind: 'void', cursor: { ...cursor, offset } }
    return fork(
      'sequence_ahead',
      `receipt ${link.sequence} does not link to receipt ${cursor.sequence}`,
    )
  }
  if (link.sequence !== cursor.sequence + 1)
    return fork('sequence_wrong', `receipt ${link.sequence} links to receipt ${cursor.sequence}`)
  if (link.firstEvent !== cursor.lastEvent + 1)
    return fork(
      'event_numbers_wrong',
      `receipt ${link.sequence} begins with event ${link.firstEvent} after event ${cursor.lastEvent}`,
    )
  return { kind: 'valid', cursor: after(cursor, link, offset) }
}

function after(cursor: ChainCursor, link: ReceiptLink, offset: number): ChainCursor {
  return {
    offset,
    head: link.hash,
    sequence: link.sequence,
    lastEvent: cursor.lastEvent + link.eventCount,
    tenure: link.tenure,
    emittedOfLastInput: link.emittedOfLastInput,
  }
}

const fork = (reason: ForkReason, detail: string): Verdict => ({ kind: 'fork', reason, detail })
