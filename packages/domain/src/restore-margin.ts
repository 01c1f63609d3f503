import {
  approximate,
  PRODUCTS_ERROR,
  Decimal,
  isAboveZero,
  isBelowZero,
  ONE,
  ROUND_CEIL,
  ZERO,
} from './decimal.ts'
import { smallestWhere } from './boundary-search.ts'
import { tickValue } from './instrument.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'
import { positionMaintenance, positionNotional, type PositionInput } from './margin.ts'
import {
  approximateTierAt,
  approximateTiersOf,
  REQUIREMENT_ROUNDING,
  maintenanceMargin,
  type ApproxTier,
  type RiskTier,
} from './tiers.ts'

/** Digits kept of a continuous answer. */
const NOTIONAL_SCALE = 18

/** What closing costs, per unit of notional at mark. */
export interface ClosingCostInput {
  readonly isLong: boolean
  /** δ: how much worse than mark the fill is expected */
  readonly expectedSlippage: Decimal
  /** φ: liquidation fee on the notional filled */
  readonly feeRate: Decimal
}

/**
 * Planned cost of closing one unit of notional at mark.
 *
 *   cost = δ + φ(1 − δ) for a long (sold below mark),   δ + φ(1 + δ) for a short (bought above it)
 *
 *   δ expected slippage, φ fee rate [fractions]; the fee is on the fill's notional, hence the bracket
 */
export function closingCostRate({ isLong, expectedSlippage, feeRate }: ClosingCostInput): Decimal {
  const fill = isLong ? ONE.minus(expectedSlippage) : ONE.plus(expectedSlippage)
  return expectedSlippage.plus(feeRate.times(fill))
}

/** One leg of a scope, in continuous notional. */
export interface RestoreNotionalInput {
  /** N: absolute value of the leg at mark */
  readonly notional: Decimal
  readonly tiers: readonly RiskTier[]
  /** E */
  readonly equity: Decimal
  /** M_o: maintenance margin of the scope's other legs */
  readonly otherMaintenance: Decimal
  /** k: multiple of maintenance margin to reach, triggerRatio × (1 + restoreBuffer) */
  readonly target: Decimal
  /** c: from `closingCostRate` */
  readonly costRate: Decimal
}

/**
 * Smallest notional whose closing brings equity to the target, across tiers; the whole notional where no part does; zero
 * where it is met already.
 *
 * With n left open the excess over the target is
 *
 *   g(n) = E − (N − n)·c − k·(M_o + MM(n)),   MM(n) = n·r_j − d_j within tier j
 *
 *   N notional, E equity, M_o other maintenance margin, d deduction [settlement currency]; r maintenance rate, c cost rate,
 *   k target multiple
 *
 * MM is convex, so g is concave: walking down from N, the first n with g(n) = 0 is the answer, inside tier j
 *
 *   n = (E − N·c − k·M_o + k·d_j) / (k·r_j − c)
 *
 * and where k·r_j ≤ c each unit closed costs more than it frees, in this tier and in all below: no partial close exists.
 * Rounded up at 18 digits.
 *
 * @see docs/reference/sizing.md, "Restoring margin"; cases closed-form-derived
 */
export function restoreNotional(input: RestoreNotionalInput): Decimal {
  const { notional } = input
  if (!excessWith(input, notional).isNegative()) return ZERO
  const left = largestNotionalLeft(input)
  if (left === null) return notional
  return notional.minus(left).toDecimalPlaces(NOTIONAL_SCALE, ROUND_CEIL)
}

/** One leg of a scope, and how far its margin is to be restored. */
export interface RestoreLotsInput {
  /** The leg to reduce */
  readonly position: PositionInput
  /** Of the whole scope */
  readonly equity: Decimal
  /** Of the whole scope, this leg included */
  readonly maintenanceMargin: Decimal
  readonly triggerRatio: Decimal
  /** β: equity shall reach triggerRatio × (1 + β) × maintenance margin */
  readonly restoreBuffer: Decimal
  readonly expectedSlippage: Decimal
  readonly feeRate: Decimal
}

