import type { Decimal } from '@sluice/domain/decimal'
import { ZERO } from '@sluice/domain/decimal'
import type { Side } from '@sluice/contracts/generated/events'
import { amountOf, larger } from './money.ts'
import { holdingOf } from './ledger.ts'
import type { Ledger, Participant } from './ledger.ts'
import type { Market } from './market.ts'
import type { Match } from './order-book.ts'

/** Sums over the whole run [ledger units]. */
export interface VenueTotals {
  forcedUnits: bigint
  fills: number
  feeUnits: bigint
  fundPaidUnits: bigint
  fundReturnedUnits: bigint
  deleveragedUnits: bigint
  sharedUnits: bigint
  rejections: number
}

/** A scope's order at the market. */
export interface ScopeOrder {
  readonly scope: Participant
  readonly instrument: number
  readonly side: Side
  readonly quantityLots: number
  readonly limitTicks: number
}

/** A match as booked: the ledger sequence is that of the scope after it. */
export interface BookedMatch {
  readonly match: Match
  readonly ledgerSequence: number
}

/** What all parts of the venue share: ledger, markets, time and running numbers. */
export class Venue {
  readonly ledger: Ledger
  readonly markets: readonly Market[]
  readonly currency = 'USD'
  readonly totals: VenueTotals = {
    forcedUnits: 0n,
    fills: 0,
    feeUnits: 0n,
    fundPaidUnits: 0n,
    fundReturnedUnits: 0n,
    deleveragedUnits: 0n,
    sharedUnits: 0n,
    rejections: 0,
  }
  time: number
  readonly #indexes: ReadonlyMap<string, number>
  #executions = 0
  #marks: readonly number[] = []
  #marksAt = -1

  constructor(ledger: Ledger, markets: readonly Market[], time: number) {
    this.ledger = ledger
    this.markets = markets
    this.time = time
    this.#indexes = new Map(markets.map((market, index) => [market.spec.instrument, index]))
  }

  indexOf(instrument: string): number | undefined {
    return this.#indexes.get(instrument)
  }

  marketOf(instrument: number): Market {
    const market = this.markets[instrument]
    if (market === undefined) throw new RangeError(`no instrument with index ${instrument}`)
    return market
  }

  /** Mark prices of this step, by instrument [ticks]. */
  marks(): readonly number[] {
    if (this.#marksAt !== this.time) {
      this.#marks = this.markets.map(market => market.markTicks)
      this.#marksAt = this.time
    }
    return this.#marks
  }

  nextExecutionId(): string {
    this.#executions += 1
    return `x-${this.#executions}`
  }

  get executions(): number {
    return this.#executions
  }

  /** What a scope could pay and still owe nobody: its equity at the venue's marks, at least zero [units]. */
  payableBy(scope: Participant): bigint {
    return larger(0n, this.ledger.equityOf(scope, this.marks()))
  }

  poolBalance(pool: string): Decimal {
    const balance = this.ledger.pools.get(pool)
    return balance === undefined ? ZERO : amountOf(balance.units)
  }

  /**
   * A scope's order meets the makers. Reduce-only: never more lots than the position has, and only against it; the caller
   * has checked the side. Books each match and returns them.
   */
  reduceAtMarket(order: ScopeOrder): BookedMatch[] {
    const { scope, instrument, side } = order
    const market = this.marketOf(instrument)
    const quantityLots = Math.min(
      order.quantityLots,
      Math.abs(holdingOf(scope, instrument)?.lots ?? 0),
    )
    const matches = market.take({ side, quantityLots, limitTicks: order.limitTicks }, this.time)
    const { house } = this.ledger
    const [buyer, seller] = side === 'buy' ? [scope, house] : [house, scope]
    let lots = 0
    const booked = matches.map(match => {
      const { priceTicks } = match
      lots += match.quantityLots
      this.ledger.trade({ instrument, buyer, seller, lots: match.quantityLots, priceTicks })
      return { match, ledgerSequence: scope.sequence }
    })
    market.push(side, lots)
    return booked
  }
}
