import type {
  AccountRiskReported,
  BookLiquidityUpdated,
  DeleveragingCandidatesRanked,
  ExecutionReportsEvent,
  InstrumentHalted,
  InstrumentListed,
  InstrumentResumed,
  InsurancePoolSet,
  LiquidationExecutionEvent,
  LiquidationPolicySet,
  LiquidationTriggered,
  MarkPriceUpdated,
  OperationsEvent,
  PriceQualityChanged,
  RiskTiersSet,
  ScopeDistrusted,
  ScopeTrusted,
} from '@sluice/contracts/generated/events'
import type { Handlers, Processor, RefusedRecord } from '@sluice/stream-runtime/processor'
import { workingOrder } from './book.ts'
import type { Context, ExecutionTurn } from './context.ts'
import * as deleveraging from './deleveraging.ts'
import * as fund from './fund.ts'
import * as intervention from './intervention.ts'
import * as life from './life.ts'
import { onLossShareBooked } from './loss-share.ts'
import * as market from './market.ts'
import * as orders from './orders.ts'
import { proceed } from './proceed.ts'
import * as reference from './reference.ts'
import * as shadow from './shadow.ts'
import { earliestRoom, forgetFills, offerBook, offerRest } from './room.ts'
import { DEFAULT_SETTINGS, settingsText } from './settings.ts'
import type { ExecutionSettings } from './settings.ts'
import { decodeKept, encodeKept } from './snapshot.ts'
import { awaitLedger, emptyKept, keptOf, liquidationsByScope, stateOf } from './state.ts'
import type { Liquidation, State } from './state.ts'
import { earliestDeadline, onDue, takeDue } from './timeouts.ts'

/** What this service acts on; anything else on its topics is not for it. */
export type ExecutionInput =
  | AccountRiskReported
  | BookLiquidityUpdated
  | DeleveragingCandidatesRanked
  | ExecutionReportsEvent
  | InstrumentHalted
  | InstrumentListed
  | InstrumentResumed
  | InsurancePoolSet
  | LiquidationPolicySet
  | LiquidationTriggered
  | MarkPriceUpdated
  | OperationsEvent
  | PriceQualityChanged
  | RiskTiersSet
  | ScopeDistrusted
  | ScopeTrusted

export type ExecutionProcessor = Processor<State, ExecutionInput, LiquidationExecutionEvent>

type ExecutionHandlers = Handlers<State, ExecutionInput, LiquidationExecutionEvent>

export const SERVICE = 'liquidation-execution'
export const LOGIC_VERSION = 1

/**
 * The rules of liquidation-execution. A handler takes in a fact and answers whose liquidation it touches; what follows from it is
 * always the same: that liquidation goes on as far as it can (`proceed`), by the order of the waterfall (`nextStep`).
 */
export function createProcessor(options: Partial<ExecutionSettings> = {}): ExecutionProcessor {
  const settings = { ...DEFAULT_SETTINGS, ...options }
  return {
    service: SERVICE,
    logicVersion: LOGIC_VERSION,
    settings: settingsText(settings),
    handlers: handlersOf(settings),
    initialState: () => stateOf(emptyKept(settings.startsIn)),
    nextDeadline: state => nextDeadline(state, settings),
    onTick: (state, turn) => onTick({ state, settings, turn }),
    onRefusedRecord,
    snapshot: state => encodeKept(keptOf(state)),
    restore: snapshot => stateOf(decodeKept(snapshot)),
  }
}

type Touched = Liquidation | undefined | readonly Liquidation[]

/** Takes in the fact, then lets those it touches go on. */
function handle<Event>(
  settings: ExecutionSettings,
  takeIn: (context: Context, event: Event) => Touched,
): (state: State, event: Event, turn: ExecutionTurn) => void {
  return (state, event, turn) => {
    const context = { state, settings, turn }
    const touched = takeIn(context, event)
    if (touched === undefined) return
    if (!('scope' in touched)) proceedAll(context, touched)
    else proceed(context, touched)
  }
}

type TakeIn<Event> = (context: Context, event: Event) => Liquidation | undefined

/** As `handle`. If it ends a working order, what that leaves of the book is offered to those who wait. */
function handleAnswer<Event extends { readonly scope: string }>(
  settings: ExecutionSettings,
  takeIn: TakeIn<Event>,
): (state: State, event: Event, turn: ExecutionTurn) => void {
  return (state, event, turn) => {
    const context = { state, settings, turn }
    const liquidation = state.liquidations.get(event.scope)
    const order = liquidation && workingOrder(liquidation)
    const touched = takeIn(context, event)
    const isOver = order !== undefined && liquidation?.stage.name !== 'working'
    proceed(context, touched)
    if (isOver) offerRest(context, order, proceed)
  }
}

function offer(context: Context, instruments: readonly string[]): void {
  for (const instrument of instruments) offerBook(context, instrument, proceed)
}

function proceedAll(context: Context, liquidations: readonly Liquidation[]): void {
  for (const liquidation of liquidations) proceed(context, liquidation)
}

