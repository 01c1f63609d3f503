import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ROUND_HALF_EVEN } from '../src/decimal.ts'
import { indexPrice, type IndexSource } from '../src/index-price.ts'
import { divideHalfEven } from '../src/half-even.ts'
import { basisPrice, fundingPrice, markPriceTicks } from '../src/mark-price.ts'
import { d, RUNS } from './generators.ts'

const rules = { quorum: 2, outlierRate: d('0.01'), maxAgeMs: 5_000 }

function sourcesOf(...prices: (readonly [number, number?, number?])[]): IndexSource[] {
  return prices.map(([priceTicks, weight = 1, ageMs = 0], at) => ({
    source: `source-${at + 1}`,
    weight,
    priceTicks,
    ageMs,
  }))
}

describe('index price', () => {
  test('is the weighted mean, rounded half to even', () => {
    const of = (...prices: (readonly [number, number?])[]) =>
      indexPrice({ sources: sourcesOf(...prices), ...rules }).indexTicks
    expect(of([1_000, 0.5], [1_004, 0.25], [1_008, 0.25])).toBe(1_003)
    expect(of([1_000], [1_001])).toBe(1_000)
    expect(of([1_001], [1_002])).toBe(1_002)
    expect(of([999_999_999_999_998], [999_999_999_999_999, 0.000001])).toBe(999_999_999_999_998)
  })

  test('leaves out a stale source and an outlier, and says why', () => {
    const sources = sourcesOf([10_000], [10_050], [10_300], [20_000, 1, 5_001], [10_020])
    expect(indexPrice({ sources, ...rules })).toEqual({
      indexTicks: 10_023,
      medianTicks: 10_035,
      quorumMet: true,
      included: ['source-1', 'source-2', 'source-5'],
      excluded: [
        { source: 'source-3', reason: 'outlier' },
        { source: 'source-4', reason: 'stale' },
      ],
    })
  })

  test('counts a source exactly at the bound in', () => {
    const sources = sourcesOf([10_000], [10_000], [10_100], [9_899])
    expect(indexPrice({ sources, ...rules }).included).toEqual(['source-1', 'source-2', 'source-3'])
  })

  test('goes on below the quorum and says so; without sources there is none', () => {
    const one = indexPrice({ sources: sourcesOf([10_000], [9_000, 1, 9_999]), ...rules })
    expect([one.indexTicks, one.quorumMet]).toEqual([10_000, false])
    const none = indexPrice({ sources: sourcesOf([10_000, 1, 9_999]), ...rules })
    expect([none.indexTicks, none.medianTicks, none.quorumMet]).toEqual([null, null, false])
  })

  test('cannot be moved beyond the outlier rate by a minority of the weight', () => {
    const anyMarket = fc.record({
      honest: fc.array(fc.integer({ min: 9_990, max: 10_010 }), { minLength: 3, maxLength: 6 }),
      liars: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(anyMarket, ({ honest, liars }) => {
        const sources = sourcesOf(...[...honest, ...liars].map(price => [price] as const))
        const { indexTicks } = indexPrice({ sources, ...rules })
        expect(indexTicks).toBeGreaterThanOrEqual(9_990 * 0.99 - 1)
        expect(indexTicks).toBeLessThanOrEqual(10_010 * 1.01 + 1)
      }),
      { numRuns: RUNS, seed: 14 },
    )
  })

  test('does not depend on the order of its sources', () => {
    const anySources = fc.array(
      fc.tuple(fc.integer({ min: 900, max: 1_100 }), fc.integer({ min: 1, max: 9 })),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    fc.assert(
      fc.property(anySources, prices => {
        const sources = sourcesOf(...prices)
        const forward = indexPrice({ sources, ...rules })
        const backward = indexPrice({ sources: sources.toReversed(), ...rules })
        expect(backward.indexTicks).toBe(forward.indexTicks)
        expect(backward.included.toSorted()).toEqual(forward.included)
      }),
      { numRuns: RUNS, seed: 15 },
    )
  })

  test('refuses a weight that is not above zero', () => {
    expect(() => indexPrice({ sources: sourcesOf([10_000, 0]), ...rules })).toThrow('has weight 0')
  })
})

describe('mark price', () => {
  const interval = 28_800_000

  test('of the funding side carries what is still to accrue', () => {
    const at = (msToFunding: number) =>
      fundingPrice(1_000_000, d('0.0004'), { msToFunding, intervalMs: interval })
    expect(at(interval)).toBe(1_000_400)
    expect(at(interval / 2)).toBe(1_000_200)
    expect(at(0)).toBe(1_000_000)
    expect([at(-1), at(2 * interval)]).toEqual([1_000_000, 1_000_400])
  })

  test('of the funding side is the one in decimals, also at half a tick', () => {
    const anyMoment = fc.record({
      indexTicks: fc.oneof(fc.integer({ min: 1, max: 10 ** 12 }), fc.constantFrom(1_000, 500_000)),
      billionths: fc.oneof(fc.integer({ min: -(10 ** 7), max: 10 ** 7 }), fc.constantFrom(10 ** 6)),
      msToFunding: fc.constantFrom(0, 1, 7_200_000, 14_400_000, 28_799_999, 28_800_000),
    })
    fc.assert(
      fc.property(anyMoment, ({ indexTicks, billionths, msToFunding }) => {
        const intervalMs = 28_800_000
        const rate = d(billionths).times('1e-9')
        const exact = rate.times(msToFunding).div(intervalMs).plus(1).times(indexTicks)
        const ticks = fundingPrice(indexTicks, rate, { msToFunding, intervalMs })
        expect(ticks).toBe(exact.toDecimalPlaces(0, ROUND_HALF_EVEN).toNumber())
      }),
      { numRuns: 10 * RUNS, seed: 14 },
    )
  })

  test('of the basis side is the index with the mean of the samples', () => {
    expect(basisPrice(1_000_000, -150, 3)).toBe(999_950)
    expect(basisPrice(1_000_000, 0.5, 1)).toBe(1_000_000)
    expect(basisPrice(1_000_000, 0, 0)).toBe(1_000_000)
  })

  test('is the median of three', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999)), ([a, b, c]) => {
        expect(markPriceTicks(a, b, c)).toBe([a, b, c].sort((x, y) => x - y)[1])
      }),
      { numRuns: RUNS, seed: 16 },
    )
  })

  test('without a recent trade is the mean of two, half a tick towards the funding price', () => {
    expect(markPriceTicks(1_000, 1_005, null)).toBe(1_002)
    expect(markPriceTicks(1_005, 1_000, null)).toBe(1_003)
    expect(markPriceTicks(1_000, 1_004, null)).toBe(1_002)
  })
})

test('a whole division rounds half to even, below zero too', () => {
  fc.assert(
    fc.property(
      fc.maxSafeInteger(),
      fc.integer({ min: 1, max: 1_000 }),
      fc.boolean(),
      (dividend, divisor, isTie) => {
        const at = isTie ? (Math.trunc(dividend / 4_000) + 0.5) * 2 * divisor : dividend
        const exact = d(at).div(2 * divisor)
        fc.pre(Number.isSafeInteger(at))
        expect(divideHalfEven(at, 2 * divisor)).toBe(
          exact.toDecimalPlaces(0, ROUND_HALF_EVEN).toNumber() + 0,
        )
      },
    ),
    { numRuns: RUNS, seed: 1 },
  )
})
