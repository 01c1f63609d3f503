import type { MarginStatus } from '@sluice/contracts/generated/events'
import { MONEY_SCALE, ROUND_CEIL } from '@sluice/domain/decimal'
import { isLiquidatable, marginRatio, type ValuedScope } from '@sluice/domain/margin'
import { takeFirstLook } from './catch-up.ts'
import { exactValue, isEvaluable, isKnown } from './evaluation.ts'
import { trigger } from './liquidating.ts'
import { approximateTrigger, triggerRatioOf } from './overrides.ts'
import type { Policy } from './policy.ts'
import { HEALTHY, HELD, LIQUIDATING, MARGIN_CALL, QUEUED, type StatusCode } from './scope-store.ts'
import type { Thresholds } from './screen.ts'
import { type MarginTurn, occupiedSlots, type State } from './state.ts'

const STATUS: Readonly<Record<StatusCode, MarginStatus>> = {
  [HEALTHY]: 'healthy',
  [MARGIN_CALL]: 'margin_call',
  [LIQUIDATING]: 'liquidating',
}

/**
 * Brings one scope's status to where its numbers say, and certifies it there. A second evaluation in the same state does
 * nothing: that is why looking only at scopes that a price may have affected gives the same events as looking at all.
 */
export function evaluate(state: State, slot: number, turn: MarginTurn): void {
  const { policy, watch } = state
  if (policy === null || !isEvaluable(state, slot)) {
    setAside(state, slot)
    return
  }
  state.waiting.delete(slot)
  const liquidation = state.liquidations.get(slot)
  if (liquidation !== undefined && liquidation.id !== null) {
    watch.forget(slot)
    return
  }
  const isSettled =
    liquidation === undefined &&
    !isCallMoot(state, slot, policy) &&
    watch.settles(slot, thresholdsOf(state, slot, policy))
  if (isSettled) {
    takeFirstLook(state, slot, { isUnderWater: false, turn })
    return
  }

  decide(state, slot, { policy, valued: exactValue(state, slot), turn })
  if (state.scopes.status[slot] === LIQUIDATING) watch.forget(slot)
  else watch.certify(slot, thresholdsOf(state, slot, policy))
}

/** A scope stands called under a policy that calls nobody: its status has to change, wherever its equity is. */
function isCallMoot({ scopes }: State, slot: number, { callRatio }: Policy): boolean {
  return callRatio === null && scopes.status[slot] === MARGIN_CALL
}

/** A scope that cannot be evaluated is looked at again when a price becomes usable, or its record is good again. */
function setAside(state: State, slot: number): void {
  state.watch.forget(slot)
  if (state.isReady && isKnown(state, slot)) state.waiting.add(slot)
  else state.waiting.delete(slot)
}

const thresholds: Thresholds = { watchLower: false, lower: 0, upper: Infinity }

/** The nearest thresholds that matter in the scope's present status. The answer is valid until the next call. */
export function thresholdsOf(state: State, slot: number, policy: Policy): Thresholds {
  const mayTrigger = isTriggerable(state, slot)
  const trigger = approximateTrigger(state, slot, policy)
  const isDwelling = state.dwell.has(slot)
  const status = state.scopes.status[slot]
  const awaitsCall = status === HEALTHY && !isDwelling && policy.callRatio !== null
  thresholds.watchLower = awaitsCall || mayTrigger
  thresholds.lower = awaitsCall ? Math.max(policy.call, mayTrigger ? trigger : 0) : trigger
  thresholds.upper = status === MARGIN_CALL && !isDwelling ? policy.clear : Infinity
  return thresholds
}

/** Whether being under water triggers it: it is not held, and does not queue. */
function isTriggerable({ scopes }: State, slot: number): boolean {
  return ((scopes.flags[slot] as number) & (HELD | QUEUED)) === 0
}

interface Decision {
  readonly policy: Policy
  readonly valued: ValuedScope
  readonly turn: MarginTurn
  /** Of a trigger; default: the input */
  readonly causes?: readonly string[]
}

function decide(state: State, slot: number, decision: Decision): void {
  const { policy, valued, turn } = decision
  const isUnderWater = isLiquidatable(valued.margin, triggerRatioOf(state, slot, policy))
  takeFirstLook(state, slot, { isUnderWater, turn })
  if (isUnderWater && isTriggerable(state, slot)) {
    liquidate(state, slot, decision)
    return
  }
  if (state.liquidations.delete(slot)) {
    afterLiquidation(state, slot, decision)
    return
  }
  callOrClear(state, slot, decision)
}

