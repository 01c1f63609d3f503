import { describe, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { tick } from '@sluice/testkit/given'
import { BTC, configured, depth, level, priced } from './fixtures.ts'

const NEAR = new Decimal('0.001')
const FAR = new Decimal('0.01')

function book(bids: readonly [number, number][], asks: readonly [number, number][], time = 1_000) {
  return depth(
    time,
    bids.map(([ticks, lots]) => level(ticks, lots)),
    asks.map(([ticks, lots]) => level(ticks, lots)),
  )
}

describe('book liquidity', () => {
  test('sums each side within each distance of the mid price, its edge included', () => {
    configured()
      .when(
        book(
          [
            [9_995, 1],
            [9_990, 10],
            [9_989, 100],
            [9_900, 1_000],
            [9_899, 9],
          ],
          [
            [10_005, 2],
            [10_010, 20],
            [10_011, 200],
            [10_100, 2_000],
            [10_101, 9],
          ],
        ),
      )
      .thenEvents([
        {
          type: 'BookLiquidityUpdated',
          instrument: BTC,
          bidTicks: 9_995,
          askTicks: 10_005,
          bands: [
            { distanceRate: NEAR, bidLots: 11, askLots: 22 },
            { distanceRate: FAR, bidLots: 1_111, askLots: 2_222 },
          ],
        },
      ])
  })

  test('is published at most once an interval, and then the newest book', () => {
    priced()
      .given(book([[9_999, 10]], [[10_001, 10]]))
      .when(book([[9_998, 10]], [[10_001, 10]], 1_300), book([[9_997, 10]], [[10_001, 10]], 1_600))
      .thenNothing()
      .when(tick(2_000))
      .thenMatching([{ type: 'BookLiquidityUpdated', bidTicks: 9_997, askTicks: 10_001 }])
  })

  test('is not published for a change of no more than a twentieth with the best prices unmoved', () => {
    configured()
      .given(book([[9_999, 100]], [[10_001, 100]]))
      .when(book([[9_999, 95]], [[10_001, 105]], 2_000))
      .thenNothing()
      .when(book([[9_999, 94]], [[10_001, 100]], 3_000))
      .thenMatching([{ type: 'BookLiquidityUpdated' }])
  })

  test('has best price 0 and no lots on an empty side', () => {
    configured()
      .when(book([], [[10_001, 7]]))
      .thenMatching([
        {
          type: 'BookLiquidityUpdated',
          bidTicks: 0,
          askTicks: 10_001,
          bands: [
            { distanceRate: NEAR, bidLots: 0, askLots: 7 },
            { distanceRate: FAR, bidLots: 0, askLots: 7 },
          ],
        },
      ])
  })
})
