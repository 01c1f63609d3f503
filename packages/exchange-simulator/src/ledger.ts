import type { OpenOrderTotal } from '@sluice/contracts/generated/events'
import { UnbalancedPostingError } from './errors.ts'
import type { VenueInstrument } from './instruments.ts'
import { absolute } from './money.ts'

/** An account of the ledger [units]. */
export interface Balance {
  readonly name: string
  units: bigint
}

/** One line of a posting: what a balance gains. */
export type PostingLine = readonly [balance: Balance, units: bigint]

/** A position of a participant. Signed lots; entry is its signed cost [units]. */
export interface Holding {
  /** Index of the instrument */
  readonly instrument: number
  lots: number
  entryUnits: bigint
}

/** A margin scope, or the house. */
export interface Participant {
  /** Scope id */
  readonly scope: string
  readonly account: string
  readonly isolatedInstrument: string | null
  readonly wallet: Balance
  /** By instrument, ascending; none of them flat */
  readonly holdings: Holding[]
  openOrders: readonly OpenOrderTotal[]
  /** Rises with every change */
  sequence: number
}

/** A trade between two participants. */
export interface Trade {
  readonly instrument: number
  readonly buyer: Participant
  readonly seller: Participant
  readonly lots: number
  readonly priceTicks: number
}

/**
 * Double-entry ledger in one currency. Every posting's lines sum to zero, so all balances together are zero at all times:
 * wallets, pools, `outside` (where deposits come from) and `clearing`, which stands against realised profit. A position's cost is
 * no balance, but clearing equals minus the sum of all costs after every trade: what one side has realised the other still carries.
 *
 * The house is the counterparty of every scope: makers and all who are not simulated one by one. Its wallet has no lower bound.
 */
export class Ledger {
  readonly instruments: readonly VenueInstrument[]
  readonly outside: Balance = { name: 'outside', units: 0n }
  readonly clearing: Balance = { name: 'clearing', units: 0n }
  readonly pools = new Map<string, Balance>()
  readonly house: Participant = participant({ account: 'house', isolatedInstrument: null })
  /** By scope id */
  readonly scopes = new Map<string, Participant>()
  readonly #changed = new Set<Participant>()
  #postings = 0

  constructor(instruments: readonly VenueInstrument[]) {
    this.instruments = instruments
  }

  openPool(name: string, units: bigint): void {
    const pool = { name: `pool/${name}`, units: 0n }
    this.pools.set(name, pool)
    this.post('pool funded', [
      [this.outside, -units],
      [pool, units],
    ])
  }

  openScope(scope: Participant, depositUnits: bigint): void {
    this.scopes.set(scope.scope, scope)
    this.post('deposit', [
      [this.outside, -depositUnits],
      [scope.wallet, depositUnits],
    ])
  }

  /** Books lines that sum to zero, all or nothing. @throws UnbalancedPostingError */
  post(reason: string, lines: readonly PostingLine[]): void {
    let sum = 0n
    for (const [, units] of lines) sum += units
    if (sum !== 0n) throw new UnbalancedPostingError(reason, sum)
    for (const [balance, units] of lines) balance.units += units
    this.#postings += 1
  }

  /** Books a trade: positions, costs and the profit that each side realises. */
  trade({ instrument, buyer, seller, lots, priceTicks }: Trade): void {
    const valueUnits = this.valueOf(instrument, lots, priceTicks)
    const bought = applyTrade(buyer, { instrument, lots, valueUnits })
    const sold = applyTrade(seller, { instrument, lots: -lots, valueUnits: -valueUnits })
    this.post('trade', [
      [buyer.wallet, bought],
      [seller.wallet, sold],
      [this.clearing, -bought - sold],
    ])
    this.touch(buyer)
    this.touch(seller)
  }

  /** Marks a scope as changed: its sequence rises and it is published at the end of the step. */
  touch(scope: Participant): void {
    scope.sequence += 1
    if (scope !== this.house) this.#changed.add(scope)
  }

  /** The scopes changed since last asked, in order of their first change. */
  takeChanged(): Participant[] {
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  /** Signed value of lots at a price [units]. Exact. */
  valueOf(instrument: number, lots: number, priceTicks: number): bigint {
    const tickValue = this.instruments[instrument]?.tickValueUnits ?? 0n
    const product = lots * priceTicks
    if (Number.isSafeInteger(product)) return BigInt(product) * tickValue
    return BigInt(lots) * BigInt(priceTicks) * tickValue
  }

  /** Wallet plus unrealised profit at the given mark prices [units]. */
  equityOf(scope: Participant, markTicks: ArrayLike<number>): bigint {
    let units = scope.wallet.units
    for (const holding of scope.holdings)
      units += this.profitOf(holding, markTicks[holding.instrument] ?? 0)
    return units
  }

  /** Unrealised profit of a position at a price [units]. */
  profitOf(holding: Holding, priceTicks: number): bigint {
    return this.valueOf(holding.instrument, holding.lots, priceTicks) - holding.entryUnits
  }

  get postings(): number {
    return this.#postings
  }
}

export function participant(of: {
  readonly account: string
  readonly isolatedInstrument: string | null
}): Participant {
  const scope =
    of.isolatedInstrument === null ? of.account : `${of.account}/${of.isolatedInstrument}`
  return {
    scope,
    account: of.account,
    isolatedInstrument: of.isolatedInstrument,
    wallet: { name: `wallet/${scope}`, units: 0n },
    holdings: [],
    openOrders: [],
    sequence: 1,
  }
}

export function holdingOf(scope: Participant, instrument: number): Holding | undefined {
  return scope.holdings.find(holding => holding.instrument === instrument)
}

/** What a participant trades: signed lots, and their signed value [units]. */
interface Leg {
  readonly instrument: number
  readonly lots: number
  readonly valueUnits: bigint
}

/**
 * Applies a leg by average cost and returns the profit it realises [units].
 *
 *   closing c of |Q| lots:  reduced = entry · c / |Q|, rounded towards zero;  realised = −value(c) − reduced
 *
 * What rounding leaves stays in the entry of the rest: wallet − entry changes by exactly −value, so nothing is lost.
 */
function applyTrade(scope: Participant, leg: Leg): bigint {
  const holding = holdingOf(scope, leg.instrument)
  if (holding === undefined) {
    insert(scope, { instrument: leg.instrument, lots: leg.lots, entryUnits: leg.valueUnits })
    return 0n
  }
  const closing =
    Math.sign(holding.lots) === Math.sign(leg.lots)
      ? 0
      : Math.min(Math.abs(holding.lots), Math.abs(leg.lots))
  const closingValue = (leg.valueUnits * BigInt(closing)) / absolute(BigInt(leg.lots))
  const reduced = (holding.entryUnits * BigInt(closing)) / absolute(BigInt(holding.lots))
  holding.entryUnits += leg.valueUnits - closingValue - reduced
  holding.lots += leg.lots
  if (holding.lots === 0) remove(scope, holding)
  return -closingValue - reduced
}

function insert(scope: Participant, holding: Holding): void {
  const after = scope.holdings.findIndex(other => other.instrument > holding.instrument)
  scope.holdings.splice(after === -1 ? scope.holdings.length : after, 0, holding)
}

function remove(scope: Participant, holding: Holding): void {
  scope.holdings.splice(scope.holdings.indexOf(holding), 1)
}
