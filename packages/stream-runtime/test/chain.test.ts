import { describe, expect, test } from '@jest/globals'
import { genesis, judge, type ChainCursor, type ReceiptLink } from '../src/chain.ts'
import { answered, found, newOwnership, send, settleTail, type Ownership } from '../src/owner.ts'

const HEAD: ChainCursor = { ...genesis('h5'), offset: 20, sequence: 5, lastEvent: 9, tenure: 2 }

const LINK: ReceiptLink = {
  hash: 'h6',
  previousHash: 'h5',
  sequence: 6,
  firstEvent: 10,
  eventCount: 3,
  emittedOfLastInput: 0,
  tenure: 2,
  owner: 'me',
  generation: 1,
  isTakeover: false,
}

const RIVAL: ReceiptLink = {
  ...LINK,
  hash: 'r',
  owner: 'other',
  generation: 2,
  eventCount: 0,
  isTakeover: true,
}

describe('a receipt', () => {
  test('that links to the head is valid and becomes the head', () => {
    expect(judge(HEAD, LINK)).toEqual({
      kind: 'valid',
      cursor: { ...HEAD, offset: 24, head: 'h6', sequence: 6, lastEvent: 12 },
    })
  })

  test('that does not link and is not above the head is void, and moves only the offset', () => {
    const late = { ...LINK, previousHash: 'h4', sequence: 5 }
    expect(judge(HEAD, late)).toEqual({ kind: 'void', cursor: { ...HEAD, offset: 24 } })
  })

  test.each([
    ['does not link and is above the head', { previousHash: 'h9', sequence: 6 }, 'sequence_ahead'],
    ['links but skips a sequence', { sequence: 7 }, 'sequence_wrong'],
    ['links but repeats a sequence', { sequence: 5 }, 'sequence_wrong'],
    ['links but skips an event', { firstEvent: 11 }, 'event_numbers_wrong'],
  ])('that %s is a fork', (_, change, reason) => {
    expect(judge(HEAD, { ...LINK, ...change })).toMatchObject({ kind: 'fork', reason })
  })
})

describe('an owner', () => {
  const owning: Ownership = {
    ...newOwnership({ owner: 'me', generation: 1 }, HEAD),
    phase: 'owning',
  }
  const appending = send(owning, LINK)

  const readThrough = (from: Ownership, links: readonly ReceiptLink[]) =>
    links.reduce((ownership, link) => found(ownership, link).ownership, from)

  test('is confirmed by the offset that it expects', () => {
    const answer = answered(appending, 20)
    expect(answer).toMatchObject({ kind: 'settled', ownership: { phase: 'owning', pending: null } })
  })

  test('stops when it is answered below what it has read', () => {
    expect(answered(appending, 19)).toEqual({ kind: 'data_lost' })
  })

  test('reads on when it is answered above, and an earlier copy counts as its own', async () => {
    const { settle, hasReadUpToAnswer } = await import('../src/owner.ts')
    const answer = answered(appending, 24)
    if (answer.kind !== 'read_on') throw new Error(answer.kind)
    const once = readThrough(answer.ownership, [LINK])
    expect(hasReadUpToAnswer(once)).toBe(false)
    const twice = readThrough(once, [LINK])
    expect(hasReadUpToAnswer(twice)).toBe(true)
    expect(settle(twice)).toMatchObject({ phase: 'owning', cursor: { head: 'h6', offset: 28 } })
  })

  test('is fenced when another took over before its batch landed', async () => {
    const { settle } = await import('../src/owner.ts')
    const answer = answered(appending, 21)
    if (answer.kind !== 'read_on') throw new Error(answer.kind)
    const valid = { ...RIVAL, previousHash: 'h5', tenure: 3 }
    expect(settle(readThrough(answer.ownership, [valid, LINK]))).toMatchObject({ phase: 'fenced' })
  })

  test('confirms its batch and yields when a void takeover of a later generation lies before it', async () => {
    const { settle } = await import('../src/owner.ts')
    const answer = answered(appending, 21)
    if (answer.kind !== 'read_on') throw new Error(answer.kind)
    const late = { ...RIVAL, previousHash: 'h4', sequence: 5 }
    const settled = settle(readThrough(answer.ownership, [late, LINK]))
    expect(settled).toMatchObject({ phase: 'yielded', cursor: { head: 'h6' } })
  })

  test('does not yield to a takeover of an earlier generation, nor to its own', () => {
    for (const change of [{ generation: 1 }, { owner: 'me' }]) {
      const late = { ...RIVAL, previousHash: 'h4', sequence: 5, ...change }
      expect(settleTail(owning, found(owning, late).ownership).phase).toBe('owning')
    }
  })

  test('claims again when its takeover is void, and yields if a later rival waits', async () => {
    const { settle } = await import('../src/owner.ts')
    const recovering = newOwnership({ owner: 'me', generation: 1 }, HEAD)
    const claiming = send(recovering, { ...LINK, eventCount: 0, isTakeover: true })
    const answer = answered(claiming, 24)
    if (answer.kind !== 'read_on') throw new Error(answer.kind)
    const batch = { ...LINK, hash: 'b', owner: 'living', tenure: 2 }
    expect(settle(readThrough(answer.ownership, [batch, claiming.pending!]))).toMatchObject({
      phase: 'recovering',
    })
    const waiting = { ...RIVAL, sequence: 6, previousHash: 'h5' }
    expect(
      settle(readThrough(answer.ownership, [batch, waiting, claiming.pending!])),
    ).toMatchObject({ phase: 'yielded' })
  })
})
