import type { LossShareBooked } from '@sluice/contracts/generated/events'
import type { Decimal } from '@sluice/domain/decimal'
import { about, askedNow } from './context.ts'
import type { Context } from './context.ts'
import { isRepeat } from './executions.ts'
import { owe, unknownRequest } from './fund.ts'
import { becomeReady } from './orders.ts'
import { awaitLedger } from './state.ts'
import type { Liquidation } from './state.ts'

/** Asks that a loss which nothing covered be shared among the scopes in profit. */
export function requestLossShare(
  { turn }: Context,
  liquidation: Liquidation,
  amount: Decimal,
): void {
  const request = askedNow(turn)
  const { requestId } = request
  const { currency } = liquidation.statement
  turn.emit({
    type: 'LossShareRequested',
    ...about(liquidation),
    ...{ requestId, currency, amount },
  })
  liquidation.stage = { name: 'sharing', request, amount }
}

/** Winners paid: the wallet is credited, and slices go on. Booked with nothing, nobody is left to pay. */
export function onLossShareBooked(
  context: Context,
  booked: LossShareBooked,
): Liquidation | undefined {
  const { state } = context
  if (isRepeat(state, booked)) return undefined
  const liquidation = state.liquidations.get(booked.scope)
  if (liquidation?.stage.name !== 'sharing') return unknownRequest(context, booked)
  if (liquidation.stage.request.requestId !== booked.requestId) {
    return unknownRequest(context, booked)
  }
  const sharedLoss = liquidation.totals.sharedLoss.plus(booked.amount)
  liquidation.totals = { ...liquidation.totals, sharedLoss }
  if (liquidation.pool !== null) owe(liquidation, liquidation.pool, booked.amount)
  liquidation.executions.add(booked.executionId)
  liquidation.unfilledSlices = 0
  liquidation.lossShareDue = false
  liquidation.fundRefused = false
  liquidation.lossUncovered = booked.amount.lte(0)
  awaitLedger(liquidation, booked.ledgerSequence)
  becomeReady(liquidation)
  return liquidation
}
