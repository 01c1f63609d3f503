import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { UnbalancedPostingError } from '../src/errors.ts'
import { builtInInstruments } from '../src/instruments.ts'
import { Ledger, holdingOf, participant } from '../src/ledger.ts'
import type { Participant } from '../src/ledger.ts'

const SEED = 20_260_102
const RUNS = process.env['SLUICE_LONG'] === undefined ? 60 : 10_000

function ledgerWith(count: number): { ledger: Ledger; traders: Participant[] } {
  const ledger = new Ledger(builtInInstruments(2))
  ledger.openPool('pool', 1_000n)
  const traders = Array.from({ length: count }, (_, index) =>
    participant({ account: `t${index}`, isolatedInstrument: null }),
  )
  for (const trader of traders) ledger.openScope(trader, 5_000_000_000_000_000n)
  return { ledger, traders }
}

function everybody(ledger: Ledger): Participant[] {
  return [ledger.house, ...ledger.scopes.values()]
}

describe('the ledger', () => {
  test('after any trades: balances sum to zero, clearing mirrors costs, lots sum to zero', () => {
    const trades = fc.array(
      fc.record({
        buyer: fc.integer({ min: 0, max: 4 }),
        seller: fc.integer({ min: 0, max: 4 }),
        instrument: fc.integer({ min: 0, max: 1 }),
        lots: fc.integer({ min: 1, max: 1000 }),
        priceTicks: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      { maxLength: 40 },
    )
    fc.assert(
      fc.property(trades, list => {
        const { ledger, traders } = ledgerWith(4)
        const parties = [ledger.house, ...traders]
        for (const { buyer, seller, ...rest } of list) {
          if (buyer === seller) continue
          ledger.trade({ buyer: parties[buyer]!, seller: parties[seller]!, ...rest })
        }
        let balances = ledger.outside.units + ledger.clearing.units
        for (const pool of ledger.pools.values()) balances += pool.units
        let cost = 0n
        const lots = [0, 0]
        for (const party of everybody(ledger)) {
          balances += party.wallet.units
          for (const holding of party.holdings) {
            expect(holding.lots).not.toBe(0)
            cost += holding.entryUnits
            lots[holding.instrument]! += holding.lots
          }
        }
        expect(balances).toBe(0n)
        expect(ledger.clearing.units).toBe(-cost)
        expect(lots).toEqual([0, 0])
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('a round trip in parts loses nothing to rounding: the wallet ends with exactly the cash difference', () => {
    const parts = fc.array(
      fc.record({
        lots: fc.integer({ min: 1, max: 7 }),
        price: fc.integer({ min: 1, max: 99_991 }),
      }),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 99_989 }), (closings, openPrice) => {
        const { ledger, traders } = ledgerWith(1)
        const trader = traders[0]!
        const before = trader.wallet.units
        const total = closings.reduce((sum, part) => sum + part.lots, 0)
        const trade = { instrument: 0, buyer: trader, seller: ledger.house }
        ledger.trade({ ...trade, lots: total, priceTicks: openPrice })
        let cash = -ledger.valueOf(0, total, openPrice)
        for (const { lots, price } of closings) {
          ledger.trade({
            instrument: 0,
            buyer: ledger.house,
            seller: trader,
            lots,
            priceTicks: price,
          })
          cash += ledger.valueOf(0, lots, price)
        }
        expect(holdingOf(trader, 0)).toBeUndefined()
        expect(trader.wallet.units - before).toBe(cash)
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('refuses a posting that does not balance and books none of it', () => {
    const { ledger, traders } = ledgerWith(1)
    const trader = traders[0]!
    const before = trader.wallet.units
    expect(() => ledger.post('wrong', [[trader.wallet, 1n]])).toThrow(UnbalancedPostingError)
    expect(trader.wallet.units).toBe(before)
  })

  test('a trade through zero closes at average cost and opens the rest at the price', () => {
    const { ledger, traders } = ledgerWith(1)
    const trader = traders[0]!
    ledger.trade({ instrument: 0, buyer: trader, seller: ledger.house, lots: 10, priceTicks: 100 })
    ledger.trade({ instrument: 0, buyer: ledger.house, seller: trader, lots: 15, priceTicks: 110 })
    const holding = holdingOf(trader, 0)
    expect(holding?.lots).toBe(-5)
    expect(holding?.entryUnits).toBe(ledger.valueOf(0, -5, 110))
    expect(trader.wallet.units - 5_000_000_000_000_000n).toBe(ledger.valueOf(0, 10, 10))
  })
})
