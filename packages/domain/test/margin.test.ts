import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ROUND_FLOOR } from '../src/decimal.ts'
import {
  nearestNotional,
  notionalOf,
  ticksAtOrAbove,
  ticksAtOrBelow,
  ticksNearest,
} from '../src/instrument.ts'
import {
  isLiquidatable,
  marginOf,
  marginRatio,
  unrealisedProfit,
  type PositionInput,
} from '../src/margin.ts'
import type { RiskTier } from '../src/tiers.ts'
import { anyPosition, d, RUNS, specOf, tiersOf } from './generators.ts'
import {
  absolute,
  add,
  ceilTo,
  isBelow,
  isEqual,
  multiply,
  rational,
  subtract,
  type Rational,
} from './rational.ts'

const tiers = tiersOf([
  [0, '0.004'],
  [50_000, '0.005'],
  [250_000, '0.01'],
])

function valueExactly({ spec, quantityLots, markTicks }: PositionInput): Rational {
  const unit = multiply(rational(spec.lotSize), rational(spec.tickSize))
  return multiply(unit, multiply(rational(quantityLots), rational(markTicks)))
}

function requiredExactly(brackets: readonly RiskTier[], notional: Rational): Rational {
  const tier =
    brackets.find(
      ({ notionalCap }) => notionalCap === null || !isBelow(rational(notionalCap), notional),
    ) ?? brackets[brackets.length - 1]!
  const required = multiply(notional, rational(tier.maintenanceRate))
  return ceilTo(subtract(required, rational(tier.deduction)), 12)
}

