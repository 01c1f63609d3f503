import type { PositionRisk } from '@sluice/contracts/generated/events'
import { isAboveZero, ZERO } from '@sluice/domain/decimal'
import type { Decimal } from '@sluice/domain/decimal'
import type { PositionInput } from '@sluice/domain/margin'
import type { Instrument, Liquidation, State } from './state.ts'

/** One position of a statement with what is known of its instrument. */
export interface Leg {
  readonly risk: PositionRisk
  readonly instrument: Instrument
  readonly input: PositionInput
}

/** The position with what is known of its instrument, or undefined while that is not complete. */
function legOf(state: State, risk: PositionRisk): Leg | undefined {
  const instrument = state.instruments.get(risk.instrument)
  const tiers = state.tiers.get(risk.instrument)
  if (instrument === undefined || tiers === undefined) return undefined
  const { quantityLots, entryNotional, markTicks } = risk
  const { spec } = instrument
  const input = { spec, tiers: tiers.tiers, quantityLots, entryNotional, markTicks }
  return { risk, instrument, input }
}

/** Whether an instrument and its tiers are known. */
export function isKnown({ instruments, tiers }: State, instrument: string): boolean {
  return instruments.has(instrument) && tiers.has(instrument)
}

export function legsOf(state: State, liquidation: Liquidation): readonly Leg[] {
  const legs: Leg[] = []
  for (const risk of liquidation.statement.positions) {
    const leg = legOf(state, risk)
    if (leg !== undefined) legs.push(leg)
  }
  return legs
}

/**
 * The position that is reduced next: the one with the largest maintenance margin, which frees the most; ties by the name of
 * the instrument. Undefined if the scope is flat.
 */
export function chooseLeg(legs: readonly Leg[]): Leg | undefined {
  let [chosen] = legs
  for (const leg of legs) {
    if (chosen !== undefined && leg !== chosen && precedes(leg.risk, chosen.risk)) chosen = leg
  }
  return chosen
}

function precedes(a: PositionRisk, b: PositionRisk): boolean {
  const byMargin = a.maintenanceMargin.comparedTo(b.maintenanceMargin)
  return byMargin > 0 || (byMargin === 0 && a.instrument < b.instrument)
}

/** What a pool can still pay: its balance less what others have been promised [settlement currency]. */
export function available(state: State, pool: string): Decimal {
  const balance = state.pools.get(pool)?.balance ?? ZERO
  const left = balance.minus(state.reserved.get(pool) ?? ZERO)
  return isAboveZero(left) ? left : ZERO
}

/** For a scope that was flat from the start: the first pool by name that holds its currency, if any. */
export function poolOf(state: State, currency: string): string | null {
  const names = [...state.pools.keys()].sort()
  return names.find(name => state.pools.get(name)?.currency === currency) ?? null
}