function handlersOf(settings: ExecutionSettings): ExecutionHandlers {
  const on = <Event>(takeIn: (context: Context, event: Event) => Touched) =>
    handle<Event>(settings, takeIn)
  const onAnswer = <Event extends { readonly scope: string }>(takeIn: TakeIn<Event>) =>
    handleAnswer<Event>(settings, takeIn)
  return {
    ...operationsHandlers(on),
    ...referenceHandlers(on),
    MarkPriceUpdated: on(market.onMarkPrice),
    PriceQualityChanged: on(market.onPriceQuality),
    BookLiquidityUpdated: (state, book, turn) => {
      const context = { state, settings, turn }
      market.onBookLiquidity(context, book)
      offer(context, [book.instrument])
    },

    LiquidationTriggered: on(life.onTriggered),
    AccountRiskReported: on((context, event) => {
      shadow.onShadowReported(context, event)
      return life.onRiskReported(context, event)
    }),
    ScopeDistrusted: on(onScopeDistrusted),
    ScopeTrusted: on(onScopeTrusted),
    DeleveragingCandidatesRanked: on(deleveraging.onCandidatesRanked),

    OrderAccepted: () => undefined,
    OrderRejected: onAnswer(orders.onOrderRejected),
    OrderFilled: onAnswer(orders.onOrderFilled),
    OrderExpired: onAnswer(orders.onOrderExpired),
    OrdersCancelled: onAnswer(orders.onOrdersCancelled),
    FeeBooked: on(fund.onFeeBooked),
    FundMovementBooked: on(fund.onFundMovementBooked),
    FundMovementRefused: on(fund.onFundMovementRefused),
    DeleveragingExecuted: on(deleveraging.onDeleveragingExecuted),
    DeleveragingRejected: on(deleveraging.onDeleveragingRejected),
    LossShareBooked: on(onLossShareBooked),
  }
}

/** What the evaluator makes of it, its triggers say. */
const notForUs = (): void => undefined

type On = <Event>(
  takeIn: (context: Context, event: Event) => Touched,
) => (state: State, event: Event, turn: ExecutionTurn) => void

function operationsHandlers(on: On): Pick<ExecutionHandlers, OperationsEvent['type']> {
  return {
    KillSwitchEngaged: on((context, order) =>
      intervention.onKillSwitchEngaged(context, order) ? liquidationsByScope(context.state) : [],
    ),
    KillSwitchReleased: on(({ state }) => {
      state.killSwitch = null
      return liquidationsByScope(state)
    }),
    ScopeHeld: on(intervention.onScopeHeld),
    ScopeReleased: on((context, { scope }) => intervention.onScopeReleased(context, scope)),
    ModeChanged: on(shadow.onModeChanged),
    PolicyActivated: notForUs,
    TriggerOverridden: notForUs,
    RecordRedriven: notForUs,
  }
}

type ReferenceInput =
  | 'InstrumentListed'
  | 'RiskTiersSet'
  | 'InstrumentHalted'
  | 'InstrumentResumed'
  | 'InsurancePoolSet'
  | 'LiquidationPolicySet'

function referenceHandlers(on: On): Pick<ExecutionHandlers, ReferenceInput> {
  return {
    InstrumentListed: on((context, listed) =>
      reference.onInstrumentListed(context, listed)
        ? market.holdersOf(context.state, listed.instrument)
        : [],
    ),
    RiskTiersSet: on((context, record) =>
      reference.onRiskTiersSet(context, record)
        ? market.holdersOf(context.state, record.instrument)
        : [],
    ),
    InstrumentHalted: on(({ state }, { instrument }) => {
      state.halted.add(instrument)
      return market.holdersOf(state, instrument)
    }),
    InstrumentResumed: on(({ state }, { instrument }) => {
      state.halted.delete(instrument)
      return market.holdersOf(state, instrument)
    }),
    InsurancePoolSet: on((context, record) => {
      reference.onInsurancePoolSet(context, record)
      return undefined
    }),
    LiquidationPolicySet: on(reference.onPolicySet),
  }
}

/** What is known of the scope is incomplete: the statement is in doubt until the next one. */
function onScopeDistrusted({ state }: Context, { scope }: ScopeDistrusted): Touched {
  state.untrusted.add(scope)
  const liquidation = state.liquidations.get(scope)
  if (liquidation !== undefined) liquidation.statementFresh = false
  return liquidation
}

/** A good snapshot came; the statement that is acted on must contain it. */
function onScopeTrusted({ state }: Context, { scope, ledgerSequence }: ScopeTrusted): Touched {
  state.untrusted.delete(scope)
  const liquidation = state.liquidations.get(scope)
  if (liquidation !== undefined) awaitLedger(liquidation, ledgerSequence)
  return liquidation
}

/** An execution report that nobody can read may have been a fill: only a newer statement can tell. */
function onRefusedRecord(state: State, { source, key }: RefusedRecord): void {
  if (source !== 'execution-reports' || key === null) return
  const liquidation = state.liquidations.get(key)
  if (liquidation !== undefined) liquidation.statementFresh = false
}

function nextDeadline(state: State, { shadowMs }: ExecutionSettings): number | null {
  const times = [
    intervention.earliestExpiry(state),
    earliestDeadline(state),
    earliestRoom(state),
    shadow.earliestShadowEnd(state, shadowMs),
  ]
  const known = times.filter(time => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/**
 * Interventions lapse first, then triggers that waited too long, then fills that no longer count against a book, then those liquidations
 * whose time has come.
 */
function onTick(context: Context): void {
  const { state, turn } = context
  const { everyone, scopes } = intervention.lapse(state, turn.now)
  const freed = scopes.flatMap(scope => state.liquidations.get(scope) ?? [])
  proceedAll(context, everyone ? liquidationsByScope(state) : freed)
  reference.dropParked(context)
  shadow.endDueShadows(context)
  offer(context, forgetFills(state, turn.now))
  for (const liquidation of takeDue(state, turn.now)) {
    onDue(context, liquidation)
    proceed(context, liquidation)
  }
}
