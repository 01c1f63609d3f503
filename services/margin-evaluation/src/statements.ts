import type { PositionRisk, RiskStatement } from '@sluice/contracts/generated/events'
import { bankruptcyPriceTicks } from '@sluice/domain/bankruptcy-price'
import { liquidationPriceTicks } from '@sluice/domain/liquidation-price'
import { notionalOf } from '@sluice/domain/instrument'
import { marginOf, marginRatio, type MarginState, type PositionInput } from '@sluice/domain/margin'
import { maintenanceWithin, tierOf } from '@sluice/domain/tiers'
import type { Decimal } from '@sluice/domain/decimal'
import { instrumentsOf, positionsOf } from './evaluation.ts'
import type { Policy } from './policy.ts'
import type { State } from './state.ts'

/**
 * The complete risk of a scope at the present marks, with the ids of the records and prices it was computed from: what the
 * executor acts on and what an auditor recomputes.
 */
export function statementOf(
  state: State,
  slot: number,
  { policy, now }: { policy: Policy; now: number },
): RiskStatement {
  const { scopes } = state
  const positions = positionsOf(state, slot)
  const walletBalance = scopes.wallet(slot)
  const margin = marginOf(walletBalance, positions)
  return {
    scope: scopes.id(slot),
    currency: state.currencies.text(scopes.currency[slot] as number),
    ledgerSequence: scopes.ledgerSequence[slot] as number,
    evaluatedAt: now,
    ...margin,
    marginRatio: marginRatio(margin.equity, margin.maintenanceMargin),
    positions: positionRisks(state, slot, {
      walletBalance,
      positions,
      margin,
      triggerRatio: policy.record.triggerRatio,
    }),
    openOrders: state.openOrders.get(slot) ?? [],
    policy: policy.record.policy,
    policyVersion: policy.record.version,
    accountEventId: accountEventId(state, slot),
    priceEventIds: instrumentsOf(state, slot).map(({ markEventId }) => markEventId),
  }
}

interface Valuation {
  readonly walletBalance: Decimal
  readonly positions: readonly PositionInput[]
  readonly margin: MarginState
  readonly triggerRatio: Decimal
}

function positionRisks(state: State, slot: number, valuation: Valuation): PositionRisk[] {
  const instruments = instrumentsOf(state, slot)
  return valuation.positions.map((position, index) => {
    const { spec, quantityLots, entryNotional, markTicks } = position
    const value = notionalOf(spec, quantityLots, markTicks)
    const notional = value.abs()
    const tier = tierOf(position.tiers, notional)
    return {
      instrument: spec.instrument,
      quantityLots,
      entryNotional,
      markTicks,
      notional,
      unrealisedProfit: value.minus(entryNotional),
      maintenanceMargin: maintenanceWithin(tier, notional),
      maintenanceRate: tier.maintenanceRate,
      maintenanceDeduction: tier.deduction,
      tiersVersion: instruments[index]?.tiersVersion ?? 0,
      liquidationPriceTicks: liquidationPriceTicks({ ...valuation, index }),
      bankruptcyPriceTicks: bankruptcyPriceTicks({ ...valuation, index }),
    }
  })
}

/** Id of the account record that the scope stands on. */
export function accountEventId({ scopes, eventPrefixes }: State, slot: number): string {
  const offset = scopes.eventOffset[slot] as number
  const prefix = eventPrefixes.text(scopes.eventPrefix[slot] as number)
  return offset < 0 ? prefix : `${prefix}@${offset}`
}

/** Remembers the id of an account record as an interned prefix and an offset, not as a text per scope. */
export function setAccountEventId(
  { scopes, eventPrefixes }: State,
  slot: number,
  id: string,
): void {
  const mark = id.lastIndexOf('@')
  const offset = mark < 0 ? Number.NaN : Number(id.slice(mark + 1))
  const isOffset = Number.isSafeInteger(offset)
  scopes.eventPrefix[slot] = eventPrefixes.number(isOffset ? id.slice(0, mark) : id)
  scopes.eventOffset[slot] = isOffset ? offset : -1
}
