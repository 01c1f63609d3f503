import {
  approximate,
  APPROXIMATION_ERROR,
  Decimal,
  floorWithin,
  ONE,
  ROUND_HALF_EVEN,
} from './decimal.ts'
import { divideHalfEven } from './half-even.ts'
import { requireWhole } from './invalid-risk-input.ts'

/** Where the running funding interval stands. */
export interface FundingClock {
  readonly msToFunding: number
  readonly intervalMs: number
}

/**
 * Index with the funding still to accrue, in ticks.
 *
 *   p = index·(1 + rate·msToFunding/interval)
 *
 *   rate funding rate per interval [fraction]; the part already accrued is in nobody's price any more. Time beyond the
 *   interval, and time past the funding, count as its ends. Rounded to a tick, half to even.
 *
 * @throws InvalidRiskInputError if index or interval is not a whole number above zero
 */
export function fundingPrice(indexTicks: number, rate: Decimal, clock: FundingClock): number {
  const { msToFunding, intervalMs } = clock
  requireWhole('fundingPrice', { indexTicks, intervalMs }, 1)
  const remainingMs = Math.min(intervalMs, Math.max(0, msToFunding))
  const growth = 1 + (approximate(rate) * remainingMs) / intervalMs
  const ticks = indexTicks * growth
  const size = indexTicks * (2 + Math.abs(growth))
  const nearest = floorWithin(ticks + 0.5, 4 * APPROXIMATION_ERROR * size)
  if (nearest !== null) return nearest
  const accruing = rate.times(remainingMs).div(intervalMs)
  return accruing.plus(ONE).times(indexTicks).toDecimalPlaces(0, ROUND_HALF_EVEN).toNumber()
}

/**
 * Index plus smoothed basis, in ticks: the basis is the mean of (mid − index) samples.
 *
 * @param basisSumTicks sum of the samples; half ticks are fine. @param sampleCount none: the index itself
 * Rounded to a tick, half to even.
 */
export function basisPrice(indexTicks: number, basisSumTicks: number, sampleCount: number): number {
  if (sampleCount === 0) return indexTicks
  const dividend = 2 * (indexTicks * sampleCount + basisSumTicks)
  if (Number.isSafeInteger(dividend)) return divideHalfEven(dividend, 2 * sampleCount)
  const basis = new Decimal(basisSumTicks).div(sampleCount)
  return basis.plus(indexTicks).toDecimalPlaces(0, ROUND_HALF_EVEN).toNumber()
}

/**
 * Mark price: the median of the funding price, the basis price and the last trade, so that no single one can move it beyond
 * the other two.
 *
 * Without a recent trade it is the mean of the two that are left; half a tick goes towards the funding price, which
 * follows the index. All in ticks.
 */
export function markPriceTicks(
  fundingTicks: number,
  basisTicks: number,
  lastTicks: number | null,
): number {
  if (lastTicks !== null) return medianOfThree(fundingTicks, basisTicks, lastTicks)
  const half = (basisTicks - fundingTicks) / 2
  return fundingTicks + Math.trunc(half)
}

/** The one in the middle. */
export function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