/** The scope is under water, and nothing stands in the way. */
export function liquidate(state: State, slot: number, decision: Decision): void {
  if (state.scopes.status[slot] !== LIQUIDATING)
    changeStatus(state, slot, { to: LIQUIDATING, decision })
  trigger(state, slot, decision)
}

/** The executor is done: the status is what the numbers say, without dwell. */
function afterLiquidation(state: State, slot: number, decision: Decision): void {
  const { callRatio } = decision.policy
  const isCalled = callRatio !== null && isLiquidatable(decision.valued.margin, callRatio)
  changeStatus(state, slot, { to: isCalled ? MARGIN_CALL : HEALTHY, decision })
  if (isCalled) issueCall(state, slot, decision)
}

function callOrClear(state: State, slot: number, decision: Decision): void {
  const wanted = wantedStatus(state, slot, decision)
  if (wanted === state.scopes.status[slot] || state.dwell.has(slot)) return
  const { policy, turn } = decision
  const mayChangeAt = (state.scopes.statusAt[slot] as number) + policy.record.marginCallDwellMs
  if (turn.now < mayChangeAt) {
    state.dwell.set(slot, mayChangeAt)
    return
  }
  changeStatus(state, slot, { to: wanted, decision })
  if (wanted === MARGIN_CALL) issueCall(state, slot, decision)
  else clearCall(state, slot, decision)
}

/** Below the first ratio a call is due; at the ratio times (1 + hysteresis) it is over; between the two nothing changes. */
function wantedStatus(state: State, slot: number, { policy, valued }: Decision): StatusCode {
  const { margin } = valued
  const { callRatio, clearRatio } = policy
  if (callRatio === null || clearRatio === null) return HEALTHY
  if (state.scopes.status[slot] === HEALTHY)
    return isLiquidatable(margin, callRatio) ? MARGIN_CALL : HEALTHY
  return isLiquidatable(margin, clearRatio) ? MARGIN_CALL : HEALTHY
}

function changeStatus(
  state: State,
  slot: number,
  { to, decision }: { to: StatusCode; decision: Decision },
): void {
  const { scopes } = state
  const { equity, maintenanceMargin } = decision.valued.margin
  decision.turn.emit({
    type: 'MarginStatusChanged',
    scope: scopes.id(slot),
    from: STATUS[scopes.status[slot] as StatusCode],
    to: STATUS[to],
    marginRatio: marginRatio(equity, maintenanceMargin),
    equity,
    maintenanceMargin,
  })
  scopes.status[slot] = to
  scopes.statusAt[slot] = decision.turn.now
}

function issueCall(state: State, slot: number, { policy, valued, turn }: Decision): void {
  const { equity, maintenanceMargin } = valued.margin
  const { callRatio, clearRatio } = policy
  if (callRatio === null || clearRatio === null) return
  turn.emit({
    type: 'MarginCallIssued',
    scope: state.scopes.id(slot),
    ratio: callRatio,
    marginRatio: marginRatio(equity, maintenanceMargin),
    equity,
    maintenanceMargin,
    topUp: clearRatio
      .times(maintenanceMargin)
      .minus(equity)
      .toDecimalPlaces(MONEY_SCALE, ROUND_CEIL),
  })
}

function clearCall(state: State, slot: number, { valued, turn }: Decision): void {
  const { equity, maintenanceMargin } = valued.margin
  turn.emit({
    type: 'MarginCallCleared',
    scope: state.scopes.id(slot),
    marginRatio: marginRatio(equity, maintenanceMargin),
    equity,
    maintenanceMargin,
  })
}

/** Looks again at the scopes whose dwell time is over. */
export function onDwellOver(state: State, turn: MarginTurn): void {
  for (const slot of state.dwell.takeDue(turn.now)) evaluate(state, slot, turn)
}

/**
 * Certifies every scope of a restored state at the present marks. Nothing is emitted: a state between two inputs has nothing
 * left to decide.
 */
export function certifyAll(state: State): void {
  const { policy } = state
  if (policy === null || !state.isReady) return
  for (const slot of occupiedSlots(state)) {
    const isLiquidating = state.scopes.status[slot] === LIQUIDATING
    if (!isEvaluable(state, slot)) setAside(state, slot)
    else if (!isLiquidating) state.watch.certify(slot, thresholdsOf(state, slot, policy))
  }
}
