import type { Side, SliceSizing } from '@sluice/contracts/generated/events'
import { closingPriceTicks } from '@sluice/domain/bankruptcy-price'
import { approximate, APPROXIMATION_ERROR } from '@sluice/domain/decimal'
import type { Decimal } from '@sluice/domain/decimal'
import {
  PRICE_TICKS_MAX,
  ceilQuotient,
  floorQuotient,
  notionalOf,
  tickValue,
} from '@sluice/domain/instrument'
import { sliceLots } from '@sluice/domain/lots'
import { restoreLots, restoreTarget } from '@sluice/domain/restore-margin'
import { countWorking, spokenLots, visibleLots } from './book.ts'
import type { BookSide } from './book.ts'
import { causes } from './context.ts'
import type { Context } from './context.ts'
import { coverOf, equityLessFee, reservedFor } from './cover.ts'
import type { Leg } from './legs.ts'
import { isSupported } from './state.ts'
import type { Liquidation, Policy, State } from './state.ts'

/** An order that is about to be placed. */
export interface SlicePlan {
  readonly instrument: string
  readonly pool: string
  readonly side: Side
  readonly quantityLots: number
  readonly limitTicks: number
  readonly sizing: SliceSizing
}

/** Whether everything is closed, or only what restores margin. Where others paid, nothing stays open at their cost. */
export function closesAll(liquidation: Liquidation): boolean {
  return liquidation.policy.mode === 'full' || isSupported(liquidation)
}

/** By policy: every decision asks for it, and a policy never changes. */
const targets = new WeakMap<Policy, Decimal>()

function targetOf(policy: Policy): Decimal {
  const known = targets.get(policy)
  if (known !== undefined) return known
  const target = restoreTarget(policy.triggerRatio, policy.restoreBuffer)
  targets.set(policy, target)
  return target
}

/**
 * Whether margin is restored: E ≥ k·M with k = triggerRatio × (1 + restoreBuffer).
 *
 *   E equity of the statement less the fee accrued, M its maintenance margin [settlement currency]. Exact: doubles answer where E and k·M
 *   are further apart than 4·ε·(|E| + k·M), which bounds the error of both (`APPROXIMATION_ERROR`).
 */
export function isRestored(liquidation: Liquidation): boolean {
  const { maintenanceMargin } = liquidation.statement
  const equity = equityLessFee(liquidation)
  const target = targetOf(liquidation.policy)
  const money = approximate(equity)
  const needed = approximate(target) * approximate(maintenanceMargin)
  const doubt = 4 * APPROXIMATION_ERROR * (Math.abs(money) + needed)
  if (Math.abs(money - needed) > doubt) return money > needed
  return equity.gte(maintenanceMargin.times(target))
}

/** Part of its slice below which a liquidation rather waits for more room: crumbs would cost more messages than they close. */
const WORTHWHILE = 0.5

/** Why there is no order now. */
export type NoSlice = 'no_liquidity' | 'out_of_reach' | 'no_room'

/**
 * The next slice of a position, or why there is none: nothing is visible on the side it would hit ('no_liquidity'); nothing visible is
 * within the limit, so that an immediate-or-cancel order could fill nothing ('out_of_reach'); other slices have been promised what is
 * visible, and leave less than half a slice ('no_room').
 *
 *   slice = min(restoreLots or all, ⌊bookFraction × visible⌋, orderLotsMax, visible − spoken for), at least orderLotsMin, dust closed too
 *
 * `visibleLots` and `spokenLots` say what counts. Where nothing is spoken for, the smallest order goes out even into a thinner book.
 * Never more than the position of the statement; no other order of ours works for this scope, and those of the trader are gone.
 */
export function planSlice(
  { state, now }: { readonly state: State; readonly now: number },
  liquidation: Liquidation,
  leg: Leg,
): SlicePlan | NoSlice {
  const { risk, instrument, input } = leg
  const { policy } = liquidation
  const { bookFraction, bookDistanceRate } = policy
  const of = sideOf(leg)
  const { side } = of
  const book = state.books.get(risk.instrument)
  if (book === undefined || visibleLots(book, side, policy) === 0) return 'no_liquidity'
  const limitTicks = limitOf(liquidation, leg)
  const bookLots = visibleLots(book, side, { bookDistanceRate, limitTicks })
  if (bookLots === 0) return 'out_of_reach'

  const { spec } = instrument
  const positionLots = Math.abs(risk.quantityLots)
  const spoken = spokenLots(state, of, now)
  const roomLots = spoken === 0 ? positionLots : bookLots - spoken
  if (roomLots < Math.min(positionLots, spec.orderLotsMin)) return 'no_room'

  const wantedLots = closesAll(liquidation)
    ? positionLots
    : restoreLots({
        position: input,
        equity: equityLessFee(liquidation),
        maintenanceMargin: liquidation.statement.maintenanceMargin,
        triggerRatio: policy.triggerRatio,
        restoreBuffer: policy.restoreBuffer,
        expectedSlippage: policy.expectedSlippage,
        feeRate: policy.feeRate,
      })
  const sliceAlone = sliceLots({ wantedLots, positionLots, bookLots, bookFraction, spec })
  if (roomLots < sliceAlone * WORTHWHILE) return 'no_room'
  return {
    instrument: risk.instrument,
    pool: instrument.pool,
    side,
    quantityLots: Math.min(sliceAlone, roomLots),
    limitTicks,
    sizing: sizingOf(liquidation, leg, { restoreLots: wantedLots, bookLots, spokenLots: spoken }),
  }
}

