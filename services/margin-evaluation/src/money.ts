import { Decimal, MONEY_SCALE } from '@sluice/domain/decimal'

const FRACTION = new Decimal(10).pow(MONEY_SCALE)
const UNIT = new Decimal(10).pow(-MONEY_SCALE)

/** The largest amount of money that a scope's state holds [settlement currency]: 2^53 − 1, either sign. */
export const MONEY_MAX = new Decimal(Number.MAX_SAFE_INTEGER)

/**
 * Whether money can be held in two doubles without loss: at most ±(2^53 − 1) units and twelve digits after the point.
 * Beyond it an account record is refused (`money_out_of_range`).
 */
export function isHoldable(amount: Decimal): boolean {
  return amount.abs().lte(MONEY_MAX) && amount.decimalPlaces() <= MONEY_SCALE
}

/** Whole units of an amount, towards zero. Exact for a holdable amount. */
export function wholeOf(amount: Decimal): number {
  return amount.trunc().toNumber()
}

/** What `wholeOf` leaves, in units of 10^-12, with the amount's sign. Exact for a holdable amount. */
export function fractionOf(amount: Decimal): number {
  return amount.minus(amount.trunc()).times(FRACTION).toNumber()
}

/** The amount held as whole units and fraction. Exact. */
export function moneyOf(whole: number, fraction: number): Decimal {
  const units = new Decimal(whole)
  return fraction === 0 ? units : units.plus(UNIT.times(fraction))
}

/** The amount as a double: within two units in the last place. */
export function approximateMoney(whole: number, fraction: number): number {
  return whole + fraction * 1e-12
}
