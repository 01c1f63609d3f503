import type { Decimal } from '@sluice/domain/decimal'

const BILLION = 1_000_000_000

const perBillions = new WeakMap<Decimal, number>()

/** The rate in billionths. Rates have at most nine digits after the point, so it is whole. Remembered per object. */
function perBillion(rate: Decimal): number {
  const known = perBillions.get(rate)
  if (known !== undefined) return known
  const computed = rate.times(BILLION).toNumber()
  perBillions.set(rate, computed)
  return computed
}

/**
 * ⌊rate × ticks⌋ for ticks ≥ 0. Exact: where the product in billionths is a safe integer the quotient lies further from the
 * next integer than a double's rounding reaches; elsewhere it is computed in decimals.
 */
export function shareOfTicks(rate: Decimal, ticks: number): number {
  const product = perBillion(rate) * ticks
  if (Number.isSafeInteger(product)) return Math.floor(product / BILLION)
  return rate.times(ticks).floor().toNumber()
}