/** The side of the book that closing the position hits. */
export function sideOf({ risk }: Leg): BookSide {
  return { instrument: risk.instrument, side: risk.quantityLots > 0 ? 'sell' : 'buy' }
}

/**
 * The worst price a slice may take: the bound of the position's share. Where that found nobody, the price at which closing it
 * uses all that the scope and the pools behind it have. One tick where there is none above zero: a long may be sold at any price.
 */
export function limitOf(liquidation: Liquidation, leg: Leg): number {
  if (!liquidation.wholeEquity) return boundOf(liquidation, leg)
  return ticksUsing(coverOf(liquidation), leg) ?? 1
}

/**
 * The price at which closing the position uses up its share of equity and of what is reserved: the bankruptcy price that the
 * statement carries, where nothing is reserved and no fee accrued. It is also the price of deleveraging: what winners forgo is
 * then exactly what nobody else covers.
 */
export function boundOf(liquidation: Liquidation, leg: Leg): number {
  const { reserved, uncharged } = liquidation
  const isAsStated = reserved.size === 0 && uncharged.size === 0
  const ticks = isAsStated ? leg.risk.bankruptcyPriceTicks : ticksUsingShare(liquidation, leg)
  return ticks ?? 1
}

/** As the bankruptcy price, with all that the closing may use up in place of equity; shared by maintenance margin like it. */
function ticksUsingShare(liquidation: Liquidation, { risk, input }: Leg): number | null {
  const { maintenanceMargin } = liquidation.statement
  return closingPriceTicks(
    { equity: coverOf(liquidation), maintenanceMargin },
    {
      spec: input.spec,
      quantityLots: risk.quantityLots,
      value: notionalOf(input.spec, risk.quantityLots, risk.markTicks),
      maintenanceMargin: risk.maintenanceMargin,
    },
  )
}

/**
 * Price in ticks at which closing the position uses up so much money, other marks unchanged; null: none above zero.
 *
 *   ticks = (V − A) / (q·v)
 *
 *   V value at mark and q lots, both signed; v tick value; A the money [settlement currency]. Up for a long, down for a short.
 */
function ticksUsing(amount: Decimal, { risk, input }: Leg): number | null {
  const unit = tickValue(input.spec).times(Math.abs(risk.quantityLots))
  const left = notionalOf(input.spec, risk.quantityLots, risk.markTicks).minus(amount)
  const ticks = risk.quantityLots > 0 ? ceilQuotient(left, unit) : floorQuotient(left.neg(), unit)
  return ticks.gt(0) ? Math.min(ticks.toNumber(), PRICE_TICKS_MAX) : null
}

function sizingOf(
  liquidation: Liquidation,
  { risk }: Leg,
  sized: Pick<SliceSizing, 'restoreLots' | 'bookLots' | 'spokenLots'>,
): SliceSizing {
  const { statement, policy, totals } = liquidation
  return {
    equity: equityLessFee(liquidation),
    maintenanceMargin: statement.maintenanceMargin,
    markTicks: risk.markTicks,
    maintenanceRate: risk.maintenanceRate,
    restoreBuffer: policy.restoreBuffer,
    expectedSlippage: policy.expectedSlippage,
    feeRate: policy.feeRate,
    restoreLots: sized.restoreLots,
    bookLots: sized.bookLots,
    spokenLots: sized.spokenLots,
    bookFraction: policy.bookFraction,
    bankruptcyTicks: risk.bankruptcyPriceTicks,
    fundAllowance: reservedFor(liquidation).plus(totals.sharedLoss),
  }
}

/** No order, since none would fill: it counts as a slice without a fill, and the next is looked at after the cool-down. */
export function passSlice(liquidation: Liquidation, now: number): void {
  liquidation.unfilledSlices += 1
  liquidation.lastSliceAt = now
}

/** Places the order. Its causes: the input, the statement, and the book it was sized by. */
export function placeSlice(context: Context, liquidation: Liquidation, plan: SlicePlan): void {
  const { state, turn } = context
  const { instrument, side, quantityLots, limitTicks, sizing, pool } = plan
  const { statementId } = liquidation
  const clientOrderId = turn.nextEventId()
  const slice = liquidation.slices + 1
  const bookId = state.books.get(instrument)?.eventId
  turn.emit(
    {
      type: 'LiquidationOrderPlaced',
      liquidationId: liquidation.id,
      scope: liquidation.scope,
      clientOrderId,
      instrument,
      side,
      quantityLots,
      limitTicks,
      slice,
      statementId,
      sizing,
    },
    causes(turn.inputId, statementId, ...(bookId === undefined ? [] : [bookId])),
  )
  const placed = { instrument, side, quantityLots, filledLots: 0, expiredLots: null }
  liquidation.orders.set(clientOrderId, placed)
  countWorking(state, placed, quantityLots)
  liquidation.stage = { name: 'working', clientOrderId, placedAt: turn.now, cancellation: null }
  liquidation.slices = slice
  liquidation.lastSliceAt = turn.now
  liquidation.cancellations = 0
  liquidation.pool = pool
}
