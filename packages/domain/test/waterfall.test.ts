import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  allotDeleveraging,
  compareCandidates,
  deleveragingLights,
  deleveragingScore,
} from '../src/deleveraging.ts'
import { shareLoss } from '../src/loss-share.ts'
import { d, RUNS } from './generators.ts'

const long = { unrealisedProfit: d(20), entryNotional: d(100), notional: d(120), equity: d(40) }
const losing = { unrealisedProfit: d(-20), entryNotional: d(-100), notional: d(80), equity: d(40) }

describe('deleveraging score', () => {
  test('multiplies by leverage in profit, divides by it in loss', () => {
    expect(deleveragingScore(long)).toBeCloseTo(0.6, 15)
    expect(deleveragingScore(losing)).toBeCloseTo(-0.1, 15)
  })

  test.each([
    ['price_ratio_leverage', 3.6],
    ['profit_to_equity', 0.5],
    ['profit_notional', 60],
    ['position_size', 7],
  ] as const)('follows %s when the policy says so', (ranking, score) => {
    expect(deleveragingScore({ ...long, ranking, quantityLots: 7 })).toBeCloseTo(score, 12)
  })

  test('is zero for a scope without equity, and refuses a position without value', () => {
    expect(deleveragingScore({ ...long, equity: d(0) })).toBe(0)
    expect(() => deleveragingScore({ ...long, notional: d(0) })).toThrow('notional is 0')
    expect(deleveragingScore({ ...long, entryNotional: d(0) })).toBe(Number.MAX_VALUE)
  })

  test('ties go by id, so that every reader ranks alike', () => {
    const ranked = ['c', 'a', 'b'].map(id => ({ id, score: 1 })).sort(compareCandidates)
    expect(ranked.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(compareCandidates({ id: 'a', score: 2 }, { id: 'a', score: 2 })).toBe(0)
  })
})

describe('deleveraging allotment', () => {
  const ranked = [
    { id: 'a', quantityLots: -10 },
    { id: 'b', quantityLots: -20 },
  ]

  test('takes from the top, the last in part', () => {
    expect(allotDeleveraging(15, ranked)).toEqual([
      { id: 'a', quantityLots: 10, rank: 1 },
      { id: 'b', quantityLots: 5, rank: 2 },
    ])
  })

  test('places what there is, and no more', () => {
    const lots = allotDeleveraging(100, ranked).map(({ quantityLots }) => quantityLots)
    expect(lots).toEqual([10, 20])
    expect(allotDeleveraging(0, ranked)).toEqual([])
  })

  test('shows each candidate its fifth of the queue', () => {
    const quantities = [10, 20, 30, 10, 10, 20].map(quantityLots => ({ quantityLots }))
    expect(deleveragingLights(quantities)).toEqual([1, 2, 3, 4, 4, 5])
  })
})

describe('a shared loss', () => {
  const anyLoss = fc.record({
    loss: fc.bigInt({ min: 0n, max: 10n ** 22n }),
    profits: fc.array(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 24n }), { maxLength: 12 }),
    remainder: fc.constantFrom('largest' as const, 'last' as const),
  })
  const money = (units: bigint) => d(units.toString()).times('1e-12')

  test('sums exactly, and nobody pays more than his profit', () => {
    fc.assert(
      fc.property(anyLoss, ({ loss, profits, remainder }) => {
        const winners = profits.map((units, at) => ({ id: `w${at}`, profit: money(units) }))
        const shares = shareLoss(money(loss), winners, { remainder })
        const gained = profits.reduce((sum, units) => (units > 0n ? sum + units : sum), 0n)
        const paid = shares.reduce((sum, { amount }) => sum.plus(amount), d(0))
        expect(paid.eq(money(loss < gained ? loss : gained))).toBe(true)
        for (const { id, amount } of shares) {
          const { profit } = winners.find(winner => winner.id === id)!
          if (remainder === 'largest') expect(amount.lte(profit)).toBe(true)
          expect(amount.gt(0)).toBe(true)
        }
      }),
      { numRuns: RUNS, seed: 17 },
    )
  })

  test('does not depend on the order of the winners', () => {
    fc.assert(
      fc.property(anyLoss, ({ loss, profits }) => {
        const winners = profits.map((units, at) => ({ id: `w${at}`, profit: money(units) }))
        const byId = (shares: ReturnType<typeof shareLoss>) =>
          Object.fromEntries(shares.map(({ id, amount }) => [id, amount.toFixed()]))
        const backward = shareLoss(money(loss), winners.toReversed())
        expect(byId(backward)).toEqual(byId(shareLoss(money(loss), winners)))
      }),
      { numRuns: RUNS, seed: 18 },
    )
  })

  test('gives the units that rounding leaves to the largest parts cut off, or to the last', () => {
    const winners = ['b', 'a', 'c'].map(id => ({ id, profit: d(10) }))
    const shared = (remainder: 'largest' | 'last') =>
      shareLoss(d(2), winners, { scale: 0, remainder }).map(({ id, amount }) => [
        id,
        amount.toFixed(),
      ])
    expect(shared('largest')).toEqual([
      ['b', '1'],
      ['a', '1'],
    ])
    expect(shared('last')).toEqual([['c', '2']])
  })

  test('refuses a loss finer than its unit', () => {
    expect(() => shareLoss(d('0.5'), [], { scale: 0 })).toThrow('at most 0 decimals')
  })
})
