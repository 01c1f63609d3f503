import type { PositionRisk, RiskStatement } from '@sluice/contracts/generated/events'
import type { Decimal } from '@sluice/domain/decimal'
import { bankruptcyPriceTicks } from '@sluice/domain/bankruptcy-price'
import { liquidationPriceTicks } from '@sluice/domain/liquidation-price'
import { marginRatio, type ValuedScope } from '@sluice/domain/margin'
import { exactValue, instrumentsOf } from './evaluation.ts'
import type { Instrument } from './instruments.ts'
import { triggerRatioOf } from './overrides.ts'
import type { Policy } from './policy.ts'
import type { State } from './state.ts'

/**
 * The complete risk of a scope at the present marks, with the ids of the records and prices it was computed from: what the
 * executor acts on and what an auditor recomputes.
 *
 * @param valued the scope at the present marks, where the caller has it already
 */
export function statementOf(
  state: State,
  slot: number,
  { policy, now, valued = exactValue(state, slot) }: StatementOptions,
): RiskStatement {
  const { scopes } = state
  const instruments = instrumentsOf(state, slot)
  const { walletBalance, equity, maintenanceMargin } = valued.margin
  return {
    scope: scopes.id(slot),
    currency: state.currencies.text(scopes.currency[slot] as number),
    ledgerSequence: scopes.ledgerSequence[slot] as number,
    evaluatedAt: now,
    walletBalance,
    equity,
    maintenanceMargin,
    marginRatio: marginRatio(equity, maintenanceMargin),
    positions: positionRisks(valued, instruments, triggerRatioOf(state, slot, policy)),
    openOrders: state.openOrders.get(slot) ?? [],
    policy: policy.record.policy,
    policyVersion: policy.record.version,
    accountEventId: accountEventId(state, slot),
    priceEventIds: instruments.map(({ markEventId }) => markEventId),
  }
}

interface StatementOptions {
  readonly policy: Policy
  readonly now: number
  readonly valued?: ValuedScope
}

function positionRisks(
  valued: ValuedScope,
  instruments: readonly Instrument[],
  triggerRatio: Decimal,
): PositionRisk[] {
  const { positions } = valued
  const { walletBalance } = valued.margin
  return positions.map((position, index) => ({
    instrument: position.spec.instrument,
    quantityLots: position.quantityLots,
    entryNotional: position.entryNotional,
    markTicks: position.markTicks,
    notional: position.notional,
    unrealisedProfit: position.unrealisedProfit,
    maintenanceMargin: position.maintenanceMargin,
    maintenanceRate: position.tier.maintenanceRate,
    maintenanceDeduction: position.tier.deduction,
    tiersVersion: instruments[index]?.tiersVersion ?? 0,
    liquidationPriceTicks: liquidationPriceTicks({
      walletBalance,
      positions,
      index,
      triggerRatio,
      valued,
    }),
    bankruptcyPriceTicks: bankruptcyPriceTicks({ walletBalance, positions, index, valued }),
  }))
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
