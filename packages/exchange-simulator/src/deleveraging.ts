import type { DeleveragingOrdered, ExecutionReportsEvent } from '@sluice/contracts/generated/events'
import { holdingOf } from './ledger.ts'
import type { Holding, Participant } from './ledger.ts'
import { absolute } from './money.ts'
import type { Venue } from './venue.ts'

/** Why the venue does not offset a pair. */
export type DeleveragingRefusal =
  | 'scope_unknown'
  | 'counterparty_unknown'
  | 'instrument_unknown'
  | 'instrument_halted'
  | 'quantity_not_positive'
  | 'price_not_positive'
  | 'same_scope'
  | 'reduce_only'
  | 'counterparty_not_opposite'
  | 'counterparty_not_in_profit'

/** Both sides of a pair that may be offset. */
interface Pair {
  readonly scope: Participant
  readonly counterparty: Participant
  readonly instrument: number
  readonly lots: number
}

/**
 * Offsets a scope against a counterparty at the asked price. The counterparty is looked at again: it must still hold the other
 * side, in profit at that price. Executes what both positions hold, at most what was asked.
 */
export function deleverage(
  venue: Venue,
  request: DeleveragingOrdered,
  { half }: { readonly half: boolean },
): ExecutionReportsEvent[] {
  const pair = pairOf(venue, request)
  if (typeof pair === 'string') return [rejection(venue, request, pair)]
  const { scope, counterparty, instrument } = pair
  const lots = half ? Math.floor(pair.lots / 2) : pair.lots
  if (lots === 0) return [rejection(venue, request, 'quantity_not_positive')]
  const [buyer, seller] = request.side === 'buy' ? [scope, counterparty] : [counterparty, scope]
  const { priceTicks } = request
  venue.ledger.trade({ instrument, buyer, seller, lots, priceTicks })
  venue.totals.deleveragedUnits += absolute(venue.ledger.valueOf(instrument, lots, priceTicks))
  return [
    {
      type: 'DeleveragingExecuted',
      requestId: request.requestId,
      executionId: venue.nextExecutionId(),
      scope: request.scope,
      counterparty: request.counterparty,
      instrument: request.instrument,
      side: request.side,
      priceTicks,
      quantityLots: lots,
      ledgerSequence: scope.sequence,
    },
  ]
}

function pairOf(venue: Venue, request: DeleveragingOrdered): Pair | DeleveragingRefusal {
  const { scopes } = venue.ledger
  const scope = scopes.get(request.scope)
  if (scope === undefined) return 'scope_unknown'
  const counterparty = scopes.get(request.counterparty)
  if (counterparty === undefined) return 'counterparty_unknown'
  if (scope === counterparty) return 'same_scope'
  const instrument = venue.indexOf(request.instrument)
  if (instrument === undefined) return 'instrument_unknown'
  if (venue.marketOf(instrument).halted) return 'instrument_halted'
  if (!(Number.isSafeInteger(request.quantityLots) && request.quantityLots > 0)) {
    return 'quantity_not_positive'
  }
  if (!(Number.isSafeInteger(request.priceTicks) && request.priceTicks > 0))
    return 'price_not_positive'
  const own = holdingOf(scope, instrument)
  if (own === undefined || own.lots > 0 !== (request.side === 'sell')) return 'reduce_only'
  const other = holdingOf(counterparty, instrument)
  if (other === undefined || other.lots > 0 === own.lots > 0) return 'counterparty_not_opposite'
  if (venue.ledger.profitOf(other, request.priceTicks) <= 0n) return 'counterparty_not_in_profit'
  return { scope, counterparty, instrument, lots: lotsOf(request.quantityLots, own, other) }
}

function lotsOf(asked: number, own: Holding, other: Holding): number {
  return Math.min(asked, Math.abs(own.lots), Math.abs(other.lots))
}

function rejection(
  venue: Venue,
  request: DeleveragingOrdered,
  reason: DeleveragingRefusal,
): ExecutionReportsEvent {
  const { requestId, scope, counterparty, instrument } = request
  venue.totals.rejections += 1
  return { type: 'DeleveragingRejected', requestId, scope, counterparty, instrument, reason }
}
