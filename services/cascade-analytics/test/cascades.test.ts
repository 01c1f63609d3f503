import { describe, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { tick } from '@sluice/testkit/given'
import {
  BTC,
  ETH,
  analytics,
  completed,
  leg,
  liquidationId,
  mark,
  reduced,
  triggered,
} from './fixtures.ts'

const FIRST = 'liquidation-execution-0/1'

/** Liquidation 1 (a long) has sold 10 lots at 9,950 with the mark at 10,000. */
function opened() {
  return analytics()
    .given(mark(0, 10_000), triggered(1, 900, { scope: 'scope-1', legs: [leg(10, 10_000)] }))
    .given(reduced(1, 1_000, { of: 1, priceTicks: 9_950 }))
}

describe('a cascade', () => {
  test('opens with a forced reduction that has none before it within the gap', () => {
    analytics()
      .when(reduced(1, 1_000, { of: 1, priceTicks: 9_950 }))
      .thenEvents([
        {
          type: 'CascadeOpened',
          cascadeId: FIRST,
          instrument: BTC,
          side: 'sell',
          liquidationId: liquidationId(1),
          markTicks: 10_000,
        },
        {
          type: 'CascadeExtended',
          cascadeId: FIRST,
          instrument: BTC,
          side: 'sell',
          liquidationId: liquidationId(1),
          parentLiquidationId: null,
          generation: 0,
          notional: new Decimal(995),
        },
      ])
  })

  test('is joined by each liquidation once, however many slices it takes', () => {
    opened()
      .when(
        reduced(2, 2_000, { of: 1 }),
        reduced(3, 3_000, { of: 2 }),
        reduced(4, 4_000, { of: 2 }),
      )
      .thenMatching([
        {
          type: 'CascadeExtended',
          cascadeId: FIRST,
          liquidationId: liquidationId(2),
          notional: new Decimal(2_995),
        },
      ])
  })

  test('closes when its gap has passed, with what it has cost', () => {
    opened()
      .given(mark(1_500, 9_700), mark(1_700, 9_800))
      .given(
        reduced(2, 2_000, {
          of: 1,
          priceTicks: 9_800,
          markTicks: 9_790,
          mechanism: 'deleveraging',
        }),
      )
      .given(completed(1, 2_500, '12.5'))
      .when(tick(7_000))
      .thenNothing()
      .when(tick(7_001))
      .thenEvents([
        {
          type: 'CascadeClosed',
          cascadeId: FIRST,
          instrument: BTC,
          side: 'sell',
          liquidations: 1,
          reductions: 2,
          generations: 1,
          notional: new Decimal(1_975),
          openTicks: 10_000,
          extremeTicks: 9_700,
          slippageCost: new Decimal(5),
          fundDraw: new Decimal('12.5'),
          deleveragedNotional: new Decimal(980),
          openedAt: 1_000,
          lastAt: 2_000,
        },
      ])
  })

  test('goes on with a reduction exactly the gap later, and ends one millisecond after', () => {
    opened()
      .when(reduced(2, 6_000, { of: 1 }))
      .thenNothing()
      .when(reduced(3, 11_001, { of: 1 }))
      .thenTypes(['CascadeClosed', 'CascadeOpened', 'CascadeExtended'])
  })

  test('is kept apart from those of the other side and of other instruments', () => {
    opened()
      .when(
        reduced(2, 1_100, { of: 2, side: 'buy' }),
        reduced(3, 1_200, { of: 3, instrument: ETH }),
      )
      .thenContaining([
        { type: 'CascadeOpened', instrument: BTC, side: 'buy' },
        { type: 'CascadeOpened', instrument: ETH, side: 'sell' },
      ])
  })

  test('counts the buying against the highest mark and pays slippage above it', () => {
    analytics()
      .given(reduced(1, 1_000, { of: 1, side: 'buy', priceTicks: 10_030 }), mark(1_200, 10_500))
      .when(tick(6_001))
      .thenMatching([
        { type: 'CascadeClosed', side: 'buy', extremeTicks: 10_500, slippageCost: new Decimal(3) },
      ])
  })

  test('is not what the fund paid for is counted in once it is closed', () => {
    opened()
      .given(tick(6_001), reduced(9, 9_000, { of: 5 }), completed(1, 9_100, '50'))
      .when(tick(14_001))
      .thenMatching([{ type: 'CascadeClosed', fundDraw: new Decimal(0) }])
  })

  test('of an instrument nobody listed is refused', () => {
    analytics()
      .when(reduced(1, 1_000, { of: 1, instrument: 'DOGE-PERP' }))
      .thenRefused('instrument_unknown')
  })
})
