import { Decimal, MONEY_SCALE } from './decimal.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'

/** Somebody in profit. */
export interface Winner {
  readonly id: string
  /** Profit that may be called on [settlement currency]; none at or below zero */
  readonly profit: Decimal
}

/** What one winner pays. */
export interface LossShare {
  readonly id: string
  readonly amount: Decimal
}

/** How a loss is shared. */
export interface LossShareOptions {
  /** Digits after the point of the smallest unit; money's scale if not given */
  readonly scale?: number
  /**
   * Who bears the units that rounding leaves: `largest` one each, by the largest part cut off, then by id; `last` all to the
   * last winner
   */
  readonly remainder?: 'largest' | 'last'
}

/**
 * Shares a loss among winners in proportion to their profit; nobody pays more than his profit.
 *
 *   share_i = ⌊L · w_i / Σ w⌋ + remainder,   L = min(loss, Σ w)
 *
 *   w profit [settlement currency, cut to the scale]
 *
 * The shares sum exactly to L: if the profits do not reach the loss, the sum says what is left uncovered. Whole integers of the
 * smallest unit are divided, so nothing is lost to precision. In the winners' order; who pays nothing is left out.
 *
 * @throws InvalidRiskInputError if the loss is negative or finer than the scale
 */
export function shareLoss(
  loss: Decimal,
  winners: readonly Winner[],
  { scale = MONEY_SCALE, remainder = 'largest' }: LossShareOptions = {},
): LossShare[] {
  if (loss.lt(0) || loss.decimalPlaces() > scale) {
    const detail = `loss is ${loss.toString()}; give an amount ≥ 0 of at most ${scale} decimals`
    throw new InvalidRiskInputError('shareLoss', detail)
  }
  const profits = winners.map(({ profit }) => (profit.gt(0) ? unitsOf(profit, scale) : 0n))
  const total = profits.reduce((sum, units) => sum + units, 0n)
  if (total === 0n) return []
  const wanted = unitsOf(loss, scale)
  const shared = wanted < total ? wanted : total

  const portions = winners.map(({ id }, at) => portionOf(id, shared * (profits[at] ?? 0n), total))
  const left = portions.reduce((rest, { units }) => rest - units, shared)
  const extra = remainder === 'last' ? lastBears(portions, left) : largestBear(portions, left)
  return portions
    .map(portion => ({ id: portion.id, units: portion.units + (extra.get(portion) ?? 0n) }))
    .filter(({ units }) => units > 0n)
    .map(({ id, units }) => ({ id, amount: moneyOf(units, scale) }))
}

interface Portion {
  readonly id: string
  readonly units: bigint
  readonly cutOff: bigint
}

function portionOf(id: string, product: bigint, total: bigint): Portion {
  return { id, units: product / total, cutOff: product % total }
}

/** One unit each; there are fewer units left than portions that were cut, so no cap is passed. */
function largestBear(portions: readonly Portion[], left: bigint): Map<Portion, bigint> {
  const byCutOff = portions.toSorted((a, b) =>
    a.cutOff === b.cutOff ? (a.id < b.id ? -1 : 1) : a.cutOff > b.cutOff ? -1 : 1,
  )
  return new Map(byCutOff.slice(0, Number(left)).map(portion => [portion, 1n]))
}

function lastBears(portions: readonly Portion[], left: bigint): Map<Portion, bigint> {
  const last = portions.findLast(({ units, cutOff }) => units > 0n || cutOff > 0n)
  return new Map(last === undefined ? [] : [[last, left]])
}

function unitsOf(money: Decimal, scale: number): bigint {
  return BigInt(money.toFixed(scale, Decimal.ROUND_DOWN).replace('.', ''))
}

function moneyOf(units: bigint, scale: number): Decimal {
  return new Decimal(`${units}e-${scale}`)
}
