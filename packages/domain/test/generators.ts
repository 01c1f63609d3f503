import fc from 'fast-check'
import { Decimal, ZERO } from '../src/decimal.ts'
import type { InstrumentSpec } from '../src/instrument.ts'
import type { PositionInput } from '../src/margin.ts'
import type { RiskTier } from '../src/tiers.ts'

/** Ten times as many cases when asked for. */
export const RUNS = process.env['SLUICE_LONG'] === undefined ? 300 : 5_000

export const d = (value: number | string): Decimal => new Decimal(value)

export function specOf(overrides: Partial<InstrumentSpec> = {}): InstrumentSpec {
  return {
    instrument: 'BTC-PERP',
    lotSize: d('0.001'),
    tickSize: d('0.1'),
    orderLotsMin: 1,
    orderLotsMax: 1_000_000,
    ...overrides,
  }
}

/** Continuous brackets from [floor, rate] pairs; the deductions follow. */
export function tiersOf(brackets: readonly (readonly [number | string, string])[]): RiskTier[] {
  let deduction = ZERO
  return brackets.map(([floor, rate], at) => {
    const below = brackets[at - 1]
    if (below !== undefined) deduction = deduction.plus(d(floor).times(d(rate).minus(below[1])))
    const next = brackets[at + 1]
    return {
      notionalFloor: d(floor),
      notionalCap: next === undefined ? null : d(next[0]),
      maintenanceRate: d(rate),
      deduction,
      leverageMax: 100,
    }
  })
}

export const anySpec: fc.Arbitrary<InstrumentSpec> = fc
  .record({
    lotDecimals: fc.integer({ min: 0, max: 4 }),
    tickDecimals: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ lotDecimals, tickDecimals }) =>
    specOf({ lotSize: d(10).pow(-lotDecimals), tickSize: d(10).pow(-tickDecimals) }),
  )

/** One to five brackets with rising rates. */
export const anyTiers: fc.Arbitrary<RiskTier[]> = fc
  .record({
    widths: fc.array(fc.integer({ min: 50, max: 500_000 }), { minLength: 0, maxLength: 4 }),
    rates: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 5, maxLength: 5 }),
  })
  .map(({ widths, rates }) => {
    let floor = 0
    let thousandths = 0
    const brackets = [0, ...widths].map((width, at): [number, string] => {
      floor += width
      thousandths += rates[at]!
      return [floor, d(thousandths).div(1000).toFixed()]
    })
    return tiersOf(brackets)
  })

/** A position of up to 400 lots, entered within a fifth of its mark. */
export const anyPosition: fc.Arbitrary<PositionInput> = fc
  .record({
    spec: anySpec,
    tiers: anyTiers,
    lots: fc.integer({ min: 1, max: 400 }),
    isLong: fc.boolean(),
    markTicks: fc.integer({ min: 50, max: 2_000_000 }),
    entryPercent: fc.integer({ min: 80, max: 120 }),
  })
  .map(({ spec, tiers, lots, isLong, markTicks, entryPercent }) => {
    const quantityLots = isLong ? lots : -lots
    const value = spec.lotSize.times(spec.tickSize).times(quantityLots).times(markTicks)
    const entryNotional = value.times(entryPercent).div(100).toDecimalPlaces(12)
    return { spec, tiers, quantityLots, entryNotional, markTicks }
  })
