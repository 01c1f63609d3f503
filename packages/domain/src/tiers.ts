import {
  approximate,
  APPROXIMATION_ERROR,
  MONEY_SCALE,
  ONE,
  ROUND_UP,
  type Decimal,
} from './decimal.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'

/** What a requirement may be above its formula: one unit of money's last digit. */
export const REQUIREMENT_ROUNDING = 1e-12

/** One bracket of tiered maintenance margin: applies above the floor, up to and including the cap. */
export interface RiskTier {
  readonly notionalFloor: Decimal
  /** null: no end */
  readonly notionalCap: Decimal | null
  readonly maintenanceRate: Decimal
  /** Makes the requirement continuous: notional × rate − deduction */
  readonly deduction: Decimal
  readonly leverageMax: number
}

/** Why a tier table is refused. */
export type TierFault =
  | 'no_tiers'
  | 'first_floor_not_zero'
  | 'cap_not_above_floor'
  | 'open_tier_not_last'
  | 'gap_between_tiers'
  | 'tiers_overlap'
  | 'rate_not_between_zero_and_one'
  | 'rate_falls'
  | 'deduction_negative'
  | 'requirement_jumps'
  | 'leverage_not_positive'

/**
 * The bracket of a notional: floor < notional ≤ cap. Zero belongs to the first; beyond the last cap the last applies.
 *
 * @param notional absolute value at the mark price [settlement currency]
 * @throws InvalidRiskInputError if there are no tiers
 */
export function tierOf(tiers: readonly RiskTier[], notional: Decimal): RiskTier {
  const last = tiers[tiers.length - 1]
  if (last === undefined) throw new InvalidRiskInputError('tierOf', 'no tiers; give at least one')
  const size = approximate(notional)
  for (const tier of tiers) {
    if (tier.notionalCap === null || isWithin(tier.notionalCap, notional, size)) return tier
  }
  return last
}

/** notional ≤ cap. Doubles tell all but what is about as large as the cap. */
function isWithin(cap: Decimal, notional: Decimal, size: number): boolean {
  const edge = approximate(cap)
  const gap = size - edge
  if (Math.abs(gap) > 2 * APPROXIMATION_ERROR * (size + edge)) return gap < 0
  return notional.lte(cap)
}

/**
 * Maintenance margin of one position.
 *
 *   MM = N·r − c
 *
 *   N notional, c deduction [settlement currency]; r maintenance rate of N's tier
 *
 * Exact where it fits money's scale, else rounded up to it: the requirement that decides is the one that is written, so a
 * decision can be checked from its statement alone, and no requirement is understated.
 *
 * @see docs/reference/sizing.md, "Maintenance margin"
 */
export function maintenanceMargin(tiers: readonly RiskTier[], notional: Decimal): Decimal {
  return maintenanceWithin(tierOf(tiers, notional), notional)
}

/** As `maintenanceMargin`, with the tier at hand. */
export function maintenanceWithin(tier: RiskTier, notional: Decimal): Decimal {
  const atRate = notional.times(tier.maintenanceRate)
  const required = tier.deduction.isZero() ? atRate : atRate.minus(tier.deduction)
  return required.decimalPlaces() > MONEY_SCALE
    ? required.toDecimalPlaces(MONEY_SCALE, ROUND_UP)
    : required
}

/** A tier in doubles. */
export interface ApproxTier {
  readonly notionalCap: number
  readonly maintenanceRate: number
  readonly deduction: number
}

/** By table: every price asks for it, and a table never changes. */
const approximated = new WeakMap<readonly RiskTier[], readonly ApproxTier[]>()

/** A tier table in doubles; the last tier has no end. */
export function approximateTiersOf(tiers: readonly RiskTier[]): readonly ApproxTier[] {
  const known = approximated.get(tiers)
  if (known !== undefined) return known
  const made = tiers.map(({ notionalCap, maintenanceRate, deduction }, place) => ({
    notionalCap:
      notionalCap === null || place === tiers.length - 1 ? Infinity : notionalCap.toNumber(),
    maintenanceRate: maintenanceRate.toNumber(),
    deduction: deduction.toNumber(),
  }))
  approximated.set(tiers, made)
  return made
}

/** The bracket of a notional. About its edge the requirement does not jump, so the neighbour's formula errs by no more than the notional. */
export function approximateTierAt(tiers: readonly ApproxTier[], notional: number): ApproxTier {
  for (const tier of tiers) if (notional <= tier.notionalCap) return tier
  throw new InvalidRiskInputError('approximateTierAt', 'no tiers; give at least one')
}

/**
 * The first fault of a tier table, or undefined if it is sound: from zero, ascending, without gap or overlap, rates in
 * (0, 1) that never fall, and a requirement that does not jump where brackets meet (so that it is convex in the notional,
 * which every closed form here relies on). A table may end at a finite cap.
 */
export function faultOfTiers(tiers: readonly RiskTier[]): TierFault | undefined {
  const first = tiers[0]
  if (first === undefined) return 'no_tiers'
  if (!first.notionalFloor.isZero()) return 'first_floor_not_zero'
  if (!first.deduction.isZero()) return 'requirement_jumps'
  let previous: RiskTier | undefined
  for (const tier of tiers) {
    const fault = faultOfTier(tier) ?? (previous && faultBetween(previous, tier))
    if (fault !== undefined) return fault
    previous = tier
  }
  return undefined
}

function faultOfTier(tier: RiskTier): TierFault | undefined {
  const { notionalCap, maintenanceRate } = tier
  if (notionalCap !== null && notionalCap.lte(tier.notionalFloor)) return 'cap_not_above_floor'
  if (maintenanceRate.lte(0) || maintenanceRate.gte(ONE)) return 'rate_not_between_zero_and_one'
  if (tier.deduction.isNegative() && !tier.deduction.isZero()) return 'deduction_negative'
  if (!Number.isSafeInteger(tier.leverageMax) || tier.leverageMax < 1)
    return 'leverage_not_positive'
  return undefined
}

function faultBetween(lower: RiskTier, upper: RiskTier): TierFault | undefined {
  const edge = lower.notionalCap
  if (edge === null) return 'open_tier_not_last'
  if (upper.notionalFloor.gt(edge)) return 'gap_between_tiers'
  if (upper.notionalFloor.lt(edge)) return 'tiers_overlap'
  if (upper.maintenanceRate.lt(lower.maintenanceRate)) return 'rate_falls'
  const step = edge.times(upper.maintenanceRate.minus(lower.maintenanceRate))
  if (!upper.deduction.minus(lower.deduction).eq(step)) return 'requirement_jumps'
  return undefined
}
