import { about } from './context.ts'
import type { Context } from './context.ts'
import { emitPair, openPairs } from './deleveraging.ts'
import { emitFee } from './fund.ts'
import { requestCancellation } from './orders.ts'
import { isStopped, standingReasons } from './pauses.ts'
import type { Asked, Liquidation, State } from './state.ts'

/** Notes when time alone makes the liquidation go on. */
export function schedule(state: State, liquidation: Liquidation, now: number): void {
  const earliest = stageDeadline(liquidation, now)
  const deadline = earliest === Infinity ? null : earliest
  if (deadline === liquidation.deadline) return
  liquidation.deadline = deadline
  if (deadline !== null) state.deadlines.push({ time: deadline, liquidation })
}

/** The earliest deadline of any liquidation; entries that no longer hold are dropped on the way. */
export function earliestDeadline(state: State): number | null {
  for (let entry = state.deadlines.peek(); entry !== undefined; entry = state.deadlines.peek()) {
    if (entry.liquidation.deadline === entry.time) return entry.time
    state.deadlines.pop()
  }
  return null
}

/** Takes out the liquidations whose time has come, in order of time, then scope. */
export function takeDue(state: State, now: number): readonly Liquidation[] {
  const due: Liquidation[] = []
  for (let time = earliestDeadline(state); time !== null && time <= now;) {
    const liquidation = state.deadlines.pop()?.liquidation
    if (liquidation !== undefined) {
      liquidation.deadline = null
      due.push(liquidation)
    }
    time = earliestDeadline(state)
  }
  return due
}

/** When the stage goes on by itself, or its request is asked again; Infinity: not after `now`. */
function stageDeadline(liquidation: Liquidation, now: number): number {
  const { stage, policy, lastSliceAt, pairs } = liquidation
  const timeout = Math.max(1, policy.orderTimeoutMs)
  switch (stage.name) {
    case 'ready':
      return lastSliceAt === null ? Infinity : ifAfter(now, lastSliceAt + policy.cooldownMs)
    case 'working':
      return ifAfter(now, (stage.cancellation?.askedAt ?? stage.placedAt) + timeout)
    case 'cancelling':
    case 'funding':
    case 'charging':
    case 'sharing':
      return ifAfter(now, stage.request.askedAt + timeout)
    case 'gathering':
      return ifAfter(now, stage.round.deadline)
    case 'deleveraging': {
      const open = [...pairs.values()].filter(pair => !pair.answered)
      return Math.min(...open.map(pair => ifAfter(now, pair.askedAt + timeout)))
    }
    case 'halted':
    case 'over':
      return Infinity
  }
}

const ifAfter = (now: number, time: number): number => (time > now ? time : Infinity)

/**
 * Time went by. What the venue has not answered is asked again under its first id, so that it acts once; an order without an answer
 * is not repeated but cancelled. While a person has stopped it, nothing but cancellations is repeated.
 */
export function onDue(context: Context, liquidation: Liquidation): void {
  const isLate = (asked: Asked): boolean =>
    asked.askedAt + Math.max(1, liquidation.policy.orderTimeoutMs) <= context.turn.now
  const { stage } = liquidation
  if (stage.name === 'working') {
    const { clientOrderId: requestId, placedAt: askedAt, cancellation } = stage
    if (isLate(cancellation ?? { requestId, askedAt })) askForCancellation(context, liquidation)
    return
  }
  if (stage.name === 'deleveraging') repeatPairs(context, liquidation, isLate)
  else if ('request' in stage && isLate(stage.request)) repeatRequest(context, liquidation)
}

function askForCancellation(context: Context, liquidation: Liquidation): void {
  const { turn } = context
  const { stage } = liquidation
  if (stage.name !== 'working') return
  liquidation.noAnswer = true
  if (stage.cancellation === null) {
    requestCancellation(context, liquidation)
    return
  }
  const { requestId } = stage.cancellation
  turn.emit({ type: 'OrderCancellationRequested', ...about(liquidation), requestId })
  liquidation.stage = { ...stage, cancellation: { requestId, askedAt: turn.now } }
}

function repeatPairs(
  context: Context,
  liquidation: Liquidation,
  isLate: (asked: Asked) => boolean,
): void {
  const isHeld = isStopped(standingReasons(context.state, liquidation))
  for (const pair of openPairs(liquidation).filter(isLate).toSorted(byAge)) {
    if (!isHeld) emitPair(context, liquidation, pair)
    liquidation.pairs.set(pair.requestId, { ...pair, askedAt: context.turn.now })
    liquidation.noAnswer = true
  }
}

function repeatRequest(context: Context, liquidation: Liquidation): void {
  const { state, turn } = context
  const { stage } = liquidation
  if (!('request' in stage)) return
  const isHeld = isStopped(standingReasons(state, liquidation)) && stage.name !== 'cancelling'
  if (!isHeld) emitRequest(context, liquidation)
  liquidation.stage = { ...stage, request: { ...stage.request, askedAt: turn.now } }
  liquidation.noAnswer = true
}

function emitRequest({ turn }: Context, liquidation: Liquidation): void {
  const { stage, statement } = liquidation
  if (!('request' in stage)) return
  const { requestId } = stage.request
  const { currency } = statement
  const head = about(liquidation)
  if (stage.name === 'cancelling') {
    turn.emit({ type: 'OrderCancellationRequested', ...head, requestId })
  } else if (stage.name === 'sharing') {
    const { amount } = stage
    turn.emit({ type: 'LossShareRequested', ...head, requestId, currency, amount })
  } else if (stage.name === 'charging') {
    emitFee({ turn }, liquidation, { requestId, fee: stage.fee })
  } else {
    const { pool, amount } = stage
    turn.emit({ type: 'FundMovementRequested', ...head, requestId, pool, currency, amount })
  }
}

/** The longest unanswered first; the ids of one task grow, so that they decide between equals. */
function byAge(a: Asked, b: Asked): number {
  if (a.askedAt !== b.askedAt) return a.askedAt - b.askedAt
  return sequenceOf(a.requestId) - sequenceOf(b.requestId)
}

function sequenceOf(eventId: string): number {
  return Number(eventId.slice(eventId.lastIndexOf('/') + 1))
}