/**
 * Smallest number of lots of one leg whose closing brings equity to the target: `restoreNotional` in whole lots.
 *
 * Rounded up to a lot: rounding down would leave the scope one lot short of the target. Minimal for the planned price:
 * these lots suffice, one lot less fails, checked exactly; the fill may differ, and the next statement corrects it.
 * 0 if the target is met already; all lots where no part suffices.
 *
 * Cost: tiers + a few exact checks, whatever the number of lots.
 *
 * @throws InvalidRiskInputError if a rate is negative, slippage ≥ 1, the trigger ratio not above zero, or the mark not
 *   above zero
 * @see docs/reference/sizing.md, "Restoring margin"
 */
export function restoreLots(input: RestoreLotsInput): number {
  requireSane(input)
  return provenLots(input) ?? lotsInDecimals(input)
}

/** `restoreLots` without doubles: where these leave a doubt, and what they are tested against. */
export function exactRestoreLots(input: RestoreLotsInput): number {
  requireSane(input)
  return lotsInDecimals(input)
}

function lotsInDecimals(input: RestoreLotsInput): number {
  const { position } = input
  const lots = Math.abs(position.quantityLots)
  const lotNotional = tickValue(position.spec).times(position.markTicks)
  const leg = legOf(input)
  if (!excessWith(leg, leg.notional).isNegative()) return 0
  const left = largestNotionalLeft(leg)
  if (left === null) return lots

  const guess = lots - Math.floor(left.div(lotNotional).toNumber())
  const found = smallestWhere(
    closed => !excessWith(leg, lotNotional.times(lots - closed)).isNegative(),
    { low: 1, high: lots, guess },
  )
  return Math.min(lots, found)
}

interface ApproxLeg {
  readonly notional: number
  readonly tiers: readonly ApproxTier[]
  readonly equity: number
  readonly otherMaintenance: number
  readonly target: number
  readonly costRate: number
}

/**
 * `restoreLots` in doubles with a bound on their error; null where that proves nothing.
 *
 * A number of lots is the answer exactly if g is not negative with them closed and negative with one lot less: g is concave, and starts
 * below zero. A sign is proven where g is further from zero than
 *
 *   ε·(E + (N + n)·c + k·(M_o + 2·N + n + d)) + 2·k·10⁻¹²
 *
 * with the letters of `restoreNotional`, sizes for the signed ones and `PRODUCTS_ERROR` for ε; M_o carries the error of the requirement at N.
 * It is all lots where g is negative at N and wherever a tier begins.
 */
function provenLots(input: RestoreLotsInput): number | null {
  const lots = Math.abs(input.position.quantityLots)
  const leg = approximateLegOf(input)
  const lotNotional = leg.notional / lots
  const now = provenSign(leg, leg.notional)
  if (now >= 0) return now > 0 ? 0 : null
  const left = approximateNotionalLeft(leg)
  const closed = lots - Math.floor(left / lotNotional)
  const isMinimal =
    closed >= 1 &&
    closed <= lots &&
    provenSign(leg, lotNotional * (lots - closed)) > 0 &&
    provenSign(leg, lotNotional * (lots - closed + 1)) < 0
  if (isMinimal) return closed
  return noPartSuffices(leg) ? lots : null
}

/** Whether g is proven below zero with any part left open: it is made of straight pieces, so that its corners tell. */
function noPartSuffices(leg: ApproxLeg): boolean {
  const corners = leg.tiers.map(tier => tier.notionalCap).filter(cap => cap < leg.notional)
  return [0, ...corners].every(left => provenSign(leg, left) < 0)
}

function approximateLegOf(input: RestoreLotsInput): ApproxLeg {
  const { position } = input
  const tiers = approximateTiersOf(position.tiers)
  const lots = Math.abs(position.quantityLots)
  const notional = lots * approximate(tickValue(position.spec)) * position.markTicks
  const own = requirementAt(tiers, notional)
  const slippage = approximate(input.expectedSlippage)
  const fill = position.quantityLots > 0 ? 1 - slippage : 1 + slippage
  return {
    notional,
    tiers,
    equity: approximate(input.equity),
    otherMaintenance: Math.max(0, approximate(input.maintenanceMargin) - own),
    target: approximate(input.triggerRatio) * (1 + approximate(input.restoreBuffer)),
    costRate: slippage + approximate(input.feeRate) * fill,
  }
}

function requirementAt(tiers: readonly ApproxTier[], notional: number): number {
  const { maintenanceRate, deduction } = approximateTierAt(tiers, notional)
  return notional * maintenanceRate - deduction
}

