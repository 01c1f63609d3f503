import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  bankruptcyPriceTicks,
  bankruptcyValue,
  closingDeficit,
  exactBankruptcyPriceTicks,
} from '../src/bankruptcy-price.ts'
import { notionalOf } from '../src/instrument.ts'
import { marginOf, positionMaintenance } from '../src/margin.ts'
import { anyPosition, d, RUNS, specOf, tiersOf } from './generators.ts'

const anyScope = fc
  .record({
    positions: fc.array(anyPosition, { minLength: 1, maxLength: 4 }),
    coverPercent: fc.integer({ min: -300, max: 500 }),
  })
  .map(({ positions, coverPercent }) => {
    const { equity, maintenanceMargin } = marginOf(d(0), positions)
    const wanted = maintenanceMargin.times(coverPercent).div(100)
    return { positions, walletBalance: wanted.minus(equity).toDecimalPlaces(12) }
  })

describe('bankruptcy price', () => {
  test('of one leg leaves nothing, and one tick worse leaves a debt', () => {
    fc.assert(
      fc.property(anyScope, ({ positions: [position], ...rest }) => {
        const scope = { ...rest, positions: [position!] }
        const ticks = bankruptcyPriceTicks({ ...scope, index: 0 })
        if (ticks === null) return
        const equityAt = (markTicks: number) =>
          marginOf(scope.walletBalance, [{ ...position!, markTicks }]).equity
        const worse = position!.quantityLots > 0 ? ticks - 1 : ticks + 1
        expect(equityAt(ticks).gte(0)).toBe(true)
        expect(equityAt(worse).lt(0)).toBe(true)
      }),
      { numRuns: RUNS, seed: 10 },
    )
  })

  test('in doubles with a proof is the one in decimals, also where wallets make it a whole number', () => {
    fc.assert(
      fc.property(anyScope, fc.boolean(), ({ walletBalance, positions }, isRound) => {
        const wallet = isRound ? walletBalance.toDecimalPlaces(0) : walletBalance
        for (const index of positions.keys()) {
          const scope = { walletBalance: wallet, positions, index }
          expect(bankruptcyPriceTicks(scope)).toBe(exactBankruptcyPriceTicks(scope))
        }
      }),
      { numRuns: 10 * RUNS, seed: 13 },
    )
  })

  test('of every leg of a cross account, closed in turn, never ends below zero', () => {
    fc.assert(
      fc.property(anyScope, ({ walletBalance, positions }) => {
        let wallet = walletBalance
        for (const [index, { spec, quantityLots, entryNotional }] of positions.entries()) {
          const ticks = bankruptcyPriceTicks({ walletBalance, positions, index })
          if (ticks === null) return
          wallet = wallet.plus(notionalOf(spec, quantityLots, ticks)).minus(entryNotional)
        }
        if (marginOf(walletBalance, positions).equity.gte(0)) expect(wallet.gte(0)).toBe(true)
      }),
      { numRuns: RUNS, seed: 11 },
    )
  })

  test('stays the same for what is left after a part is closed at it, one tier', () => {
    const position = {
      spec: specOf(),
      tiers: tiersOf([[0, '0.01']]),
      quantityLots: 1_000,
      entryNotional: d(52_000),
      markTicks: 500_000,
    }
    const before = bankruptcyPriceTicks({
      walletBalance: d(2_300),
      positions: [position],
      index: 0,
    })
    const half = { ...position, quantityLots: 500, entryNotional: d(26_000) }
    const proceeds = notionalOf(position.spec, 500, before!)
    const walletBalance = d(2_300).plus(proceeds).minus(26_000)
    const after = bankruptcyPriceTicks({ walletBalance, positions: [half], index: 0 })
    expect([before, after]).toEqual([497_000, 497_000])
  })

  test('does not exist for a long that is fully paid, nor for a short under water beyond its value', () => {
    const long = {
      spec: specOf(),
      tiers: tiersOf([[0, '0.01']]),
      quantityLots: 1_000,
      entryNotional: d(50_000),
      markTicks: 500_000,
    }
    const short = { ...long, quantityLots: -1_000, entryNotional: d(-50_000) }
    const priceOf = (position: typeof long, wallet: number) =>
      bankruptcyPriceTicks({ walletBalance: d(wallet), positions: [position], index: 0 })
    expect(priceOf(long, 50_000)).toBeNull()
    expect(priceOf(short, -50_000)).toBeNull()
    expect(priceOf(short, 1_000)).toBe(510_000)
  })

  test('rounds what it allots down, so a counterparty is never promised too much', () => {
    const part = { closedValue: d(100), closedMaintenance: d(1), maintenanceMargin: d(3) }
    expect(bankruptcyValue({ ...part, equity: d(1) }, 2).toFixed()).toBe('99.67')
    expect(bankruptcyValue({ ...part, equity: d(-1) }, 2).toFixed()).toBe('100.34')
    expect(() => bankruptcyValue({ ...part, equity: d(1), maintenanceMargin: d(0) })).toThrow(
      'above zero',
    )
  })

  test('says what a fund must add for a close at another price', () => {
    expect(closingDeficit(d('497.5'), d('490.25')).toFixed()).toBe('7.25')
    expect(closingDeficit(d('-510'), d('-505')).toFixed()).toBe('0')
  })

  test('asks for a share of maintenance margin that sums over the legs', () => {
    fc.assert(
      fc.property(anyScope, ({ walletBalance, positions }) => {
        const margin = marginOf(walletBalance, positions)
        const total = positions.reduce((sum, position) => {
          const closedMaintenance = positionMaintenance(position)
          return sum.minus(bankruptcyValue({ closedValue: d(0), closedMaintenance, ...margin }))
        }, d(0))
        const gap = margin.equity.minus(total)
        expect(gap.gte(0) && gap.lte(`${positions.length}e-12`)).toBe(true)
      }),
      { numRuns: RUNS, seed: 12 },
    )
  })
})
