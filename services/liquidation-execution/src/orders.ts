import type {
  OrderExpired,
  OrderFilled,
  OrderRejected,
  OrdersCancelled,
} from '@sluice/contracts/generated/events'
import { notionalOf } from '@sluice/domain/instrument'
import type { Decimal } from '@sluice/domain/decimal'
import { countWorking, noteFilled, openLots, workingOrder } from './book.ts'
import { about, askedNow } from './context.ts'
import type { Context } from './context.ts'
import { accrueFee } from './cover.ts'
import { isRepeat } from './executions.ts'
import { refuse } from './refusals.ts'
import { awaitLedger } from './state.ts'
import type { EndedLiquidation, Liquidation, PlacedOrder, State } from './state.ts'

/** A fill is a fact: it is applied once, whoever it surprises. The next slice waits for the ledger to show it. */
export function onOrderFilled(context: Context, fill: OrderFilled): Liquidation | undefined {
  const { state, turn } = context
  if (isRepeat(state, fill)) return undefined
  const liquidation = state.liquidations.get(fill.scope)
  const order = liquidation?.orders.get(fill.clientOrderId)
  const ended = state.endedByOrder.get(fill.clientOrderId)
  const instrument = state.instruments.get(fill.instrument)
  if (order === undefined && ended === undefined) {
    refuse(turn, 'order_unknown', `no order ${fill.clientOrderId} of scope ${fill.scope} is known`)
    return undefined
  }
  if (instrument === undefined) {
    refuse(turn, 'instrument_unknown', `fill ${fill.executionId} is of ${fill.instrument}`)
    return undefined
  }
  const notional = notionalOf(instrument.spec, fill.quantityLots, fill.priceTicks)
  if (liquidation === undefined || order === undefined) {
    return onFillAfterTheEnd(context, fill, { ended, notional })
  }
  emitReduced(context, fill, { liquidationId: liquidation.id, notional })
  liquidation.executions.add(fill.executionId)
  accrueFee(liquidation, instrument.pool, notional)
  noteFilled(state, fill, { now: turn.now, cooldownMs: liquidation.policy.cooldownMs })
  applyFill(state, liquidation, { fill, order, notional })
  return liquidation
}

/** It reduced the position all the same. No fee: nobody would follow it up. A liquidation that runs now must see it. */
function onFillAfterTheEnd(
  context: Context,
  fill: OrderFilled,
  { ended, notional }: { ended: EndedLiquidation | undefined; notional: Decimal },
): Liquidation | undefined {
  if (ended === undefined) return undefined
  emitReduced(context, fill, { liquidationId: ended.id, notional })
  ended.executions.add(fill.executionId)
  context.state.endedExecutions.add(fill.executionId)
  const running = context.state.liquidations.get(fill.scope)
  if (running !== undefined) awaitLedger(running, fill.ledgerSequence)
  return running
}

function emitReduced(
  { state, turn }: Context,
  fill: OrderFilled,
  { liquidationId, notional }: { liquidationId: string; notional: Decimal },
): void {
  const { scope, executionId, instrument, side, priceTicks, quantityLots, ledgerSequence } = fill
  turn.emit({
    type: 'PositionReduced',
    liquidationId,
    scope,
    requestId: fill.clientOrderId,
    executionId,
    instrument,
    side,
    priceTicks,
    quantityLots,
    notional,
    ledgerSequence,
    markTicks: state.marks.get(instrument)?.markTicks ?? priceTicks,
    mechanism: 'order',
  })
}

function applyFill(
  state: State,
  liquidation: Liquidation,
  { fill, order, notional }: { fill: OrderFilled; order: PlacedOrder; notional: Decimal },
): void {
  const filledLots = order.filledLots + fill.quantityLots
  const after = {
    instrument: order.instrument,
    side: order.side,
    quantityLots: order.quantityLots,
    filledLots,
    expiredLots: order.expiredLots,
  }
  liquidation.unfilledSlices = 0
  liquidation.rejections = 0
  liquidation.wholeEquity = false
  liquidation.lossShareDue = false
  const reducedNotional = liquidation.totals.reducedNotional.plus(notional)
  liquidation.totals = { ...liquidation.totals, reducedNotional }
  awaitLedger(liquidation, fill.ledgerSequence)
  setOrder(state, liquidation, [fill.clientOrderId, after])
}

