import { describe, expect, test } from '@jest/globals'
import { BTC, ETH, analytics, leg, liquidationId, mark, reduced, triggered } from './fixtures.ts'

/** 1 and 2 sold, 2 the more; the mark fell from 10,000 to 9,800 by 3 s. */
function fallen() {
  return analytics()
    .given(mark(0, 10_000), mark(0, 500, ETH))
    .given(triggered(1, 500, { scope: 'scope-1', legs: [leg(10, 10_000)] }))
    .given(triggered(2, 500, { scope: 'scope-2', legs: [leg(30, 10_000)] }))
    .given(reduced(1, 1_000, { of: 1 }), reduced(2, 1_100, { of: 2, quantityLots: 30 }))
    .given(mark(3_000, 9_800))
}

describe('the parent of a liquidation', () => {
  test('is the one with the largest forced notional that pushed against its worst leg', () => {
    fallen()
      .given(triggered(3, 3_000, { scope: 'scope-3', legs: [leg(5, 9_800)] }))
      .when(reduced(3, 3_100, { of: 3 }))
      .thenMatching([
        {
          type: 'CascadeExtended',
          liquidationId: liquidationId(3),
          parentLiquidationId: liquidationId(2),
          generation: 1,
        },
      ])
  })

  test('gives the next generation to those that it triggers in turn', () => {
    const { driver } = fallen()
      .given(triggered(3, 3_000, { scope: 'scope-3', legs: [leg(5, 9_800)] }))
      .given(reduced(3, 3_100, { of: 3, quantityLots: 500 }), mark(4_000, 9_000))
      .given(triggered(4, 4_000, { scope: 'scope-4', legs: [leg(5, 9_000)] }))
      .given(reduced(4, 4_100, { of: 4 }))
    driver.advanceTo(20_000)
    expect(driver.events.findLast(event => event.type === 'CascadeExtended')).toMatchObject({
      parentLiquidationId: liquidationId(3),
      generation: 2,
    })
    expect(driver.events.at(-1)).toMatchObject({ type: 'CascadeClosed', generations: 3 })
  })

  test('is nobody when the scope was short: the selling helped it', () => {
    fallen()
      .given(triggered(3, 3_000, { scope: 'scope-3', legs: [leg(-5, 9_800)] }))
      .when(reduced(3, 3_100, { of: 3, side: 'buy' }))
      .thenContaining([{ type: 'CascadeExtended', parentLiquidationId: null, generation: 0 }])
  })

  test('is looked for on the leg that lost most, not on the one that is liquidated', () => {
    fallen()
      .given(mark(3_000, 499, ETH))
      .given(
        triggered(3, 3_000, { scope: 'scope-3', legs: [leg(5, 9_800, BTC), leg(5, 499, ETH)] }),
      )
      .when(reduced(3, 3_100, { of: 3, instrument: ETH, priceTicks: 499, markTicks: 499 }))
      .thenMatching([
        { type: 'CascadeOpened', instrument: ETH },
        { type: 'CascadeExtended', instrument: ETH, parentLiquidationId: liquidationId(2) },
      ])
  })

  test('is never an earlier liquidation of the same scope', () => {
    fallen()
      .given(triggered(3, 3_000, { scope: 'scope-2', legs: [leg(5, 9_800)] }))
      .when(reduced(3, 3_100, { of: 3, scope: 'scope-2' }))
      .thenMatching([{ type: 'CascadeExtended', parentLiquidationId: liquidationId(1) }])
  })

  test('is not one whose trades are older than the window or younger than the evaluation', () => {
    fallen()
      .given(mark(31_500, 9_600))
      .given(triggered(3, 31_500, { scope: 'scope-3', legs: [leg(5, 9_600)] }))
      .given(reduced(3, 31_600, { of: 4, scope: 'scope-4' }))
      .when(reduced(5, 31_700, { of: 3 }))
      .thenMatching([{ type: 'CascadeExtended', parentLiquidationId: null, generation: 0 }])
  })

  test('is unknown for a reduction whose trigger was never read', () => {
    fallen()
      .when(reduced(3, 3_100, { of: 77 }))
      .thenMatching([{ type: 'CascadeExtended', parentLiquidationId: null, generation: 0 }])
  })
})