describe('margin', () => {
  test('equals rationals on bigint, to the last digit', () => {
    const anyScope = fc.record({
      walletCents: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
      positions: fc.array(anyPosition, { maxLength: 6 }),
      triggerPercent: fc.integer({ min: 50, max: 150 }),
    })
    fc.assert(
      fc.property(anyScope, ({ walletCents, positions, triggerPercent }) => {
        const wallet = d(walletCents).div(100)
        const trigger = d(triggerPercent).div(100)
        const margin = marginOf(wallet, positions)
        let equity = rational(wallet)
        let required = rational(0)
        for (const position of positions) {
          const value = valueExactly(position)
          equity = add(equity, subtract(value, rational(position.entryNotional)))
          required = add(required, requiredExactly(position.tiers, absolute(value)))
        }
        expect(isEqual(rational(margin.equity), equity)).toBe(true)
        expect(isEqual(rational(margin.maintenanceMargin), required)).toBe(true)
        expect(isLiquidatable(margin, trigger)).toBe(
          isBelow(equity, multiply(required, rational(trigger))),
        )
      }),
      { numRuns: RUNS, seed: 1 },
    )
  })

  test('stays exact at the limits of the codecs', () => {
    const spec = specOf({ lotSize: d('0.00000001'), tickSize: d('0.0001') })
    const value = notionalOf(spec, 2 ** 53 - 1, 999_999_999_999_999)
    const exactly = (2n ** 53n - 1n) * 999_999_999_999_999n
    expect(value.times('1e12').toFixed()).toBe(exactly.toString())
  })

  test('gives reports the double nearest to the exact notional', () => {
    const cases = fc.record({
      lotPlaces: fc.integer({ min: 0, max: 14 }),
      tickPlaces: fc.integer({ min: 0, max: 10 }),
      coefficient: fc.integer({ min: 1, max: 999 }),
      lots: fc.integer({ min: 1, max: 10 ** 9 }),
      ticks: fc.integer({ min: 1, max: 10 ** 8 }),
    })
    fc.assert(
      fc.property(cases, ({ lotPlaces, tickPlaces, coefficient, lots, ticks }) => {
        const spec = specOf({
          lotSize: d(coefficient).div(d(10).pow(lotPlaces)),
          tickSize: d(5).div(d(10).pow(tickPlaces)),
        })
        const exact = notionalOf(spec, lots, ticks).toNumber()
        expect(nearestNotional(spec, lots, ticks)).toBe(exact)
      }),
      { numRuns: RUNS, seed: 1 },
    )
  })

  test('gives a short a gain when the price falls', () => {
    const short = { spec: specOf(), tiers, quantityLots: -2_000, entryNotional: d(-100_000) }
    expect(unrealisedProfit({ ...short, markTicks: 490_000 }).toFixed()).toBe('2000')
    expect(unrealisedProfit({ ...short, markTicks: 510_000 }).toFixed()).toBe('-2000')
  })

  test('does not liquidate at the trigger, only below it', () => {
    const margin = { equity: d(500), maintenanceMargin: d(500) }
    expect(isLiquidatable(margin, d(1))).toBe(false)
    expect(isLiquidatable({ ...margin, equity: d('499.999999999999') }, d(1))).toBe(true)
    expect(isLiquidatable({ ...margin, equity: d(549) }, d('1.1'))).toBe(true)
  })

  test('shows a ratio whose doubles leave a doubt by its decimals', () => {
    const anyRatio = fc.record({
      billionths: fc.integer({ min: -3_000_000_000, max: 3_000_000_000 }),
      required: fc.integer({ min: 1, max: 1_000_000_000 }),
      offset: fc.constantFrom('0', '1e-18', '-1e-18', '0.000000001'),
    })
    fc.assert(
      fc.property(anyRatio, ({ billionths, required, offset }) => {
        const equity = d(billionths).times(required).times('1e-9').plus(offset)
        const exact = equity.div(required).toDecimalPlaces(9, ROUND_FLOOR)
        expect(marginRatio(equity, d(required))?.eq(exact)).toBe(true)
        const wallet = equity.times('1.3').toDecimalPlaces(6)
        const ratio = wallet.div(required).toDecimalPlaces(9, ROUND_FLOOR)
        expect(marginRatio(wallet, d(required))?.eq(ratio)).toBe(true)
      }),
      { numRuns: 10 * RUNS, seed: 3 },
    )
  })

  test('shows a ratio rounded down, clamped, and none without requirement', () => {
    expect(marginRatio(d(2), d(3))?.toFixed()).toBe('0.666666666')
    expect(marginRatio(d(-2), d(3))?.toFixed()).toBe('-0.666666667')
    expect(marginRatio(d(1e15), d('0.000000000001'))?.toFixed()).toBe('999999999')
    expect(marginRatio(d(-1e15), d('0.000000000001'))?.toFixed()).toBe('-999999999')
    expect(marginRatio(d(5), d(0))).toBeNull()
  })
})

describe('ticks of a price', () => {
  test('bracket it, whatever its digits', () => {
    const anyPrice = fc.record({
      ticks: fc.integer({ min: -1_000_000, max: 1_000_000_000 }),
      tick: fc.constantFrom('0.1', '0.25', '0.003', '7', '0.00001'),
      offset: fc.constantFrom('0', '1e-18', '-1e-18', '0.5'),
    })
    fc.assert(
      fc.property(anyPrice, ({ ticks, tick, offset }) => {
        const spec = specOf({ tickSize: d(tick) })
        const price = d(ticks).plus(offset).times(tick)
        const down = Number(offset) < 0 ? ticks - 1 : ticks
        expect(ticksAtOrBelow(spec, price)).toBe(down)
        expect(ticksAtOrAbove(spec, price)).toBe(offset === '0' ? ticks : down + 1)
      }),
      { numRuns: RUNS, seed: 2 },
    )
  })

  test('round half to even when the nearest is asked for', () => {
    expect(ticksNearest(specOf(), d('0.25'))).toBe(2)
    expect(ticksNearest(specOf(), d('0.35'))).toBe(4)
    expect(() => ticksNearest(specOf(), d('1e17'))).toThrow('beyond 2^53 ticks')
  })
})