/** The rest of an order is gone. If the venue counts more fills than have come, the order stays open for them. */
export function onOrderExpired(context: Context, expired: OrderExpired): Liquidation | undefined {
  const { state } = context
  const liquidation = state.liquidations.get(expired.scope)
  const order = liquidation?.orders.get(expired.clientOrderId)
  if (liquidation === undefined || order === undefined) return unknownOrder(context, expired)
  if (order.expiredLots !== null) return undefined
  const after = { ...order, expiredLots: expired.filledLots }
  awaitLedger(liquidation, expired.ledgerSequence)
  if (isWorking(liquidation, expired.clientOrderId)) {
    liquidation.rejections = 0
    if (expired.filledLots === 0) liquidation.unfilledSlices += 1
  }
  setOrder(state, liquidation, [expired.clientOrderId, after])
  return liquidation
}

/** The venue refused the order. One that was given up before counts for nothing. */
export function onOrderRejected(
  context: Context,
  rejected: OrderRejected,
): Liquidation | undefined {
  const { state } = context
  const liquidation = state.liquidations.get(rejected.scope)
  const order = liquidation?.orders.get(rejected.clientOrderId)
  if (liquidation === undefined || order === undefined) return unknownOrder(context, rejected)
  if (order.expiredLots !== null || order.filledLots > 0) return undefined
  const after = { ...order, expiredLots: 0 }
  if (isWorking(liquidation, rejected.clientOrderId)) liquidation.rejections += 1
  setOrder(state, liquidation, [rejected.clientOrderId, after])
  return liquidation
}

function unknownOrder(
  { state, turn }: Context,
  report: OrderExpired | OrderRejected,
): Liquidation | undefined {
  const { clientOrderId, scope } = report
  if (state.endedByOrder.has(clientOrderId)) return undefined
  refuse(turn, 'order_unknown', `no order ${clientOrderId} of scope ${scope} is known`)
  return undefined
}

/** All open orders of the scope are gone, ours with them: what still comes of it is rejected by the venue. */
export function onOrdersCancelled(
  { state, turn }: Context,
  cancelled: OrdersCancelled,
): Liquidation | undefined {
  const { requestId, scope, ledgerSequence } = cancelled
  const liquidation = state.liquidations.get(scope)
  if (liquidation === undefined) return undefined
  const { stage } = liquidation
  const awaited =
    (stage.name === 'cancelling' && stage.request.requestId === requestId) ||
    (stage.name === 'working' && stage.cancellation?.requestId === requestId)
  if (awaited) {
    releaseBook(state, liquidation)
    becomeReady(liquidation)
  } else if (!requestId.startsWith(`${turn.task}/`)) {
    refuse(turn, 'request_unknown', `no cancellation ${requestId} of scope ${scope} is known`)
    return undefined
  }
  awaitLedger(liquidation, ledgerSequence)
  return liquidation
}

/**
 * Notes what is known of an order. It is over when all of it is filled, or all fills that the venue counted have come, and no
 * cancellation is out.
 */
function setOrder(
  state: State,
  liquidation: Liquidation,
  [clientOrderId, after]: readonly [clientOrderId: string, after: PlacedOrder],
): void {
  const { orders, stage } = liquidation
  const before = orders.get(clientOrderId)
  orders.set(clientOrderId, after)
  if (stage.name !== 'working' || stage.clientOrderId !== clientOrderId) return
  if (before !== undefined) countWorking(state, after, openLots(after) - openLots(before))
  if (openLots(after) === 0 && stage.cancellation === null) becomeReady(liquidation)
}

/** What may still be filled of the working order is given up. */
function releaseBook(state: State, liquidation: Liquidation): void {
  const order = workingOrder(liquidation)
  if (order !== undefined) countWorking(state, order, -openLots(order))
}

function isWorking({ stage }: Liquidation, clientOrderId: string): boolean {
  return stage.name === 'working' && stage.clientOrderId === clientOrderId
}

/** The answer is here. A pause for want of it ends when a statement contains what the answer did. */
export function becomeReady(liquidation: Liquidation): void {
  liquidation.stage = { name: 'ready' }
}

/** Asks for the cancellation of all open orders of the scope: the trader's before the first slice, or ours. */
export function requestCancellation(context: Context, liquidation: Liquidation): void {
  const { turn } = context
  const { stage } = liquidation
  const request = askedNow(turn)
  const { requestId } = request
  turn.emit({ type: 'OrderCancellationRequested', ...about(liquidation), requestId })
  if (stage.name === 'working') {
    liquidation.stage = { ...stage, cancellation: request }
    return
  }
  liquidation.stage = { name: 'cancelling', request }
  liquidation.cancellations += 1
}
