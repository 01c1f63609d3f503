import type { ExecutionReportsEvent, LossShareRequested } from '@sluice/contracts/generated/events'
import type { Participant, PostingLine } from './ledger.ts'
import { amountOf, approximately, larger, smaller, unitsOf } from './money.ts'
import { MARKET } from './parameters.ts'
import type { Venue } from './venue.ts'

/** A scope in profit, and what it can still be asked for [units]. */
export interface Winner {
  readonly scope: string
  readonly availableUnits: bigint
}

/** What one winner pays [units]. */
export interface Contribution {
  readonly scope: string
  readonly units: bigint
}

/**
 * Shares losses that neither margin, nor fund, nor deleveraging covered.
 *
 * Who is in profit at the venue's marks pays in proportion to it: the largest `lossShareContributors` first, and the next as many
 * only where these cannot pay all. Nobody is asked for more than present profit, nor than equity, less what it paid before.
 * What nobody in profit can pay falls to the house.
 */
export class LossSharing {
  readonly #venue: Venue
  readonly #paid = new Map<string, bigint>()
  /** Scopes by profit when last ranked, largest first */
  #ranked: Participant[] = []
  #rankedAt = -Infinity

  constructor(venue: Venue) {
    this.#venue = venue
  }

  share(request: LossShareRequested): ExecutionReportsEvent[] {
    const { ledger, totals, currency } = this.#venue
    const scope = ledger.scopes.get(request.scope)
    const units = scope === undefined ? 0n : larger(0n, unitsOf(request.amount))
    const contributions = this.#collect(request.scope, units)
    if (scope !== undefined) {
      ledger.post('loss share', this.#lines(scope, units, contributions))
      ledger.touch(scope)
      totals.sharedUnits += units
    }
    return [
      {
        type: 'LossShareBooked',
        requestId: request.requestId,
        executionId: this.#venue.nextExecutionId(),
        scope: request.scope,
        currency,
        amount: amountOf(units),
        contributorCount: contributions.length,
        ledgerSequence: scope?.sequence ?? 0,
      },
    ]
  }

  /** Asks winners group by group until the amount is together or nobody is left. */
  #collect(except: string, units: bigint): Contribution[] {
    const contributions: Contribution[] = []
    const ranked = units > 0n ? this.#ranking() : []
    let left = units
    for (let from = 0; left > 0n && from < ranked.length; from += MARKET.lossShareContributors) {
      const group = ranked.slice(from, from + MARKET.lossShareContributors)
      const winners = group
        .filter(scope => scope.scope !== except)
        .map(scope => ({ scope: scope.scope, availableUnits: this.#availableOf(scope) }))
      for (const contribution of proRata(left, winners)) {
        contributions.push(contribution)
        left -= contribution.units
      }
    }
    return contributions
  }

  #lines(scope: Participant, units: bigint, contributions: readonly Contribution[]): PostingLine[] {
    const { ledger } = this.#venue
    const lines: PostingLine[] = [[scope.wallet, units]]
    let left = units
    for (const contribution of contributions) {
      const payer = ledger.scopes.get(contribution.scope)
      if (payer === undefined) continue
      lines.push([payer.wallet, -contribution.units])
      left -= contribution.units
      this.#paid.set(payer.scope, (this.#paid.get(payer.scope) ?? 0n) + contribution.units)
      ledger.touch(payer)
    }
    if (left > 0n) lines.push([ledger.house.wallet, -left])
    return lines
  }

  #availableOf(scope: Participant): bigint {
    const { ledger } = this.#venue
    const equity = this.#venue.payableBy(scope)
    const profit = ledger.equityOf(scope, this.#venue.marks()) - scope.wallet.units
    return larger(0n, smaller(equity, profit - (this.#paid.get(scope.scope) ?? 0n)))
  }

  /** Scopes in profit by doubles, ties by scope id. Ranked anew at intervals; what each can pay is computed exactly when asked. */
  #ranking(): Participant[] {
    if (this.#venue.time - this.#rankedAt < MARKET.lossShareRankingMs) return this.#ranked
    const rows: { scope: Participant; profit: number }[] = []
    for (const scope of this.#venue.ledger.scopes.values()) {
      const profit = this.#profitApprox(scope)
      if (profit > 0) rows.push({ scope, profit })
    }
    rows.sort((a, b) => b.profit - a.profit || (a.scope.scope < b.scope.scope ? -1 : 1))
    this.#ranked = rows.map(row => row.scope)
    this.#rankedAt = this.#venue.time
    return this.#ranked
  }

  #profitApprox(scope: Participant): number {
    let profit = 0
    for (const { instrument, lots, entryUnits } of scope.holdings) {
      const { markTicks, spec } = this.#venue.marketOf(instrument)
      profit += lots * markTicks * spec.tickValue - approximately(entryUnits)
    }
    return profit
  }
}

/**
 * Splits an amount over winners in proportion to what each can pay, rounded down to a unit; the units that are left go one each to
 * the winners in order. Sums exactly to the amount, or to all that is available where that is less.
 */
export function proRata(units: bigint, winners: readonly Winner[]): Contribution[] {
  const available = winners.reduce((sum, winner) => sum + winner.availableUnits, 0n)
  if (available === 0n) return []
  const wanted = smaller(units, available)
  let left = wanted
  const shares = winners.map(({ scope, availableUnits }) => {
    const share = (wanted * availableUnits) / available
    left -= share
    return { scope, units: share, availableUnits }
  })
  return shares
    .map(({ scope, units: share, availableUnits }) => {
      const extra = left > 0n && share < availableUnits ? 1n : 0n
      left -= extra
      return { scope, units: share + extra }
    })
    .filter(contribution => contribution.units > 0n)
}
