import type {
  LiquidationAverted,
  LiquidationCompleted,
  LiquidationHalted,
  LiquidationResumed,
} from '@sluice/contracts/generated/events'
import type { ValuedScope } from '@sluice/domain/margin'
import { instrumentsOf, isEvaluable } from './evaluation.ts'
import { overrideOf } from './overrides.ts'
import type { Policy } from './policy.ts'
import type { Liquidation, MarginTurn, State } from './state.ts'
import { statementOf } from './statements.ts'

/** Emits the trigger, with the whole risk of the scope; the event's id is the liquidation's. */
export function trigger(
  state: State,
  slot: number,
  { policy, valued, turn, causes }: Triggering,
): void {
  const statement = statementOf(state, slot, { policy, now: turn.now, valued })
  const triggerRatio = overrideOf(state, slot)
  const id = turn.emit({ type: 'LiquidationTriggered', statement, triggerRatio }, causes)
  state.liquidations.set(slot, {
    id,
    reportedChange: state.markChanges,
    isReportOwed: false,
    isHalted: false,
  })
  state.dwell.delete(slot)
  state.profile.forget(slot)
  state.reports.set(slot, turn.now + policy.record.riskReportIntervalMs)
}

interface Triggering {
  readonly policy: Policy
  readonly valued: ValuedScope
  readonly turn: MarginTurn
  /** Default: the input */
  readonly causes?: readonly string[]
}

/** Every account record of a scope in liquidation is reported, or owed until prices are usable. */
export function reportAccountRecord(
  state: State,
  slot: number,
  { liquidation, turn }: { liquidation: Liquidation; turn: MarginTurn },
): void {
  liquidation.isReportOwed = true
  if (isEvaluable(state, slot)) report(state, slot, { liquidation, turn })
}

function report(
  state: State,
  slot: number,
  { liquidation, turn }: { liquidation: Liquidation; turn: MarginTurn },
): void {
  const { policy } = state
  if (policy === null || liquidation.id === null) return
  turn.emit({
    type: 'AccountRiskReported',
    liquidationId: liquidation.id,
    statement: statementOf(state, slot, { policy, now: turn.now }),
  })
  liquidation.isReportOwed = false
  liquidation.reportedChange = state.markChanges
  if (!liquidation.isHalted) scheduleReport(state, slot, turn)
}

/** Reports the scopes in liquidation whose turn has come, if a mark price of theirs has changed since. */
export function onReportsDue(state: State, turn: MarginTurn): void {
  for (const slot of state.reports.takeDue(turn.now)) {
    const liquidation = state.liquidations.get(slot)
    if (liquidation === undefined) continue
    if (isWorthReporting(state, slot, liquidation)) report(state, slot, { liquidation, turn })
    else scheduleReport(state, slot, turn)
  }
}

function isWorthReporting(state: State, slot: number, liquidation: Liquidation): boolean {
  if (!isEvaluable(state, slot)) return false
  const { isReportOwed, reportedChange } = liquidation
  return (
    isReportOwed || instrumentsOf(state, slot).some(({ markChange }) => markChange > reportedChange)
  )
}

function scheduleReport(state: State, slot: number, turn: MarginTurn): void {
  const interval = state.policy?.record.riskReportIntervalMs
  if (interval !== undefined) state.reports.set(slot, turn.now + interval)
}

/**
 * The executor is done with a liquidation. Answers the slot whose status is now to be decided anew, or undefined for a
 * liquidation that is not the scope's present one.
 */
export function release(
  state: State,
  event: LiquidationAverted | LiquidationCompleted,
): number | undefined {
  const slot = slotOf(state, event)
  const liquidation = slot === undefined ? undefined : state.liquidations.get(slot)
  if (slot === undefined || liquidation === undefined) return undefined
  liquidation.id = null
  state.reports.delete(slot)
  return slot
}

/** It waits for a person: reports go on with account records only. */
export function onLiquidationHalted(state: State, event: LiquidationHalted): void {
  const slot = slotOf(state, event)
  const liquidation = slot === undefined ? undefined : state.liquidations.get(slot)
  if (slot === undefined || liquidation === undefined) return
  liquidation.isHalted = true
  state.reports.delete(slot)
}

export function onLiquidationResumed(
  state: State,
  event: LiquidationResumed,
  turn: MarginTurn,
): void {
  const slot = slotOf(state, event)
  const liquidation = slot === undefined ? undefined : state.liquidations.get(slot)
  if (slot === undefined || liquidation === undefined || !liquidation.isHalted) return
  liquidation.isHalted = false
  scheduleReport(state, slot, turn)
}

/** Slot of the scope whose present liquidation an event of the executor names. */
function slotOf(
  state: State,
  event: { readonly scope: string; readonly liquidationId: string },
): number | undefined {
  const slot = state.scopes.find(event.scope)
  if (slot === undefined) return undefined
  return state.liquidations.get(slot)?.id === event.liquidationId ? slot : undefined
}
