import type {
  FeeBooked,
  FundMovementBooked,
  FundMovementRefused,
} from '@sluice/contracts/generated/events'
import { Decimal, isAboveZero, ZERO } from '@sluice/domain/decimal'
import { about, askedNow } from './context.ts'
import type { Context } from './context.ts'
import { isRepeat } from './executions.ts'
import { becomeReady } from './orders.ts'
import { NO_AMOUNTS, withAmount } from './pool-amounts.ts'
import { refuse } from './refusals.ts'
import { releasePool, useReserved } from './reservation.ts'
import { awaitLedger } from './state.ts'
import type { Fee, Liquidation, State } from './state.ts'

/** Money that goes from a pool to the scope (above zero), or what is left of it back (below). */
export interface Movement {
  readonly pool: string
  readonly amount: Decimal
}

export function requestMovement(
  { turn }: Context,
  liquidation: Liquidation,
  { pool, amount }: Movement,
): void {
  const request = askedNow(turn)
  const { requestId } = request
  const { currency } = liquidation.statement
  turn.emit({
    type: 'FundMovementRequested',
    liquidationId: liquidation.id,
    scope: liquidation.scope,
    requestId,
    pool,
    currency,
    amount,
  })
  liquidation.stage = { name: 'funding', request, pool, amount }
}

/** What goes back next: the first pool by name that is owed, as much as the wallet holds. Undefined: nothing. */
export function owedBack({ owed, statement }: Liquidation): Movement | undefined {
  if (statement.walletBalance.lte(0)) return undefined
  const [pool] = [...owed.keys()].sort()
  const amount = pool === undefined ? undefined : owed.get(pool)
  if (pool === undefined || amount === undefined) return undefined
  return { pool, amount: Decimal.min(amount, statement.walletBalance).neg() }
}

/** The pool's money is in the scope's wallet, or back: the next statement shows it. */
export function onFundMovementBooked(
  context: Context,
  booked: FundMovementBooked,
): Liquidation | undefined {
  const { state } = context
  if (isRepeat(state, booked)) return undefined
  const liquidation = state.liquidations.get(booked.scope)
  if (liquidation?.stage.name !== 'funding') return unknownRequest(context, booked)
  const { request, pool, amount } = liquidation.stage
  if (request.requestId !== booked.requestId) return unknownRequest(context, booked)

  if (booked.amount.gt(0)) useReserved(state, liquidation, { pool, amount: booked.amount })
  setBalance(state, booked.pool, booked.poolBalance)
  owe(liquidation, booked.pool, booked.amount)
  const fundDraw = liquidation.totals.fundDraw.plus(booked.amount)
  liquidation.totals = { ...liquidation.totals, fundDraw }
  liquidation.executions.add(booked.executionId)
  awaitLedger(liquidation, booked.ledgerSequence)
  becomeReady(liquidation)
  if (booked.amount.isZero()) giveUpMovement(context, liquidation, { pool, amount })
  return liquidation
}

/**
 * The pool cannot pay, and what it set aside is void: a flat scope cannot be deleveraged, so that its debt is shared. A return that
 * the pool will not take stays where it is.
 */
export function onFundMovementRefused(
  context: Context,
  refused: FundMovementRefused,
): Liquidation | undefined {
  const { state } = context
  const liquidation = state.liquidations.get(refused.scope)
  if (liquidation?.stage.name !== 'funding') return repeatOrUnknown(context, refused)
  const { request, pool, amount } = liquidation.stage
  if (request.requestId !== refused.requestId) return repeatOrUnknown(context, refused)

  setBalance(state, refused.pool, refused.poolBalance)
  giveUpMovement(context, liquidation, { pool, amount })
  becomeReady(liquidation)
  return liquidation
}

function giveUpMovement(
  context: Context,
  liquidation: Liquidation,
  { pool, amount }: Movement,
): void {
  if (amount.lte(0)) {
    liquidation.owed = NO_AMOUNTS
    return
  }
  liquidation.fundRefused = true
  releasePool(context, liquidation, pool)
}

/** Asks for the fee on all that was filled, once: the liquidation is about to end. */
export function requestFee({ turn }: Context, liquidation: Liquidation, fee: Fee): void {
  const request = askedNow(turn)
  emitFee({ turn }, liquidation, { requestId: request.requestId, fee })
  liquidation.stage = { name: 'charging', request, fee }
}

export function emitFee(
  { turn }: Pick<Context, 'turn'>,
  liquidation: Liquidation,
  { requestId, fee }: { readonly requestId: string; readonly fee: Fee },
): void {
  const { currency } = liquidation.statement
  const { feeRate } = liquidation.policy
  turn.emit({
    type: 'LiquidationFeeRequested',
    ...about(liquidation),
    ...{ requestId, currency, feeRate, ...fee },
  })
}

/** A fee was moved from the scope to the pool: at most what the scope could pay. */
export function onFeeBooked(context: Context, booked: FeeBooked): Liquidation | undefined {
  const { state } = context
  if (isRepeat(state, booked)) return undefined
  const liquidation = state.liquidations.get(booked.scope)
  if (liquidation?.stage.name !== 'charging') return unknownRequest(context, booked)
  const { request, fee } = liquidation.stage
  if (request.requestId !== booked.requestId) return unknownRequest(context, booked)
  setBalance(state, booked.pool, booked.poolBalance)
  charge(liquidation, fee)
  liquidation.executions.add(booked.executionId)
  const fees = liquidation.totals.fees.plus(booked.amount)
  liquidation.totals = { ...liquidation.totals, fees }
  awaitLedger(liquidation, booked.ledgerSequence)
  becomeReady(liquidation)
  return liquidation
}

/** A fill may have come since the fee was asked for: that remains to be charged. */
function charge(liquidation: Liquidation, { pool, notional }: Fee): void {
  const { uncharged } = liquidation
  const left = (uncharged.get(pool) ?? ZERO).minus(notional)
  liquidation.uncharged = withAmount(uncharged, pool, left)
}

/** Notes that the scope holds money of others, which goes back to a pool. Once they paid no fee is charged. */
export function owe(liquidation: Liquidation, pool: string, amount: Decimal): void {
  if (isAboveZero(amount)) liquidation.uncharged = NO_AMOUNTS
  const after = (liquidation.owed.get(pool) ?? ZERO).plus(amount)
  liquidation.owed = withAmount(liquidation.owed, pool, after)
}

function setBalance(state: State, name: string, balance: Decimal): void {
  const pool = state.pools.get(name)
  if (pool !== undefined) state.pools.set(name, { ...pool, balance })
}

/** A booking that answers nothing we asked, or asked and have forgotten. */
export function unknownRequest(
  { turn }: Context,
  report: { readonly type: string; readonly requestId: string; readonly scope: string },
): Liquidation | undefined {
  const { type, requestId, scope } = report
  refuse(
    turn,
    'request_unknown',
    `${type} answers ${requestId} of scope ${scope}, which is not open`,
  )
  return undefined
}

/** An answer without an execution id: a second one to a request of ours is a repeat, any other is unknown. */
export function repeatOrUnknown(
  context: Context,
  report: { readonly type: string; readonly requestId: string; readonly scope: string },
): Liquidation | undefined {
  if (report.requestId.startsWith(`${context.turn.task}/`)) return undefined
  return unknownRequest(context, report)
}
