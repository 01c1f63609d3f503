import type {
  ExecutionReportsEvent,
  FundMovementRequested,
  LiquidationFeeRequested,
} from '@sluice/contracts/generated/events'
import { amountOf, larger, smaller, unitsOf } from './money.ts'
import type { Balance, Participant } from './ledger.ts'
import type { Venue } from './venue.ts'

/** Why the venue moves no fund money. */
export type FundRefusal =
  'pool_unknown' | 'scope_unknown' | 'amount_is_zero' | 'balance_insufficient' | 'nothing_to_return'

/** The fee goes from the scope to the pool: what was asked, and at most what the scope's equity at mark allows. */
export function bookFee(venue: Venue, request: LiquidationFeeRequested): ExecutionReportsEvent[] {
  const scope = venue.ledger.scopes.get(request.scope)
  const pool = venue.ledger.pools.get(request.pool)
  let units = 0n
  if (scope !== undefined && pool !== undefined) {
    units = larger(0n, smaller(unitsOf(request.amount), venue.payableBy(scope)))
    move(venue, { from: scope.wallet, to: pool, units, scope })
    venue.totals.feeUnits += units
  }
  return [
    {
      type: 'FeeBooked',
      requestId: request.requestId,
      executionId: venue.nextExecutionId(),
      pool: request.pool,
      scope: request.scope,
      currency: venue.currency,
      amount: amountOf(units),
      poolBalance: venue.poolBalance(request.pool),
      ledgerSequence: scope?.sequence ?? 0,
    },
  ]
}

/**
 * Money between a pool and a scope. Above zero the pool pays all of it or refuses; below zero the scope returns what was asked,
 * and at most what its equity at mark allows.
 */
export function moveFund(venue: Venue, request: FundMovementRequested): ExecutionReportsEvent[] {
  const scope = venue.ledger.scopes.get(request.scope)
  const pool = venue.ledger.pools.get(request.pool)
  if (pool === undefined) return [refusal(venue, request, 'pool_unknown')]
  if (scope === undefined) return [refusal(venue, request, 'scope_unknown')]
  const asked = unitsOf(request.amount)
  if (asked === 0n) return [refusal(venue, request, 'amount_is_zero')]
  if (asked > pool.units) return [refusal(venue, request, 'balance_insufficient')]
  const units = larger(asked, -venue.payableBy(scope))
  if (units === 0n) return [refusal(venue, request, 'nothing_to_return')]
  move(venue, { from: pool, to: scope.wallet, units, scope })
  if (units > 0n) venue.totals.fundPaidUnits += units
  else venue.totals.fundReturnedUnits -= units
  return [
    {
      type: 'FundMovementBooked',
      requestId: request.requestId,
      executionId: venue.nextExecutionId(),
      pool: request.pool,
      scope: request.scope,
      currency: venue.currency,
      amount: amountOf(units),
      poolBalance: venue.poolBalance(request.pool),
      ledgerSequence: scope.sequence,
    },
  ]
}

/** A booking of one amount that changes a scope. */
interface Movement {
  readonly from: Balance
  readonly to: Balance
  readonly units: bigint
  readonly scope: Participant
}

function move(venue: Venue, { from, to, units, scope }: Movement): void {
  venue.ledger.post('booking', [
    [from, -units],
    [to, units],
  ])
  venue.ledger.touch(scope)
}

function refusal(
  venue: Venue,
  request: FundMovementRequested,
  reason: FundRefusal,
): ExecutionReportsEvent {
  const { requestId, pool, scope } = request
  venue.totals.rejections += 1
  return {
    type: 'FundMovementRefused',
    requestId,
    pool,
    scope,
    reason,
    poolBalance: venue.poolBalance(pool),
  }
}
