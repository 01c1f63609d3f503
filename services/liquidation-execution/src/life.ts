import type {
  AccountRiskReported,
  LiquidationOutcome,
  LiquidationTriggered,
  RiskStatement,
} from '@sluice/contracts/generated/events'
import { Decimal, ZERO } from '@sluice/domain/decimal'
import { about } from './context.ts'
import type { Context } from './context.ts'
import { chooseLeg, legsOf } from './legs.ts'
import { NO_AMOUNTS } from './pool-amounts.ts'
import type { AvertReason, HaltReason } from './reasons.ts'
import { refuse } from './refusals.ts'
import { beginShadow } from './shadow.ts'
import { takeStatement } from './statements.ts'
import { releaseAll } from './reservation.ts'
import { awaitBook } from './room.ts'
import { indexEnded, policyKey } from './state.ts'
import type { EndedLiquidation, Liquidation, Policy, State, Totals } from './state.ts'

/**
 * A scope fell below its trigger. Refused if another liquidation of the scope runs; parked until its policy is known; averted if
 * the statement is too old to act on. Otherwise a liquidation begins, with the policy version the trigger names.
 */
export function onTriggered(
  context: Context,
  { statement, triggerRatio }: LiquidationTriggered,
): Liquidation | undefined {
  const { state, settings, turn } = context
  const { scope } = statement
  const id = turn.inputId
  const running =
    state.liquidations.get(scope) ?? state.shadows.get(scope) ?? state.parked.get(scope)
  if (running !== undefined) {
    if (running.id === id) return undefined
    refuse(turn, 'liquidation_in_flight', `scope ${scope} is in liquidation ${running.id}`)
    return undefined
  }
  const started = startIfKnown(context, { id, statement, triggerRatio })
  if (started === 'policy_unknown') {
    state.parked.set(scope, { id, statement, triggerRatio, deadline: turn.now + settings.parkMs })
    return undefined
  }
  return started
}

interface Trigger {
  readonly id: string
  readonly statement: RiskStatement
  readonly triggerRatio: Decimal | null
}

/** Starts the liquidation of a trigger whose policy is known, unless it is too old; in shadow mode it is only planned. */
export function startIfKnown(
  context: Context,
  trigger: Trigger,
): Liquidation | undefined | 'policy_unknown' {
  const { state, turn } = context
  const { id, statement, triggerRatio } = trigger
  const policy = state.policies.get(policyKey(statement.policy, statement.policyVersion))
  if (policy === undefined) return 'policy_unknown'
  if (turn.now - statement.evaluatedAt > policy.triggerMaxAgeMs) {
    avertTrigger(context, trigger, 'trigger_too_old')
    return undefined
  }
  turn.emit(
    {
      type: 'LiquidationStarted',
      ...{ liquidationId: id, scope: statement.scope, mode: policy.mode },
      ...{ policy: policy.policy, policyVersion: policy.version },
    },
    [...new Set([turn.inputId, id])],
  )
  const followed = Decimal.isDecimal(triggerRatio) ? { ...policy, triggerRatio } : policy
  const liquidation = newLiquidation({ id, statement, policy: followed, startedAt: turn.now })
  if (state.mode === 'shadow') {
    beginShadow(context, liquidation)
    return undefined
  }
  liquidation.pool = chooseLeg(legsOf(state, liquidation))?.instrument.pool ?? null
  state.liquidations.set(statement.scope, liquidation)
  return liquidation
}

export function avertTrigger(
  { turn }: Context,
  { id, statement }: Pick<Trigger, 'id' | 'statement'>,
  reason: AvertReason,
): void {
  const { scope } = statement
  turn.emit({ type: 'LiquidationAverted', liquidationId: id, scope, reason })
}

/** Written out: an object that is spread from others is made property by property, twenty times as slow. */
function newLiquidation(
  begun: Pick<Trigger, 'id' | 'statement'> & {
    readonly policy: Policy
    readonly startedAt: number
  },
): Liquidation {
  const { id, statement, policy, startedAt } = begun
  return {
    id,
    scope: statement.scope,
    policy,
    startedAt,
    statement,
    statementId: id,
    statementFresh: true,
    ledgerSequenceNeeded: statement.ledgerSequence,
    stage: { name: 'ready' },
    pauses: [],
    noAnswer: false,
    bookAwaited: null,
    orders: new Map(),
    pairs: new Map(),
    executions: new Set(),
    slices: 0,
    lastSliceAt: null,
    unfilledSlices: 0,
    rejections: 0,
    cancellations: 0,
    wholeEquity: false,
    fundRefused: false,
    lossShareDue: false,
    lossUncovered: false,
    pool: null,
    reserved: NO_AMOUNTS,
    owed: NO_AMOUNTS,
    uncharged: NO_AMOUNTS,
    totals: NO_TOTALS,
    deadline: null,
  }
}

const NO_TOTALS: Totals = {
  reducedNotional: ZERO,
  deleveragedNotional: ZERO,
  fees: ZERO,
  fundDraw: ZERO,
  sharedLoss: ZERO,
}

export function onRiskReported(
  context: Context,
  { liquidationId, statement }: AccountRiskReported,
): Liquidation | undefined {
  const liquidation = context.state.liquidations.get(statement.scope)
  if (liquidation?.id !== liquidationId) return undefined
  return takeStatement(context, liquidation, statement) ? liquidation : undefined
}

export function avert(context: Context, liquidation: Liquidation, reason: AvertReason): void {
  releaseAll(context, liquidation)
  context.turn.emit({ type: 'LiquidationAverted', ...about(liquidation), reason })
  end(context, liquidation)
}

export function complete(
  context: Context,
  liquidation: Liquidation,
  outcome: LiquidationOutcome,
): void {
  releaseAll(context, liquidation)
  const { slices, totals, startedAt } = liquidation
  context.turn.emit({
    type: 'LiquidationCompleted',
    ...about(liquidation),
    ...{ outcome, slices, ...totals, startedAt },
  })
  end(context, liquidation)
}

/** It stays where it is until a person releases the scope; no pool stands behind it meanwhile. */
export function halt(context: Context, liquidation: Liquidation, reason: HaltReason): void {
  releaseAll(context, liquidation)
  context.turn.emit({ type: 'LiquidationHalted', ...about(liquidation), reason })
  liquidation.stage = { name: 'halted', reason }
}

/** A person released the scope: what led to the halt is tried once more. */
export function resumeHalted({ turn }: Context, liquidation: Liquidation): void {
  turn.emit({ type: 'LiquidationResumed', ...about(liquidation) })
  liquidation.stage = { name: 'ready' }
  liquidation.rejections = 0
  liquidation.cancellations = 0
  liquidation.lossUncovered = false
}

/** Out of the state, but remembered: a fill that comes late finds the liquidation it belongs to. */
function end({ state, settings }: Context, liquidation: Liquidation): void {
  const { id, scope, orders, executions } = liquidation
  awaitBook(state, liquidation, null)
  liquidation.stage = { name: 'over' }
  liquidation.deadline = null
  state.liquidations.delete(scope)
  const ended = { id, scope, orderIds: [...orders.keys()].sort(), executions }
  state.ended.push(ended)
  indexEnded(state, ended)
  while (state.ended.length > settings.endedRemembered) forgetOldest(state)
}

function forgetOldest(state: State): void {
  const oldest: EndedLiquidation | undefined = state.ended.shift()
  for (const orderId of oldest?.orderIds ?? []) state.endedByOrder.delete(orderId)
  for (const executionId of oldest?.executions ?? []) state.endedExecutions.delete(executionId)
}
