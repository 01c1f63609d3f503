import { describe, expect, test } from '@jest/globals'
import type { Decimal } from '@sluice/domain/decimal'
import { missingCover } from '../src/reservation.ts'
import { isRestored } from '../src/slice.ts'
import type { Liquidation, State } from '../src/state.ts'
import { BTC, book, dec, execution, SCOPE, triggered } from './fixtures.ts'

const UNIT = dec('1e-12')

/** A long of 2,000 lots at 500,000 ticks, bid one per mille below: 1,000 of maintenance margin. */
function withEquity(check: (state: State, of: (equity: Decimal) => Liquidation) => void): void {
  const holdings = [{ instrument: BTC, quantityLots: 2_000, markTicks: 500_000 }]
  execution()
    .given(
      book(BTC, 100_000, { bidTicks: 499_500, askTicks: 500_001 }),
      triggered({ wallet: dec(900), holdings }),
    )
    .thenState(state => {
      const liquidation = state.liquidations.get(SCOPE)!
      const { statement } = liquidation
      check(state, equity => ({ ...liquidation, statement: { ...statement, equity } }))
    })
}

describe('where doubles cannot tell, decimals decide', () => {
  test('that margin is restored at the target and not a unit of money below', () => {
    withEquity((_state, of) => {
      const target = dec(1_100)
      expect(isRestored(of(target))).toBe(true)
      expect(isRestored(of(target.plus(UNIT)))).toBe(true)
      expect(isRestored(of(target.minus(UNIT)))).toBe(false)
    })
  })

  test('how much cover is missing, to the unit', () => {
    withEquity((state, of) => {
      const loss = dec(100_000 - 99_900).plus(dec(99_900).times('0.001'))
      expect(missingCover(state, of(loss)).toNumber()).toBe(0)
      expect(missingCover(state, of(loss.plus(UNIT))).toNumber()).toBe(0)
      expect(missingCover(state, of(loss.minus(UNIT)))).toEqual(UNIT)
      expect(missingCover(state, of(dec(0)))).toEqual(loss)
    })
  })
})
