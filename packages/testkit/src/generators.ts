import fc from 'fast-check'
import type { Arbitrary } from 'fast-check'
import type { AccountUpdated, Position, RiskTier } from '@sluice/contracts/generated/events'
import { Decimal, ZERO } from '@sluice/domain/decimal'
import { notionalOf } from '@sluice/domain/instrument'
import type { InstrumentSpec } from '@sluice/domain/instrument'

/** Names that instruments of generated records have, in ascending order. */
export const INSTRUMENTS = ['BTC-PERP', 'ETH-PERP', 'SOL-PERP', 'XRP-PERP'] as const

/** What a property prints when it fails: its seed is fixed, or given by `SLUICE_SEED`; `SLUICE_LONG` makes it run longer. */
export function propertyOptions(runs = 100): { readonly seed: number; readonly numRuns: number } {
  const seed = Number(process.env['SLUICE_SEED'] ?? 20_241)
  return { seed, numRuns: process.env['SLUICE_LONG'] === undefined ? runs : runs * 50 }
}

/** A decimal `units × 10^-scale` with units between the bounds. */
export function decimals(bounds: {
  readonly min: number
  readonly max: number
  readonly scale: number
}): Arbitrary<Decimal> {
  return fc.integer({ min: bounds.min, max: bounds.max }).map(units => scaled(units, bounds.scale))
}

/** Lot sizes from 0.0001 to 10, tick sizes from 0.0001 to 1, a smallest order of 1 to 10 lots. */
export function instruments(instrument: string = INSTRUMENTS[0]): Arbitrary<InstrumentSpec> {
  return fc
    .record({
      lotExponent: fc.integer({ min: -4, max: 1 }),
      tickExponent: fc.integer({ min: -4, max: 0 }),
      orderLotsMin: fc.integer({ min: 1, max: 10 }),
      orderLotsMax: fc.integer({ min: 1_000, max: 100_000 }),
    })
    .map(({ lotExponent, tickExponent, ...limits }) => ({
      instrument,
      lotSize: new Decimal(10).pow(lotExponent),
      tickSize: new Decimal(10).pow(tickExponent),
      ...limits,
    }))
}

/** Prices whose ticks have two to six digits. */
export function prices(): Arbitrary<number> {
  return fc.integer({ min: 10, max: 999_999 })
}

/**
 * Valid tables of one to five brackets: floors ascend from 0, rates rise from 0.1 % to at most 50 %, and each deduction makes
 * the requirement continuous: deduction(i) = deduction(i−1) + floor(i) × (rate(i) − rate(i−1)).
 */
export function tierTables(): Arbitrary<readonly RiskTier[]> {
  const step = fc.record({
    width: fc.integer({ min: 1, max: 1_000_000 }),
    rateStep: fc.integer({ min: 1, max: 100 }),
  })
  return fc.array(step, { minLength: 1, maxLength: 5 }).map(steps => {
    const tiers: RiskTier[] = []
    let notionalFloor = ZERO
    let rate = ZERO
    let deduction = ZERO
    for (const [index, { width, rateStep }] of steps.entries()) {
      const maintenanceRate = rate.plus(scaled(rateStep, 3))
      deduction = deduction.plus(notionalFloor.times(maintenanceRate.minus(rate)))
      const cap = notionalFloor.plus(width)
      const notionalCap = index === steps.length - 1 ? null : cap
      const leverageMax = Math.max(1, Math.floor(0.5 / maintenanceRate.toNumber()))
      tiers.push({ notionalFloor, notionalCap, maintenanceRate, deduction, leverageMax })
      notionalFloor = cap
      rate = maintenanceRate
    }
    return tiers
  })
}

/** A position of an instrument, long or short, entered at some price. */
export function positions(spec: InstrumentSpec): Arbitrary<Position> {
  return fc
    .record({
      lots: fc.integer({ min: 1, max: 50_000 }),
      isLong: fc.boolean(),
      entryTicks: prices(),
    })
    .map(({ lots, isLong, entryTicks }) => {
      const quantityLots = isLong ? lots : -lots
      const entryNotional = notionalOf(spec, quantityLots, entryTicks)
      return { instrument: spec.instrument, quantityLots, entryNotional }
    })
}

export interface AccountOptions {
  readonly account: string
  readonly specs: readonly InstrumentSpec[]
  readonly ledgerSequence?: number
}

/** A snapshot of a cross account: some of the instruments, a wallet that may be negative, some open orders. */
export function accounts(options: AccountOptions): Arbitrary<AccountUpdated> {
  const specs = [...options.specs].sort((a, b) => (a.instrument < b.instrument ? -1 : 1))
  const legs = specs.map(spec => fc.option(positions(spec), { nil: undefined }))
  const order = fc.record({
    instrument: fc.constantFrom(...specs.map(({ instrument }) => instrument)),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantityLots: fc.integer({ min: 1, max: 1_000 }),
  })
  return fc
    .record({
      walletBalance: decimals({ min: -1_000_000, max: 2_000_000_000, scale: 2 }),
      legs: fc.tuple(...legs),
      openOrders: fc.uniqueArray(order, {
        maxLength: 3,
        selector: ({ instrument, side }) => `${instrument} ${side}`,
      }),
    })
    .map(({ walletBalance, legs: held, openOrders }) => ({
      type: 'AccountUpdated',
      account: options.account,
      isolatedInstrument: null,
      currency: 'USD',
      ledgerSequence: options.ledgerSequence ?? 1,
      walletBalance,
      positions: held.filter(leg => leg !== undefined),
      openOrders,
    }))
}

function scaled(units: number, scale: number): Decimal {
  return new Decimal(units).times(new Decimal(10).pow(-scale))
}
