import { judge, type ChainCursor, type ReceiptLink, type Verdict } from './chain.ts'

/**
 * The owner of a task, as far as the contract's rules 5 to 10 go: pure, so that the explorer in `test/model` and the running task
 * use the same lines.
 *
 *                     ┌── takeover void, no rival ──┐
 *                     ▼                             │
 *   recovering ── send takeover ──▶ claiming ── read up to the answer ──┬─ own takeover is the head ──▶ owning
 *                                                                       ├─ void, a later rival waits ─▶ yielded
 *                                                                       └─ valid, but overtaken ──────▶ fenced
 *
 *   owning ── send batch ──▶ appending ── read up to the answer ──┬─ own batch is the head ─────────▶ owning
 *     │                       │     ▲                             ├─ the same, a later rival waits ─▶ yielded
 *     │                       └─────┘ no answer: same bytes again └─ void or overtaken ─────────────▶ fenced
 *     └─ tailing: another's valid receipt ▶ fenced; a later rival's void takeover ▶ yielded
 *
 *   anywhere: an answer below what was read, or a fork ▶ the log lost data, an error
 *
 * `fenced` and `yielded` are ends: the state is discarded, and a new owner recovers from the log.
 */
export type OwnerPhase = 'recovering' | 'claiming' | 'owning' | 'appending' | 'yielded' | 'fenced'

export interface Ownership {
  readonly phase: OwnerPhase
  /** Random at every start. */
  readonly owner: string
  readonly generation: number
  /** Everything of the own partition that was read and judged. */
  readonly cursor: ChainCursor
  /** The receipt sent and not yet confirmed (rule 5: one at a time). */
  readonly pending: ReceiptLink | null
  /** After an answer: read and judge up to this offset, then settle. */
  readonly readUpTo: number | null
  /** The pending receipt was found valid on the way. */
  readonly counted: boolean
  /** A takeover of a later generation than ours was seen since the last settlement. */
  readonly rival: boolean
}

export function newOwnership(
  identity: { readonly owner: string; readonly generation: number },
  cursor: ChainCursor,
): Ownership {
  return {
    phase: 'recovering',
    owner: identity.owner,
    generation: identity.generation,
    cursor,
    pending: null,
    readUpTo: null,
    counted: false,
    rival: false,
  }
}

/** Rules 5 and 8: the takeover from `recovering`, a batch from `owning`. */
export function send(ownership: Ownership, link: ReceiptLink): Ownership {
  const phase = ownership.phase === 'recovering' ? 'claiming' : 'appending'
  return { ...ownership, phase, pending: link, counted: false }
}

export type Answered =
  | { readonly kind: 'settled' | 'read_on'; readonly ownership: Ownership }
  | { readonly kind: 'data_lost' }

/**
 * Rule 6, the answer: `base` is the offset of the first record. As expected: confirmed. Higher: others' records, or an earlier
 * copy of ours, lie between; they are read first. Lower: what was read is no longer there.
 */
export function answered(ownership: Ownership, base: number): Answered {
  const { pending, cursor } = ownership
  if (pending === null || base < cursor.offset) return { kind: 'data_lost' }
  if (base > cursor.offset) {
    const readUpTo = base + 1 + pending.eventCount
    return { kind: 'read_on', ownership: { ...ownership, readUpTo } }
  }
  const verdict = judge(cursor, pending)
  if (verdict.kind === 'fork') return { kind: 'data_lost' }
  return { kind: 'settled', ownership: settle(ownership, verdict.cursor) }
}

/** One more receipt of the own partition was read, after an answer or while tailing. */
export function found(
  ownership: Ownership,
  link: ReceiptLink,
): { readonly ownership: Ownership; readonly verdict: Verdict } {
  const verdict = judge(ownership.cursor, link)
  if (verdict.kind === 'fork') return { ownership, verdict }
  const counted =
    ownership.counted || (verdict.kind === 'valid' && link.hash === ownership.pending?.hash)
  const rival = ownership.rival || isRival(ownership, link)
  return { ownership: { ...ownership, cursor: verdict.cursor, counted, rival }, verdict }
}

const isRival = (ownership: Ownership, link: ReceiptLink): boolean =>
  link.isTakeover && link.owner !== ownership.owner && link.generation > ownership.generation

/** Whether everything up to the answered copy has been read. */
export function hasReadUpToAnswer({ cursor, readUpTo }: Ownership): boolean {
  return readUpTo !== null && cursor.offset >= readUpTo
}

/** Rule 6, the decision, and rules 8 to 10: what follows once everything up to the answered copy has been judged. */
export function settle(ownership: Ownership, cursor = ownership.cursor): Ownership {
  return {
    phase: phaseAfter(ownership, cursor),
    owner: ownership.owner,
    generation: ownership.generation,
    cursor,
    pending: null,
    readUpTo: null,
    counted: false,
    rival: false,
  }
}

function phaseAfter(
  { phase, pending, counted, rival }: Ownership,
  cursor: ChainCursor,
): OwnerPhase {
  if (pending?.hash === cursor.head) return rival ? 'yielded' : 'owning'
  if (phase === 'claiming' && !counted) return rival ? 'yielded' : 'recovering'
  return 'fenced'
}

/** Rule 10, for an owner that found something at the end of its own partition while nothing of its own was under way. */
export function settleTail(before: Ownership, after: Ownership): Ownership {
  if (after.cursor.head !== before.cursor.head) return { ...after, phase: 'fenced' }
  return after.rival ? { ...after, phase: 'yielded' } : after
}
