import type { AccountRiskReported, ModeChanged } from '@sluice/contracts/generated/events'
import { about, causes } from './context.ts'
import type { Context } from './context.ts'
import { chooseLeg, legsOf } from './legs.ts'
import { standingReasons } from './pauses.ts'
import type { AvertReason } from './reasons.ts'
import { refuse } from './refusals.ts'
import { isRestored, planSlice } from './slice.ts'
import type { SlicePlan } from './slice.ts'
import { liquidationsByScope } from './state.ts'
import { takeStatement } from './statements.ts'
import type { Liquidation, State } from './state.ts'

/**
 * Shadow mode: nothing is asked of the venue. A trigger starts a liquidation that plans its first slice, says so, and watches. It is
 * over when the ledger shows the scope restored or flat (the venue did it), when its time is up, or when Sluice goes live; the evaluator
 * then decides anew.
 */
export function beginShadow(context: Context, shadow: Liquidation): void {
  context.state.shadows.set(shadow.scope, shadow)
  planOnce(context, shadow)
}

/** A newer statement: over, or another chance to plan. */
export function onShadowReported(context: Context, event: AccountRiskReported): void {
  const shadow = context.state.shadows.get(event.statement.scope)
  if (shadow?.id !== event.liquidationId || !takeStatement(context, shadow, event.statement)) return
  if (shadow.statement.positions.length === 0 || isRestored(shadow))
    endShadow(context, shadow, 'shadow_settled')
  else planOnce(context, shadow)
}

/** From now on liquidations are asked of the venue, or only planned. Those under way are paused, and those in shadow called off. */
export function onModeChanged(
  context: Context,
  { mode, actor, approver }: ModeChanged,
): readonly Liquidation[] {
  const { state, turn } = context
  if (approver === actor) {
    const detail = `ModeChanged: ${actor} both decided and approved; somebody else has to approve`
    refuse(turn, 'approver_is_actor', detail)
    return []
  }
  state.mode = mode
  if (mode === 'live') for (const shadow of byScope(state)) endShadow(context, shadow, 'went_live')
  return liquidationsByScope(state)
}

/** When the next liquidation in shadow is over by itself, or null. */
export function earliestShadowEnd({ shadows }: State, shadowMs: number): number | null {
  let earliest = Infinity
  for (const { startedAt } of shadows.values()) earliest = Math.min(earliest, startedAt + shadowMs)
  return earliest === Infinity ? null : earliest
}

export function endDueShadows(context: Context): void {
  const { state, settings, turn } = context
  for (const shadow of byScope(state))
    if (shadow.startedAt + settings.shadowMs <= turn.now) endShadow(context, shadow, 'shadow_over')
}

function byScope({ shadows }: State): Liquidation[] {
  return [...shadows.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1))
}

function endShadow({ state, turn }: Context, shadow: Liquidation, reason: AvertReason): void {
  state.shadows.delete(shadow.scope)
  turn.emit({ type: 'LiquidationAverted', ...about(shadow), reason })
}

/** As if the trader's open orders were gone already, and nobody else wanted the book. */
function planOnce(context: Context, shadow: Liquidation): void {
  const { state, turn } = context
  if (shadow.slices > 0) return
  const reasons = standingReasons(state, shadow).filter(reason => reason !== 'shadow_mode')
  const leg = reasons.length > 0 ? undefined : chooseLeg(legsOf(state, shadow))
  const plan = leg && planSlice({ state, now: turn.now }, shadow, leg)
  if (plan === undefined || typeof plan === 'string') return
  shadow.slices = 1
  emitPlan(context, shadow, plan)
}

function emitPlan({ state, turn }: Context, shadow: Liquidation, plan: SlicePlan): void {
  const { instrument, side, quantityLots, limitTicks, sizing } = plan
  const { statementId } = shadow
  const bookId = state.books.get(instrument)?.eventId
  turn.emit(
    {
      type: 'SlicePlanned',
      ...about(shadow),
      ...{ instrument, side, quantityLots, limitTicks, statementId, sizing },
    },
    causes(turn.inputId, statementId, ...(bookId === undefined ? [] : [bookId])),
  )
}
