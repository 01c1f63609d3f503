import type {
  FeeBooked,
  FundMovementBooked,
  FundMovementRefused,
} from '@sluice/contracts/generated/events'
import { Decimal, MONEY_SCALE, ROUND_UP, ZERO } from '@sluice/domain/decimal'
import { notionalOf } from '@sluice/domain/instrument'
import { about, askedNow } from './context.ts'
import type { Context } from './context.ts'
import { isRepeat } from './executions.ts'
import { legsOf } from './legs.ts'
import type { Leg } from './legs.ts'
import { becomeReady } from './orders.ts'
import { refuse } from './refusals.ts'
import { awaitLedger, reserve } from './state.ts'
import type { Book, Liquidation, State } from './state.ts'

/**
 * What lets all that is left be closed without the scope ending below zero.
 *
 *   need = Σ loss − E,   loss of a long: N(m) − N(min(m, bid))·(1 − δ),   of a short: N(max(m, ask))·(1 + δ) − N(m)
 *
 *   E equity at mark; N(p) absolute value at price p; m mark, bid and ask the best of the book where it has one; δ expected
 *   slippage [settlement currency]. Rounded up at money's scale. Zero or below: no need.
 *
 * No fee is in it: where others pay none is charged.
 */
export function closingNeed(state: State, liquidation: Liquidation): Decimal {
  const { expectedSlippage } = liquidation.policy
  const loss = legsOf(state, liquidation).reduce(
    (sum, leg) =>
      sum.plus(closingLoss(leg, state.books.get(leg.risk.instrument), expectedSlippage)),
    ZERO,
  )
  return loss.minus(liquidation.statement.equity).toDecimalPlaces(MONEY_SCALE, ROUND_UP)
}

function closingLoss({ risk, input }: Leg, book: Book | undefined, slippage: Decimal): Decimal {
  const lots = Math.abs(risk.quantityLots)
  const atMark = notionalOf(input.spec, lots, risk.markTicks)
  if (risk.quantityLots > 0) {
    const ticks = Math.min(risk.markTicks, book?.bidTicks || risk.markTicks)
    return atMark.minus(notionalOf(input.spec, lots, ticks).times(slippage.neg().plus(1)))
  }
  const ticks = Math.max(risk.markTicks, book?.askTicks ?? 0)
  return notionalOf(input.spec, lots, ticks).times(slippage.plus(1)).minus(atMark)
}

/** Money that goes from a pool to the scope (above zero), or what is left of it back (below). */
export interface Movement {
  readonly pool: string
  readonly amount: Decimal
}

export function requestMovement(
  { state, turn }: Context,
  liquidation: Liquidation,
  { pool, amount }: Movement,
): void {
  const request = askedNow(turn)
  const { requestId } = request
  const { currency } = liquidation.statement
  turn.emit({
    type: 'FundMovementRequested',
    ...about(liquidation),
    ...{ requestId, pool, currency, amount },
  })
  liquidation.stage = { name: 'funding', request, pool, amount }
  if (amount.gt(0)) reserve(state, pool, amount)
}

/** What goes back next: the first pool by name that is owed, as much as the wallet holds. Undefined: nothing. */
export function owedBack({ owed, statement }: Liquidation): Movement | undefined {
  if (statement.walletBalance.lte(0)) return undefined
  const pool = [...owed.keys()].sort().find(name => owed.get(name)?.gt(0))
  const amount = pool === undefined ? undefined : owed.get(pool)
  if (pool === undefined || amount === undefined) return undefined
  return { pool, amount: Decimal.min(amount, statement.walletBalance).neg() }
}

/** The pool's money is in the scope's wallet, or back: the next statement shows it and the bankruptcy price has moved. */
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

  if (amount.gt(0)) reserve(state, pool, amount.neg())
  setBalance(state, booked.pool, booked.poolBalance)
  owe(liquidation, booked.pool, booked.amount)
  const fundDraw = liquidation.totals.fundDraw.plus(booked.amount)
  liquidation.totals = { ...liquidation.totals, fundDraw }
  liquidation.unfilledSlices = 0
  liquidation.executions.add(booked.executionId)
  awaitLedger(liquidation, booked.ledgerSequence)
  becomeReady(liquidation)
  if (booked.amount.isZero()) giveUpMovement(liquidation, amount)
  return liquidation
}

/** The pool cannot pay: deleveraging is next. A return it will not take stays where it is. */
export function onFundMovementRefused(
  context: Context,
  refused: FundMovementRefused,
): Liquidation | undefined {
  const { state } = context
  const liquidation = state.liquidations.get(refused.scope)
  if (liquidation?.stage.name !== 'funding') return repeatOrUnknown(context, refused)
  const { request, pool, amount } = liquidation.stage
  if (request.requestId !== refused.requestId) return repeatOrUnknown(context, refused)

  if (amount.gt(0)) reserve(state, pool, amount.neg())
  setBalance(state, refused.pool, refused.poolBalance)
  giveUpMovement(liquidation, amount)
  becomeReady(liquidation)
  return liquidation
}

function giveUpMovement(liquidation: Liquidation, amount: Decimal): void {
  if (amount.gt(0)) liquidation.fundRefused = true
  else liquidation.owed.clear()
}

/** A fee was moved from the scope to the pool: at most what the scope could pay. */
export function onFeeBooked(context: Context, booked: FeeBooked): Liquidation | undefined {
  const { state } = context
  if (isRepeat(state, booked)) return undefined
  const liquidation = state.liquidations.get(booked.scope)
  if (liquidation === undefined || !liquidation.fees.has(booked.requestId)) {
    return unknownRequest(context, booked)
  }
  setBalance(state, booked.pool, booked.poolBalance)
  liquidation.fees.delete(booked.requestId)
  liquidation.executions.add(booked.executionId)
  const fees = liquidation.totals.fees.plus(booked.amount)
  liquidation.totals = { ...liquidation.totals, fees }
  awaitLedger(liquidation, booked.ledgerSequence)
  return liquidation
}

/** Notes that the scope holds money of others, which goes back to a pool. */
export function owe(liquidation: Liquidation, pool: string, amount: Decimal): void {
  const before = liquidation.owed.get(pool) ?? ZERO
  const after = before.plus(amount)
  if (after.gt(0)) liquidation.owed.set(pool, after)
  else liquidation.owed.delete(pool)
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
