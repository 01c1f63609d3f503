import { approximate, PRODUCTS_ERROR, ONE, type Decimal } from './decimal.ts'
import { largestWhere, smallestWhere } from './boundary-search.ts'
import { notionalOf, PRICE_TICKS_MAX, tickValue } from './instrument.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'
import { valueScope, type PositionInput, type ValuedPosition, type ValuedScope } from './margin.ts'
import {
  approximateTierAt,
  approximateTiersOf,
  REQUIREMENT_ROUNDING,
  maintenanceMargin,
  type ApproxTier,
  type RiskTier,
} from './tiers.ts'

/** The scope, which of its positions moves in price, and the policy's trigger. */
export interface LiquidationPriceInput {
  readonly walletBalance: Decimal
  readonly positions: readonly PositionInput[]
  /** Which position's mark moves; the others keep theirs */
  readonly index: number
  readonly triggerRatio: Decimal
  /** `valueScope` of these, where the caller has it already */
  readonly valued?: ValuedScope
}

/** One leg seen along its own price: excess(n) = fixed ± n − k·MM(n), n its notional, + for a long. */
interface MovingLeg {
  readonly isLong: boolean
  readonly tiers: readonly RiskTier[]
  readonly triggerRatio: Decimal
  /** Excess at price zero: W + other profit − entry − k·M_other [settlement currency] */
  readonly fixed: Decimal
}

/**
 * The price of one position at which its scope reaches the trigger, the other positions' prices unchanged: the last price,
 * in ticks, at which the scope is NOT liquidatable; one tick further against the position it is.
 *
 *   excess(n) = A ± n − k·(n·r_j − c_j) = 0,   n = ∓(A + k·c_j) / (1 ∓ k·r_j),   ticks = n / (|q|·v)
 *
 *   n notional of the position at the price sought, upper signs for a long; A = W + Σ other profit − entryNotional − k·Σ
 *   other maintenance [settlement currency]; k trigger ratio; r_j, c_j rate and deduction of n's own tier; q lots; v tick value
 *
 * Rounded towards the side where the scope is safe (a long: up; a short: down), then checked exactly with `isLiquidatable`'s
 * inequality. A scope already below its trigger gets the same price: where it would have to return to.
 *
 * null: at no price above zero (and up to 15 digits of ticks) does this position alone change the verdict.
 *
 * @throws InvalidRiskInputError if there is no position at `index`, or it has no lots
 * @see docs/reference/sizing.md, "Liquidation price"
 */
export function liquidationPriceTicks(input: LiquidationPriceInput): number | null {
  const valued = input.valued ?? valueScope(input.walletBalance, input.positions)
  const position = positionAt(valued, input.index)
  const proven = provenTicks(valued, position, input.triggerRatio)
  return proven === undefined ? ticksInDecimals(valued, position, input.triggerRatio) : proven
}

/** `liquidationPriceTicks` without doubles: where these leave a doubt, and what they are tested against. */
export function exactLiquidationPriceTicks(input: LiquidationPriceInput): number | null {
  const valued = valueScope(input.walletBalance, input.positions)
  return ticksInDecimals(valued, positionAt(valued, input.index), input.triggerRatio)
}

function ticksInDecimals(
  valued: ValuedScope,
  position: ValuedPosition,
  triggerRatio: Decimal,
): number | null {
  const leg = movingLeg(valued, position, triggerRatio)
  const root = rootNotional(leg)
  if (root === null || root.lte(0)) return null

  const unit = tickValue(position.spec).times(Math.abs(position.quantityLots))
  const guess = root.div(unit).toNumber()
  if (guess > PRICE_TICKS_MAX) return null
  const safeAt = (ticks: number): boolean =>
    !excessAt(leg, notionalOf(position.spec, position.quantityLots, ticks).abs()).isNegative()
  const search = leg.isLong ? smallestWhere : largestWhere
  const round = leg.isLong ? Math.ceil : Math.floor
  const ticks = search(safeAt, { low: 1, high: PRICE_TICKS_MAX, guess: round(guess) })
  return ticks >= 1 && ticks <= PRICE_TICKS_MAX ? ticks : null
}

/**
 * `liquidationPriceTicks` in doubles with a bound on their error; undefined where that proves nothing.
 *
 * A whole number of ticks is the answer exactly if the scope is safe there and not one tick further against the position: the excess
 * is concave in the price, so it crosses zero in that direction once. Both signs are proven when the excess is further from zero than
 *
 *   ε·(|E| + |V| + k·(M + M_q) + n·(1 + k) + k·c) + k·10⁻¹²
 *
 *   E equity, V value and M_q maintenance margin of the position at mark, M of the scope; n notional of the position at that tick, c
 *   deduction [settlement currency]; k trigger ratio; ε `PRODUCTS_ERROR`; the last term for a requirement rounded up to money's scale
 */
