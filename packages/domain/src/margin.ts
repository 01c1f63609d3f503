import {
  approximate,
  APPROXIMATION_ERROR,
  Decimal,
  decimalOfParts,
  floorWithin,
  RATE_SCALE,
  ROUND_FLOOR,
  ZERO,
} from './decimal.ts'
import { notionalOf, type InstrumentSpec } from './instrument.ts'
import { maintenanceMargin, maintenanceWithin, tierOf, type RiskTier } from './tiers.ts'

/** One position of a margin scope, with the price that values it. */
export interface PositionInput {
  readonly spec: InstrumentSpec
  readonly tiers: readonly RiskTier[]
  /** Signed: above zero long, below zero short */
  readonly quantityLots: number
  /** Signed cost [settlement currency]; negative for a short */
  readonly entryNotional: Decimal
  readonly markTicks: number
}

/** Where a margin scope stands [settlement currency]. */
export interface MarginState {
  readonly walletBalance: Decimal
  readonly equity: Decimal
  readonly maintenanceMargin: Decimal
}

const RATIO_MAX = new Decimal(999_999_999)
const RATIO_MIN = RATIO_MAX.negated()
/** Units of a rate's last digit in one, and of money's last digit in one of these */
const RATE_UNITS = 1e9
const PARTS_PER_UNIT = 1_000

function ofRateUnits(units: number): Decimal {
  const rest = units % RATE_UNITS
  return decimalOfParts((units - rest) / RATE_UNITS, rest * PARTS_PER_UNIT)
}

/** Profit not yet realised: lots × lotSize × ticks × tickSize − entryNotional, both signed. Exact. */
export function unrealisedProfit(position: PositionInput): Decimal {
  const { spec, quantityLots, markTicks } = position
  return notionalOf(spec, quantityLots, markTicks).minus(position.entryNotional)
}

/** Absolute value of a position at its mark price [settlement currency]. Exact. */
export function positionNotional(position: PositionInput): Decimal {
  return notionalOf(position.spec, position.quantityLots, position.markTicks).abs()
}

/** Maintenance margin of one position at its mark price; rounding as in `maintenanceMargin`. */
export function positionMaintenance(position: PositionInput): Decimal {
  return maintenanceMargin(position.tiers, positionNotional(position))
}

/**
 * Margin of a scope.
 *
 *   E = W + Σ (v_i − e_i),   M = Σ MM_i(|v_i|)
 *
 *   W wallet balance, v value at mark and e entry notional of each position, both signed [settlement currency]
 *
 * Equity is exact; each position's requirement is rounded up to money's scale where it does not fit.
 */
export function marginOf(walletBalance: Decimal, positions: readonly PositionInput[]): MarginState {
  return valueScope(walletBalance, positions).margin
}

/** What a margin is made of. */
export interface ValuedScope {
  readonly margin: MarginState
  readonly positions: readonly ValuedPosition[]
}

/** A position with what its mark makes of it. */
export interface ValuedPosition extends PositionInput {
  /** Signed */
  readonly value: Decimal
  readonly notional: Decimal
  readonly unrealisedProfit: Decimal
  readonly tier: RiskTier
  readonly maintenanceMargin: Decimal
}

/** `marginOf`, with the numbers of each position. */
export function valueScope(
  walletBalance: Decimal,
  positions: readonly PositionInput[],
): ValuedScope {
  const valued = positions.map(valuePosition)
  let equity = walletBalance
  let required = ZERO
  for (const position of valued) {
    equity = equity.plus(position.unrealisedProfit)
    required = required.plus(position.maintenanceMargin)
  }
  return { margin: { walletBalance, equity, maintenanceMargin: required }, positions: valued }
}

function valuePosition(position: PositionInput): ValuedPosition {
  const { spec, tiers, quantityLots, entryNotional, markTicks } = position
  const value = notionalOf(spec, quantityLots, markTicks)
  const notional = quantityLots < 0 ? value.negated() : value
  const tier = tierOf(tiers, notional)
  return {
    spec,
    tiers,
    quantityLots,
    entryNotional,
    markTicks,
    value,
    notional,
    unrealisedProfit: value.minus(entryNotional),
    tier,
    maintenanceMargin: maintenanceWithin(tier, notional),
  }
}

/**
 * Equity ÷ maintenance margin, for display: nine digits, rounded down, clamped to ±999,999,999; null without maintenance
 * margin. Nothing is decided by it: `isLiquidatable` compares without dividing.
 *
 * Doubles give it wherever their error leaves no doubt of the ninth digit.
 */
export function marginRatio(equity: Decimal, maintenance: Decimal): Decimal | null {
  if (maintenance.isZero()) return null
  const units = (approximate(equity) / approximate(maintenance)) * RATE_UNITS
  const floor = floorWithin(units, 4 * APPROXIMATION_ERROR * Math.abs(units))
  if (floor !== null && Math.abs(floor) < RATE_UNITS * 1_000) return ofRateUnits(floor)
  const ratio = equity.div(maintenance).toDecimalPlaces(RATE_SCALE, ROUND_FLOOR)
  return Decimal.min(RATIO_MAX, Decimal.max(RATIO_MIN, ratio))
}

/**
 * Whether a scope is to be liquidated: E < k·M, strictly. Exact.
 *
 * A scope without positions requires nothing, so it is below exactly when its equity is negative.
 *
 * @param triggerRatio k, from the policy
 */
export function isLiquidatable(
  margin: Pick<MarginState, 'equity' | 'maintenanceMargin'>,
  triggerRatio: Decimal,
): boolean {
  return margin.equity.lt(margin.maintenanceMargin.times(triggerRatio))
}
