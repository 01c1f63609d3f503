import type {
  LiquidationCompleted,
  LiquidationExecutionEvent,
  LiquidationProfileReported,
  LiquidationTriggered,
  MarginEvaluationEvent,
  PositionReduced,
} from '@sluice/contracts/generated/events'
import { addFundDraw, takeReduction } from './cascades.ts'
import type { AnalyticsHandlers } from './handlers.ts'
import { ignore, listed, refuse, schedule } from './handlers.ts'
import { noteProfile } from './heat.ts'
import { findParent, noteTrade, suspicionOf } from './lineage.ts'
import type { Context } from './market-handlers.ts'
import { publishIfDue } from './market-handlers.ts'
import type { AnalyticsSettings } from './settings.ts'
import type { AnalyticsState, Liquidation } from './state.ts'

export function evaluationHandlers(
  settings: AnalyticsSettings,
): AnalyticsHandlers<MarginEvaluationEvent> {
  return {
    LiquidationTriggered: (state, event, turn) => {
      onTriggered(state, event, { settings, turn })
    },
    LiquidationProfileReported: (state, event, turn) => {
      onProfile(state, event, { settings, turn })
    },
    AccountRiskReported: ignore,
    DeleveragingCandidatesRanked: ignore,
    MarginCallCleared: ignore,
    MarginCallIssued: ignore,
    MarginStatusChanged: ignore,
    ScopeDistrusted: ignore,
    ScopeTrusted: ignore,
    InputRefused: ignore,
  }
}

export function executionHandlers(
  settings: AnalyticsSettings,
): AnalyticsHandlers<LiquidationExecutionEvent> {
  return {
    PositionReduced: (state, event, turn) => {
      onReduced(state, event, { settings, turn })
    },
    LiquidationCompleted: (state, event, turn) => {
      onCompleted(state, event, { settings, turn })
    },
    LiquidationAverted: (state, event, turn) => {
      end(state, event.liquidationId, { settings, turn })
    },
    DeleveragingOrdered: ignore,
    DeleveragingRequested: ignore,
    FundMovementRequested: ignore,
    LiquidationFeeRequested: ignore,
    LiquidationHalted: ignore,
    LiquidationOrderPlaced: ignore,
    LiquidationPaused: ignore,
    LiquidationResumed: ignore,
    LiquidationStarted: ignore,
    LossShareRequested: ignore,
    OrderCancellationRequested: ignore,
    PoolReleased: ignore,
    PoolReserved: ignore,
    SlicePlanned: ignore,
    InputRefused: ignore,
  }
}

function onTriggered(state: AnalyticsState, event: LiquidationTriggered, context: Context): void {
  const { settings, turn } = context
  const { statement } = event
  const suspicion = suspicionOf(state, statement, settings.lineageWindowMs)
  state.liquidations.set(turn.inputId, {
    ...newLiquidation(statement.scope, statement.evaluatedAt),
    suspicion,
  })
}

/** Who moved the price is asked when a liquidation's first reduction is read; then its cascade takes the reduction. */
function onReduced(state: AnalyticsState, event: PositionReduced, context: Context): void {
  const { settings, turn } = context
  const market = listed(state, event, turn)
  if (market === undefined) return
  const liquidation = state.liquidations.get(event.liquidationId) ?? orphan(state, event, context)
  if (liquidation.generation < 0) findLineage(state, liquidation, settings)

  takeReduction(market, { event, id: turn.inputId, liquidation }, context)
  if (event.mechanism === 'order') {
    const { liquidationId, scope, side, meta } = event
    const notional = event.notional.toNumber()
    const { generation } = liquidation
    const trade = { time: meta.time, liquidationId, scope, generation, side, notional }
    noteTrade(market, trade, 2 * settings.lineageWindowMs)
  }
  schedule(state, market, settings)
}

/** A reduction of a liquidation whose trigger we have not read, or have forgotten: a root of its own, soon forgotten again. */
function orphan(state: AnalyticsState, event: PositionReduced, context: Context): Liquidation {
  const liquidation = newLiquidation(event.scope, event.meta.time)
  state.liquidations.set(event.liquidationId, liquidation)
  end(state, event.liquidationId, context)
  return liquidation
}

function newLiquidation(scope: string, evaluatedAt: number): Liquidation {
  return {
    scope,
    evaluatedAt,
    suspicion: null,
    parentId: null,
    generation: -1,
    lastCascade: null,
  }
}

function findLineage(
  state: AnalyticsState,
  liquidation: Liquidation,
  settings: AnalyticsSettings,
): void {
  const parent = findParent(state, liquidation, settings.lineageWindowMs)
  liquidation.parentId = parent?.liquidationId ?? null
  liquidation.generation = parent === undefined ? 0 : parent.generation + 1
}

function onCompleted(state: AnalyticsState, event: LiquidationCompleted, context: Context): void {
  const liquidation = state.liquidations.get(event.liquidationId)
  if (liquidation !== undefined) addFundDraw(state.markets, liquidation, event.fundDraw)
  end(state, event.liquidationId, context)
}

/** Ended liquidations are kept for two lineage windows, for fills that come late; then nobody asks for them any more. */
function end(state: AnalyticsState, liquidationId: string, { settings, turn }: Context): void {
  if (!state.liquidations.has(liquidationId)) return
  state.ended.push({ liquidationId, at: turn.now })
  const keptFrom = turn.now - 2 * settings.lineageWindowMs
  const kept = state.ended.findIndex(({ at }) => at >= keptFrom)
  for (const forgotten of state.ended.splice(0, kept)) {
    state.liquidations.delete(forgotten.liquidationId)
  }
}

/** The evaluator is the task that reported: `<task>/<sequence>` is the id of its event. */
function onProfile(
  state: AnalyticsState,
  event: LiquidationProfileReported,
  context: Context,
): void {
  const { turn } = context
  const market = listed(state, event, turn)
  if (market === undefined) return
  if (!(event.binWidth > 0)) {
    const detail = `LiquidationProfileReported of ${event.instrument}: bin width ${String(event.binWidth)}`
    refuse(turn, 'number_out_of_range', `${detail} must be above 0`)
    return
  }
  const evaluator = turn.inputId.slice(0, turn.inputId.lastIndexOf('/'))
  noteProfile(market.heat, evaluator, event)
  publishIfDue(state, market, context)
}
