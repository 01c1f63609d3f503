import type {
  AccountsEvent,
  DeleveragingRequested,
  LiquidationAverted,
  LiquidationCompleted,
  LiquidationHalted,
  LiquidationPolicySet,
  LiquidationResumed,
  InstrumentHalted,
  InstrumentListed,
  InstrumentResumed,
  MarginEvaluationEvent,
  MarkPriceUpdated,
  PolicyActivated,
  PriceQualityChanged,
  RiskTiersSet,
  ScopeHeld,
  ScopeReleased,
  TriggerOverridden,
} from '@sluice/contracts/generated/events'
import type { Handlers, Processor } from '@sluice/stream-runtime/processor'
import { onAccountChanged } from './account-changes.ts'
import {
  onAccountClosed,
  onAccountUpdated,
  onParkingOver,
  onSnapshotCompleted,
} from './accounts.ts'
import { describeState } from './bands.ts'
import { onReleaseDue } from './catch-up-release.ts'
import { onDeleveragingRequested } from './candidates.ts'
import { DEFAULT_SETTINGS, type Settings } from './settings.ts'
import { onLiquidationHalted, onLiquidationResumed, onReportsDue, release } from './liquidating.ts'
import { evaluate, onDwellOver } from './margin-calls.ts'
import {
  onDecisionsLapsed,
  onPolicyActivated,
  onScopeHeld,
  onScopeReleased,
  onTriggerOverridden,
} from './operations.ts'
import { onHalted, onMarkPrice, onPriceQuality, onResumed } from './prices.ts'
import { onProfilesDue } from './profile-reports.ts'
import { onInstrumentListed, onLiquidationPolicySet, onRiskTiersSet } from './reference.ts'
import { snapshotOf, stateOf } from './snapshot.ts'
import { createState, type MarginTurn, type State, type WatchKind } from './state.ts'
import { onUndecodableAccount } from './trust.ts'

/** What margin evaluation reads. An input of another type is none of its business. */
export type MarginEvaluationInput =
  | AccountsEvent
  | MarkPriceUpdated
  | PriceQualityChanged
  | InstrumentListed
  | InstrumentHalted
  | InstrumentResumed
  | RiskTiersSet
  | LiquidationPolicySet
  | ScopeHeld
  | ScopeReleased
  | PolicyActivated
  | TriggerOverridden
  | LiquidationCompleted
  | LiquidationAverted
  | LiquidationHalted
  | LiquidationResumed
  | DeleveragingRequested

export type MarginEvaluationProcessor = Processor<
  State,
  MarginEvaluationInput,
  MarginEvaluationEvent
>

const handlers: Handlers<State, MarginEvaluationInput, MarginEvaluationEvent> = {
  AccountUpdated: onAccountUpdated,
  AccountChanged: onAccountChanged,
  AccountClosed: onAccountClosed,
  SnapshotCompleted: onSnapshotCompleted,
  MarkPriceUpdated: onMarkPrice,
  PriceQualityChanged: onPriceQuality,
  InstrumentListed: onInstrumentListed,
  InstrumentHalted: onHalted,
  InstrumentResumed: onResumed,
  RiskTiersSet: onRiskTiersSet,
  LiquidationPolicySet: onLiquidationPolicySet,
  ScopeHeld: onScopeHeld,
  ScopeReleased: onScopeReleased,
  PolicyActivated: onPolicyActivated,
  TriggerOverridden: onTriggerOverridden,
  LiquidationCompleted: onLiquidationOver,
  LiquidationAverted: onLiquidationOver,
  LiquidationHalted: onLiquidationHalted,
  LiquidationResumed: onLiquidationResumed,
  DeleveragingRequested: onDeleveragingRequested,
}

/** The executor is done: the status follows from the numbers, and a scope still under water triggers anew. */
function onLiquidationOver(
  state: State,
  event: LiquidationCompleted | LiquidationAverted,
  turn: MarginTurn,
): void {
  const slot = release(state, event)
  if (slot !== undefined) evaluate(state, slot, turn)
}

/**
 * The rules of margin evaluation. `watch` chooses who notices that a price matters: the trigger book, or the full scan that it
 * is tested against. Both give the same events.
 */
export function createProcessor(
  settings: Settings = DEFAULT_SETTINGS,
  watch: WatchKind = 'ladders',
): MarginEvaluationProcessor {
  return {
    service: 'margin-evaluation',
    logicVersion: 1,
    settings: JSON.stringify(settings),
    handlers,
    initialState: () => createState(settings, watch),
    nextDeadline,
    onTick,
    onRefusedRecord: onUndecodableAccount,
    describe: describeState,
    snapshot: snapshotOf,
    restore: snapshot => stateOf(snapshot, { settings, watch }),
  }
}

function nextDeadline(state: State): number | null {
  const next = Math.min(
    state.dwell.next() ?? Infinity,
    state.reports.next() ?? Infinity,
    state.holds.next() ?? Infinity,
    state.overrides.next() ?? Infinity,
    state.policies.activation?.expiresAt ?? Infinity,
    state.catchUp.releaseAt ?? Infinity,
    state.parking.next() ?? Infinity,
    state.profile.next() ?? Infinity,
  )
  return next === Infinity ? null : next
}

function onTick(state: State, turn: MarginTurn): void {
  onDecisionsLapsed(state, turn)
  onParkingOver(state, turn)
  onDwellOver(state, turn)
  onReleaseDue(state, turn)
  onReportsDue(state, turn)
  onProfilesDue(state, turn)
}
