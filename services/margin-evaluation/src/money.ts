import { Decimal, decimalOfParts, MONEY_SCALE } from '@sluice/domain/decimal'

/** The largest amount of money that a scope's state holds [settlement currency]: 2^53 − 1, either sign. */
export const MONEY_MAX = new Decimal(Number.MAX_SAFE_INTEGER)

/**
 * A decimal's coefficient is words of seven digits, the first of weight 10^(7·⌊e/7⌋): a fraction of twelve digits ends within the second
 * word after the point, whose last two digits are then zero.
 */
const WORD_DIGITS = 7
const WORD = 1e7
const FIRST_WORD_UNITS = 1e5
const SECOND_WORD_REST = 100

/**
 * Whether money can be held in two doubles without loss: at most ±(2^53 − 1) units and twelve digits after the point.
 * Beyond it an account record is refused (`money_out_of_range`).
 */
export function isHoldable(amount: Decimal): boolean {
  return amount.e <= 15 && amount.decimalPlaces() <= MONEY_SCALE && isSafe(wholeOf(amount))
}

const isSafe = (whole: number): boolean => Number.isSafeInteger(whole)

/** Whole units of an amount, towards zero. Exact for a holdable amount. */
export function wholeOf(amount: Decimal): number {
  const first = Math.floor(amount.e / WORD_DIGITS)
  let whole = 0
  for (let place = 0; place <= first; place += 1) whole = whole * WORD + (amount.d[place] ?? 0)
  return whole === 0 ? 0 : amount.s * whole
}

/** What `wholeOf` leaves, in units of 10^-12, with the amount's sign. Exact for a holdable amount. */
export function fractionOf(amount: Decimal): number {
  const first = Math.floor(amount.e / WORD_DIGITS)
  const high = amount.d[first + 1] ?? 0
  const low = amount.d[first + 2] ?? 0
  const fraction = high * FIRST_WORD_UNITS + low / SECOND_WORD_REST
  return fraction === 0 ? 0 : amount.s * fraction
}

/** The amount held as whole units and fraction. Exact. */
export function moneyOf(whole: number, fraction: number): Decimal {
  return decimalOfParts(whole, fraction)
}

/** The amount as a double: within two units in the last place. */
export function approximateMoney(whole: number, fraction: number): number {
  return whole + fraction * 1e-12
}