function provenTicks(
  { margin }: ValuedScope,
  position: ValuedPosition,
  triggerRatio: Decimal,
): number | null | undefined {
  const { spec, quantityLots, tiers } = position
  const k = approximate(triggerRatio)
  const equity = approximate(margin.equity)
  const value = approximate(position.value)
  const total = approximate(margin.maintenanceMargin)
  const own = approximate(position.maintenanceMargin)
  const fixed = equity - value - k * (total - own)
  const error = PRODUCTS_ERROR * (Math.abs(equity) + Math.abs(value) + k * (total + own))
  const isLong = quantityLots > 0
  if (isLong && fixed > error) return null
  if (!isLong && fixed < -error) return null

  const inDoubles = approximateTiersOf(tiers)
  const unit = quantityLots * approximate(tickValue(spec))
  const leg = { quantityLots, tickValue: Math.abs(unit / quantityLots), fixed, triggerRatio: k }
  const guess = liquidationPriceApprox(leg, inDoubles)
  if (!(guess >= 2 && guess < PRICE_TICKS_MAX - 2)) return undefined
  const ticks = isLong ? Math.ceil(guess) : Math.floor(guess)
  const further = isLong ? ticks - 1 : ticks + 1
  const shared = { fixed, error, k, tiers: inDoubles }
  const isProven = provenSign(shared, unit * ticks) > 0 && provenSign(shared, unit * further) < 0
  return isProven ? ticks : undefined
}

/** Sign of the excess with the position worth so much, or 0 where doubles cannot tell. */
function provenSign({ fixed, error, k, tiers }: ApproxExcess, worth: number): number {
  const notional = Math.abs(worth)
  const { maintenanceRate, deduction } = approximateTierAt(tiers, notional)
  const excess = fixed + worth - k * (notional * maintenanceRate - deduction)
  const own =
    PRODUCTS_ERROR * (notional * (1 + k) + k * Math.abs(deduction)) + k * REQUIREMENT_ROUNDING
  return Math.abs(excess) > error + own ? Math.sign(excess) : 0
}

interface ApproxExcess {
  /** Excess without the position's value and requirement, and the bound on its error */
  readonly fixed: number
  readonly error: number
  readonly k: number
  readonly tiers: readonly ApproxTier[]
}

/** Numbers of one leg for `liquidationPriceApprox`, all float64; signs as in LiquidationPriceInput. */
export interface ApproxLeg {
  readonly quantityLots: number
  /** Money per lot and tick */
  readonly tickValue: number
  /** walletBalance + profit of the other legs − entryNotional − triggerRatio × their maintenance margin */
  readonly fixed: number
  readonly triggerRatio: number
}

/**
 * `liquidationPriceTicks` in float64, unrounded, for analytics that decide nothing: same formula, about 1e-12 relative.
 *
 * @param tiers ascending; the last one's cap is Infinity
 * @returns ticks, or NaN where the exact one is null
 */
export function liquidationPriceApprox(leg: ApproxLeg, tiers: readonly ApproxTier[]): number {
  const sign = leg.quantityLots > 0 ? 1 : -1
  const k = leg.triggerRatio
  for (const { notionalCap, maintenanceRate, deduction } of tiers) {
    const slope = sign - k * maintenanceRate
    const root = -(leg.fixed + k * deduction) / slope
    if (slope * sign <= 0 || root <= 0) return Number.NaN
    if (root <= notionalCap) return root / (Math.abs(leg.quantityLots) * leg.tickValue)
  }
  return Number.NaN
}

function positionAt({ positions }: ValuedScope, index: number): ValuedPosition {
  const position = positions[index]
  if (position !== undefined && position.quantityLots !== 0) return position
  throw new InvalidRiskInputError(
    'liquidationPriceTicks',
    `no open position at index ${index} of ${positions.length}`,
  )
}

function movingLeg(
  { margin }: ValuedScope,
  position: ValuedPosition,
  triggerRatio: Decimal,
): MovingLeg {
  const { tiers, quantityLots, value } = position
  const othersMaintenance = margin.maintenanceMargin.minus(position.maintenanceMargin)
  return {
    isLong: quantityLots > 0,
    tiers,
    triggerRatio,
    fixed: margin.equity.minus(value).minus(othersMaintenance.times(triggerRatio)),
  }
}

function excessAt(leg: MovingLeg, notional: Decimal): Decimal {
  const value = leg.isLong ? leg.fixed.plus(notional) : leg.fixed.minus(notional)
  return value.minus(maintenanceMargin(leg.tiers, notional).times(leg.triggerRatio))
}

/**
 * Notional where the excess crosses zero. The excess is concave in the notional (rates never fall), so walking the tiers
 * up from zero the first crossing is the one sought: for a long from below, for a short from above.
 */
function rootNotional(leg: MovingLeg): Decimal | null {
  const direction = leg.isLong ? ONE : ONE.negated()
  const startsSafe = !leg.fixed.isNegative()
  if (startsSafe === leg.isLong) return null
  for (const tier of leg.tiers) {
    const slope = direction.minus(tier.maintenanceRate.times(leg.triggerRatio))
    if (slope.isNegative() === leg.isLong || slope.isZero()) return null
    const root = leg.fixed.plus(tier.deduction.times(leg.triggerRatio)).div(slope).negated()
    if (tier.notionalCap === null || root.lte(tier.notionalCap)) return root
    if (tier === leg.tiers[leg.tiers.length - 1]) return root
  }
  return null
}
