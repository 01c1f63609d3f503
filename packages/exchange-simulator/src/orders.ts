import type {
  ExecutionReportsEvent,
  LiquidationOrderPlaced,
  OrderCancellationRequested,
} from '@sluice/contracts/generated/events'
import { holdingOf } from './ledger.ts'
import type { Participant } from './ledger.ts'
import { absolute } from './money.ts'
import type { BookedMatch, Venue } from './venue.ts'

/** Why the venue refuses an order. */
export type OrderRefusal =
  | 'scope_unknown'
  | 'instrument_unknown'
  | 'instrument_halted'
  | 'quantity_not_positive'
  | 'limit_not_positive'
  | 'reduce_only'
  | 'cancelled_before_arrival'

/** What of a scope's orders was cancelled: all that the requester numbered before this. */
export type CancelledThrough = Map<string, number>

/** How an order is met. */
export interface OrderTerms {
  /** Execute half the lots at most */
  readonly half: boolean
  readonly cancelled: CancelledThrough
}

/** A reduce-only immediate-or-cancel order: accepted, filled as far as book and limit allow, the rest expired. */
export function executeOrder(
  venue: Venue,
  order: LiquidationOrderPlaced,
  terms: OrderTerms,
): ExecutionReportsEvent[] {
  const scope = venue.ledger.scopes.get(order.scope)
  const instrument = venue.indexOf(order.instrument)
  const refusal = refusalOf(venue, order, terms.cancelled)
  if (refusal !== undefined || scope === undefined || instrument === undefined) {
    return [rejection(venue, order, refusal ?? 'scope_unknown')]
  }
  const { side, limitTicks } = order
  const quantityLots = terms.half ? Math.floor(order.quantityLots / 2) : order.quantityLots
  const booked = venue.reduceAtMarket({ scope, instrument, side, quantityLots, limitTicks })
  const fills = booked.map(one => fillReport(venue, order, one))
  countForced(venue, instrument, booked)
  return [acceptance(venue, order), ...fills, ...expiry(order, scope, booked)]
}

/** All orders of the scope that were placed before the request are gone, on their way or in the book. */
export function cancelOrders(
  venue: Venue,
  request: OrderCancellationRequested,
  cancelled: CancelledThrough,
): ExecutionReportsEvent[] {
  const scope = venue.ledger.scopes.get(request.scope)
  const { requestId } = request
  const through = cancelled.get(request.scope) ?? 0
  cancelled.set(request.scope, Math.max(through, request.meta.sequence))
  const orderCount = scope?.openOrders.length ?? 0
  if (scope !== undefined) {
    scope.openOrders = []
    venue.ledger.touch(scope)
  }
  const ledgerSequence = scope?.sequence ?? 0
  return [{ type: 'OrdersCancelled', requestId, scope: request.scope, orderCount, ledgerSequence }]
}

function refusalOf(
  venue: Venue,
  order: LiquidationOrderPlaced,
  cancelled: CancelledThrough,
): OrderRefusal | undefined {
  const scope = venue.ledger.scopes.get(order.scope)
  if (scope === undefined) return 'scope_unknown'
  const instrument = venue.indexOf(order.instrument)
  if (instrument === undefined) return 'instrument_unknown'
  if (order.meta.sequence < (cancelled.get(order.scope) ?? 0)) return 'cancelled_before_arrival'
  if (venue.marketOf(instrument).halted) return 'instrument_halted'
  if (!isWhole(order.quantityLots, 1)) return 'quantity_not_positive'
  if (!isWhole(order.limitTicks, order.side === 'buy' ? 1 : 0)) return 'limit_not_positive'
  return reduces(scope, instrument, order.side) ? undefined : 'reduce_only'
}

function reduces(scope: Participant, instrument: number, side: 'buy' | 'sell'): boolean {
  const lots = holdingOf(scope, instrument)?.lots ?? 0
  return side === 'sell' ? lots > 0 : lots < 0
}

function isWhole(value: number, least: number): boolean {
  return Number.isSafeInteger(value) && value >= least
}

function rejection(
  venue: Venue,
  order: LiquidationOrderPlaced,
  reason: OrderRefusal,
): ExecutionReportsEvent {
  const { clientOrderId, scope, instrument } = order
  venue.totals.rejections += 1
  return { type: 'OrderRejected', clientOrderId, scope, instrument, reason }
}

function acceptance(venue: Venue, order: LiquidationOrderPlaced): ExecutionReportsEvent {
  const { clientOrderId, scope, instrument } = order
  const venueOrderId = `o-${venue.nextExecutionId()}`
  return { type: 'OrderAccepted', clientOrderId, scope, instrument, venueOrderId }
}

function fillReport(
  venue: Venue,
  order: LiquidationOrderPlaced,
  { match, ledgerSequence }: BookedMatch,
): ExecutionReportsEvent {
  const { clientOrderId, scope, instrument, side } = order
  const { priceTicks, quantityLots } = match
  const executionId = venue.nextExecutionId()
  return {
    type: 'OrderFilled',
    clientOrderId,
    scope,
    instrument,
    executionId,
    side,
    priceTicks,
    quantityLots,
    ledgerSequence,
  }
}

function expiry(
  order: LiquidationOrderPlaced,
  { sequence }: Participant,
  booked: readonly BookedMatch[],
): ExecutionReportsEvent[] {
  const filledLots = booked.reduce((lots, { match }) => lots + match.quantityLots, 0)
  if (filledLots === order.quantityLots) return []
  const { clientOrderId, scope, instrument } = order
  return [
    {
      type: 'OrderExpired',
      clientOrderId,
      scope,
      instrument,
      filledLots,
      ledgerSequence: sequence,
    },
  ]
}

function countForced(venue: Venue, instrument: number, booked: readonly BookedMatch[]): void {
  for (const { match } of booked) {
    const value = venue.ledger.valueOf(instrument, match.quantityLots, match.priceTicks)
    venue.totals.forcedUnits += absolute(value)
    venue.totals.fills += 1
  }
}
