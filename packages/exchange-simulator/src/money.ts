import { Decimal, MONEY_SCALE, ROUND_FLOOR } from '@sluice/domain/decimal'

/**
 * The ledger counts in units of 10^-12 of the currency, as bigint: the wire's money scale, so that every balance can be
 * published as it is and sums never round.
 */
export const UNITS_PER_CURRENCY = 10n ** BigInt(MONEY_SCALE)

/** Whole units of an amount, rounded down where it has more digits than money's scale. */
export function unitsOf(amount: Decimal): bigint {
  return BigInt(amount.times(`1e${MONEY_SCALE}`).toDecimalPlaces(0, ROUND_FLOOR).toFixed(0))
}

/** The amount of so many units [currency]. Exact. */
export function amountOf(units: bigint): Decimal {
  return new Decimal(`${units}e-${MONEY_SCALE}`)
}

/** For screening and for statistics only: nearest double [currency]. */
export function approximately(units: bigint): number {
  return Number(units) / 1e12
}

export function absolute(units: bigint): bigint {
  return units < 0n ? -units : units
}

export function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right
}

export function larger(left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
