import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { liquidationFee } from '../src/liquidation-fee.ts'
import { sliceLots } from '../src/lots.ts'
import { d } from './generators.ts'

const spec = { orderLotsMin: 10, orderLotsMax: 500 }
const wide = { wantedLots: 200, positionLots: 1_000, bookLots: 100_000, bookFraction: d('0.1') }

describe('a slice', () => {
  test.each([
    ['what restores margin, if nothing bounds it', {}, 200],
    ['a tenth of the visible book, rounded down', { bookLots: 1_239 }, 123],
    ['the largest order', { wantedLots: 900 }, 500],
    ['the smallest order, if less would do', { wantedLots: 3 }, 10],
    ['the smallest order, even into an empty book', { bookLots: 0 }, 10],
    ['the whole position, if it is smaller than an order', { positionLots: 7, wantedLots: 2 }, 7],
    ['dust with it, if the remainder could not be traded', { positionLots: 209 }, 209],
    ['no more than wanted, if the remainder can be traded', { positionLots: 210 }, 200],
    [
      'no dust beyond the largest order: the next slice takes it',
      { positionLots: 505, wantedLots: 505 },
      500,
    ],
    ['nothing, if nothing is wanted', { wantedLots: 0 }, 0],
    ['nothing of nothing', { positionLots: 0 }, 0],
  ])('takes %s', (_, change, lots) => {
    expect(sliceLots({ ...wide, ...change, spec })).toBe(lots)
  })

  test('is never above the position or the largest order, and sells everything in the end', () => {
    const anyMarket = fc.record({
      positionLots: fc.integer({ min: 1, max: 500 }),
      bookLots: fc.nat(20_000),
      orderLotsMin: fc.integer({ min: 1, max: 50 }),
      room: fc.integer({ min: 2, max: 40 }),
    })
    fc.assert(
      fc.property(anyMarket, ({ positionLots, bookLots, orderLotsMin, room }) => {
        const limits = { orderLotsMin, orderLotsMax: orderLotsMin * room }
        let left = positionLots
        for (let slices = 0; left > 0; slices += 1) {
          const slice = sliceLots({
            wantedLots: left,
            positionLots: left,
            bookLots,
            bookFraction: d('0.05'),
            spec: limits,
          })
          expect(slice).toBeGreaterThan(0)
          expect(slice).toBeLessThanOrEqual(Math.min(left, limits.orderLotsMax))
          expect(slices).toBeLessThan(501)
          left -= slice
        }
        expect(left).toBe(0)
      }),
      { numRuns: 100, seed: 13 },
    )
  })

  test('refuses quantities that are no whole numbers', () => {
    expect(() => sliceLots({ ...wide, positionLots: 1.5, spec })).toThrow('positionLots is 1.5')
    expect(() => sliceLots({ ...wide, wantedLots: -1, spec })).toThrow('wantedLots is -1')
  })
})

describe('a liquidation fee', () => {
  test('is the rate of the notional, cut to money scale', () => {
    expect(liquidationFee(d(12_345), d('0.005')).toFixed()).toBe('61.725')
    expect(liquidationFee(d('0.000000000199'), d('0.01')).toFixed()).toBe('0.000000000001')
  })

  test('refuses a negative notional', () => {
    expect(() => liquidationFee(d(-1), d('0.005'))).toThrow('must be ≥ 0')
  })
})
