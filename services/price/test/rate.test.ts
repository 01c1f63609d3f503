import { expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import fc from 'fast-check'
import { shareOfTicks } from '../src/rate.ts'

test('a share of ticks is the exact product rounded down, for any rate and price that the wire admits', () => {
  const rate = fc
    .integer({ min: 0, max: 10 ** 9 })
    .map(billionths => new Decimal(billionths).div(10 ** 9))
  const ticks = fc.oneof(
    fc.integer({ min: 0, max: 10 ** 7 }),
    fc.integer({ min: 0, max: 2 * 10 ** 15 }),
  )
  fc.assert(
    fc.property(rate, ticks, (share, price) => {
      expect(shareOfTicks(share, price)).toBe(share.times(price).floor().toNumber())
    }),
    { seed: 20_251_010, numRuns: 2_000 },
  )
})
