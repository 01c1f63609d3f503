import { judge, type ChainCursor, type ReceiptLink, type Verdict } from '../../src/chain.ts'
import { answered, found, hasReadUpToAnswer, settle, type Ownership } from '../../src/owner.ts'

/** The rules under examination. `CONTRACT` is the code that runs in production; the others each leave one of them out. */
export interface Rules {
  judge(cursor: ChainCursor, link: ReceiptLink): Verdict
  /**
   * An answer has come: reads the own partition as far as the rules ask, and decides. `after` gives the receipts that lie from the
   * cursor on.
   */
  confirm(
    ownership: Ownership,
    base: number,
    after: readonly ReceiptLink[],
  ): Ownership | 'data_lost'
  /** Rule 7 broken: another batch may be cut while the fate of the first is unknown. */
  readonly recuts?: boolean
  /** Rule 8 broken: batches follow the takeover before it is confirmed. */
  readonly emitsBeforeConfirmedClaim?: boolean
  /** Rule 9 broken: a fenced owner comes back with the state it had. */
  readonly keepsStateWhenFenced?: boolean
}

function confirmByReading(
  ownership: Ownership,
  base: number,
  after: readonly ReceiptLink[],
): Ownership | 'data_lost' {
  const answer = answered(ownership, base)
  if (answer.kind === 'data_lost') return 'data_lost'
  if (answer.kind === 'settled') return answer.ownership
  let reading = answer.ownership
  for (const link of after) {
    if (hasReadUpToAnswer(reading)) break
    const read = found(reading, link)
    if (read.verdict.kind === 'fork') return 'data_lost'
    reading = read.ownership
  }
  return hasReadUpToAnswer(reading) ? settle(reading) : 'data_lost'
}

export const CONTRACT: Rules = { judge, confirm: confirmByReading }

/** A receipt counts if its tenure is not below the highest seen; nothing links to anything. */
function judgeByTenure(cursor: ChainCursor, link: ReceiptLink): Verdict {
  const offset = cursor.offset + 1 + link.eventCount
  if (link.tenure < cursor.tenure) return { kind: 'void', cursor: { ...cursor, offset } }
  const { hash: head, tenure, emittedOfLastInput } = link
  const sequence = Math.max(cursor.sequence, link.sequence)
  const lastEvent = cursor.lastEvent + link.eventCount
  return {
    kind: 'valid',
    cursor: { offset, head, sequence, lastEvent, tenure, emittedOfLastInput },
  }
}

function confirmed(ownership: Ownership, pending: ReceiptLink, base: number): Ownership {
  const { cursor } = ownership
  return {
    ...ownership,
    phase: 'owning',
    pending: null,
    cursor: {
      offset: base + 1 + pending.eventCount,
      head: pending.hash,
      sequence: pending.sequence,
      lastEvent: cursor.lastEvent + pending.eventCount,
      tenure: pending.tenure,
      emittedOfLastInput: 0,
    },
  }
}

/** Epochs alone: a writer is fenced by a takeover of a higher tenure between, and otherwise goes on. */
export const TENURES_ONLY: Rules = {
  judge: judgeByTenure,
  confirm(ownership, base, after) {
    const { pending } = ownership
    if (pending === null) return 'data_lost'
    const overtaken = after.some(
      ({ isTakeover, tenure, owner }) =>
        isTakeover && owner !== ownership.owner && tenure > pending.tenure,
    )
    return overtaken
      ? { ...ownership, phase: 'fenced', pending: null }
      : confirmed(ownership, pending, base)
  },
}

/** Without rule 6: an answer is taken for a confirmation. */
export const ANSWER_CONFIRMS: Rules = {
  judge,
  confirm: (ownership, base) =>
    ownership.pending === null ? 'data_lost' : confirmed(ownership, ownership.pending, base),
}

/** Without rule 7. */
export const RECUTS: Rules = { ...CONTRACT, recuts: true }

/** Without rule 8. */
export const EMITS_BEFORE_CLAIM: Rules = { ...CONTRACT, emitsBeforeConfirmedClaim: true }

/** Without rule 9. */
export const KEEPS_STATE: Rules = { ...CONTRACT, keepsStateWhenFenced: true }

/** Without rule 10: nobody ever looks like a rival. */
export const NEVER_YIELDS: Rules = {
  judge,
  confirm: (ownership, base, after) =>
    confirmByReading({ ...ownership, generation: Infinity }, base, after),
}

/** Rule 3 without the fork: whatever does not link is skipped. */
export const NEVER_FORKS: Rules = {
  ...CONTRACT,
  judge(cursor, link) {
    const verdict = judge(cursor, link)
    if (verdict.kind !== 'fork') return verdict
    return { kind: 'void', cursor: { ...cursor, offset: cursor.offset + 1 + link.eventCount } }
  },
}