/** Sign of g(left), or 0 where doubles cannot tell. */
function provenSign(leg: ApproxLeg, left: number): number {
  const { notional, tiers, equity, otherMaintenance, target, costRate } = leg
  const required = otherMaintenance + requirementAt(tiers, left)
  const excess = equity - (notional - left) * costRate - target * required
  const deductions = 2 * (tiers[tiers.length - 1]?.deduction ?? 0)
  const sizes =
    Math.abs(equity) +
    (notional + left) * costRate +
    target * (otherMaintenance + 2 * notional + left + deductions)
  const doubt = PRODUCTS_ERROR * sizes + 2 * target * REQUIREMENT_ROUNDING
  return Math.abs(excess) > doubt ? Math.sign(excess) : 0
}

/** As `largestNotionalLeft`; NaN where there is none. */
function approximateNotionalLeft(leg: ApproxLeg): number {
  const { notional, tiers, equity, otherMaintenance, target, costRate } = leg
  const constant = equity - notional * costRate - otherMaintenance * target
  for (let place = tiers.length - 1; place >= 0; place -= 1) {
    const { maintenanceRate, deduction } = tiers[place] as ApproxTier
    const floor = tiers[place - 1]?.notionalCap ?? 0
    if (floor >= notional) continue
    const left = (constant + deduction * target) / (maintenanceRate * target - costRate)
    if (left > floor) return left
  }
  return Number.NaN
}

/** k = triggerRatio × (1 + restoreBuffer): the multiple of maintenance margin that a liquidation restores. */
export function restoreTarget(triggerRatio: Decimal, restoreBuffer: Decimal): Decimal {
  return triggerRatio.times(restoreBuffer.plus(1))
}

function legOf(input: RestoreLotsInput): RestoreNotionalInput {
  const { position, equity, expectedSlippage, feeRate } = input
  const isLong = position.quantityLots > 0
  // Below zero only if the total was computed with an older tier table: then the other legs' part is unknown, not negative.
  const others = input.maintenanceMargin.minus(positionMaintenance(position))
  return {
    notional: positionNotional(position),
    tiers: position.tiers,
    equity,
    otherMaintenance: Decimal.max(ZERO, others),
    target: restoreTarget(input.triggerRatio, input.restoreBuffer),
    costRate: closingCostRate({ isLong, expectedSlippage, feeRate }),
  }
}

/** g(n): excess over the target with n of the leg left open. */
function excessWith(leg: RestoreNotionalInput, left: Decimal): Decimal {
  const required = leg.otherMaintenance.plus(maintenanceMargin(leg.tiers, left))
  const cost = leg.notional.minus(left).times(leg.costRate)
  return leg.equity.minus(cost).minus(required.times(leg.target))
}

/** Largest n ≤ N with g(n) ≥ 0, given that g(N) < 0; null if there is none. */
function largestNotionalLeft(leg: RestoreNotionalInput): Decimal | null {
  const { equity, notional, costRate, otherMaintenance, target } = leg
  const constant = equity.minus(notional.times(costRate)).minus(otherMaintenance.times(target))
  for (const tier of leg.tiers.toReversed()) {
    if (tier.notionalFloor.gte(notional)) continue
    const slope = tier.maintenanceRate.times(target).minus(costRate)
    if (slope.lte(0)) return null
    const left = constant.plus(tier.deduction.times(target)).div(slope)
    if (left.gt(tier.notionalFloor)) return left
  }
  return constant.isZero() ? ZERO : null
}

function requireSane(input: RestoreLotsInput): void {
  const { triggerRatio, restoreBuffer, expectedSlippage, feeRate, position } = input
  const negative = [restoreBuffer, expectedSlippage, feeRate].some(isBelowZero)
  if (negative || approximate(expectedSlippage) >= 1 || !isAboveZero(triggerRatio)) {
    const detail = 'rates must be ≥ 0, expected slippage below 1, trigger ratio above 0'
    throw new InvalidRiskInputError('restoreLots', detail)
  }
  if (!Number.isSafeInteger(position.markTicks) || position.markTicks < 1) {
    const detail = `mark is ${position.markTicks} ticks; give a whole number ≥ 1`
    throw new InvalidRiskInputError('restoreLots', detail)
  }
}
