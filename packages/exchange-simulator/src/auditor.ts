import { Decimal, ZERO } from '@sluice/domain/decimal'
import type { AccountUpdated } from '@sluice/contracts/generated/events'
import type { Ledger, Participant } from './ledger.ts'
import { amountOf } from './money.ts'
import type { VenueRecord } from './types.ts'

/** One check of the auditor. */
export interface AuditCheck {
  readonly name: string
  readonly sound: boolean
  readonly detail: string
}

/** What the auditor found. */
export interface AuditReport {
  readonly sound: boolean
  readonly checks: readonly AuditCheck[]
  /** Steps looked at while running */
  readonly steps: number
  /** Whether money and positions were conserved after every one of them */
  readonly conservedAtEveryStep: boolean
  readonly firstFault: { readonly time: number; readonly problem: string } | null
}

/** Records that say that money or positions moved. */
const MOVES: ReadonlySet<string> = new Set(['AccountUpdated', 'FeeBooked', 'FundMovementBooked'])

/** What the auditor remembers of a scope, from what was published of it. */
interface Published {
  readonly ledgerSequence: number
  /** Wallet less the cost of all positions: what a scope has put in or taken out in cash */
  readonly cash: Decimal
  readonly event: AccountUpdated
}

/**
 * Computes the truth its own way: from the published records, in decimals, where the ledger keeps bigints and postings.
 *
 * After every step, with the house and the pools read from the ledger (the house is not published, and a report of a booking may be late):
 *
 *   Σ (wallet − cost) over scopes + (wallet − cost) of the house + Σ pools = what came from outside
 *   Σ lots of an instrument over scopes + lots of the house = 0
 *   no pool below zero; no ledger sequence that falls
 */
export class Auditor {
  readonly #ledger: Ledger
  readonly #published = new Map<string, Published>()
  readonly #lots = new Map<string, number>()
  #cash: Decimal = ZERO
  #outside: Decimal = ZERO
  #steps = 0
  #firstFault: { time: number; problem: string } | null = null

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** Money came from outside (below zero: left). */
  expect(amount: Decimal): void {
    this.#outside = this.#outside.plus(amount)
  }

  /** Takes in what was published; with the records of the opening all that is in the venue counts as having come from outside. */
  open(records: readonly VenueRecord[]): void {
    this.#observe(records)
    this.#outside = this.#total()
  }

  /** Takes in the records of a step and checks conservation. Steps that moved nothing cost nothing. */
  step(time: number, records: readonly VenueRecord[]): void {
    this.#steps += 1
    const moved = this.#observe(records)
    if (!moved || this.#firstFault !== null) return
    const problem = this.#conservationProblem()
    if (problem !== undefined) this.#firstFault = { time, problem }
  }

  get conserved(): boolean {
    return this.#firstFault === null
  }

  /** Looks at everything: published against ledger, all balances, all positions, equity, funds. */
  report(markTicks: readonly number[]): AuditReport {
    const checks = [
      this.#check('money and positions are conserved', this.#conservationProblem()),
      this.#check('conserved after every step', this.#firstFault?.problem),
      this.#check('all balances of the ledger sum to zero', this.#balanceProblem()),
      this.#check('clearing equals minus the cost of all positions', this.#clearingProblem()),
      this.#check('what was published is what the ledger holds', this.#publishedProblem()),
      this.#check('equity computed from published records agrees', this.#equityProblem(markTicks)),
      this.#check('no fund is below zero', this.#fundProblem()),
    ]
    return {
      sound: checks.every(check => check.sound),
      checks,
      steps: this.#steps,
      conservedAtEveryStep: this.#firstFault === null,
      firstFault: this.#firstFault,
    }
  }

  /** Whether any record moved money or positions. */
  #observe(records: readonly VenueRecord[]): boolean {
    let moved = false
    for (const { event } of records) {
      if (event.type === 'AccountUpdated') this.#replace(event)
      moved ||= MOVES.has(event.type)
    }
    return moved
  }

  #replace(event: AccountUpdated): void {
    const scope = scopeIdOf(event)
    const before = this.#published.get(scope)
    if (before !== undefined && event.ledgerSequence <= before.ledgerSequence) {
      this.#firstFault ??= { time: 0, problem: `ledger sequence of ${scope} does not rise` }
    }
    const cash = cashOf(event)
    this.#cash = this.#cash.plus(cash).minus(before?.cash ?? ZERO)
    for (const position of before?.event.positions ?? [])
      this.#add(position.instrument, -position.quantityLots)
    for (const position of event.positions) this.#add(position.instrument, position.quantityLots)
    this.#published.set(scope, { ledgerSequence: event.ledgerSequence, cash, event })
  }

  #add(instrument: string, lots: number): void {
    this.#lots.set(instrument, (this.#lots.get(instrument) ?? 0) + lots)
  }

  #total(): Decimal {
    let total = this.#cash.plus(cashOfHouse(this.#ledger.house))
    for (const { units } of this.#ledger.pools.values()) total = total.plus(amountOf(units))
    return total
  }

  #conservationProblem(): string | undefined {
    const difference = this.#total().minus(this.#outside)
    if (!difference.isZero()) return `money is off by ${difference.toFixed()}`
    for (const [index, { instrument }] of this.#ledger.instruments.entries()) {
      const house =
        this.#ledger.house.holdings.find(holding => holding.instrument === index)?.lots ?? 0
      const sum = (this.#lots.get(instrument) ?? 0) + house
      if (sum !== 0) return `positions in ${instrument} sum to ${sum} lots`
    }
    return this.#fundProblem()
  }

  #fundProblem(): string | undefined {
    for (const [pool, { units }] of this.#ledger.pools) {
      if (units < 0n) return `pool ${pool} holds ${amountOf(units).toFixed()}`
    }
    return undefined
  }

  #balanceProblem(): string | undefined {
    const { outside, clearing, pools, house, scopes } = this.#ledger
    let sum = amountOf(outside.units)
      .plus(amountOf(clearing.units))
      .plus(amountOf(house.wallet.units))
    for (const pool of pools.values()) sum = sum.plus(amountOf(pool.units))
    for (const scope of scopes.values()) sum = sum.plus(amountOf(scope.wallet.units))
    return sum.isZero() ? undefined : `the ledger's balances sum to ${sum.toFixed()}`
  }

  #clearingProblem(): string | undefined {
    let cost = ZERO
    for (const scope of [this.#ledger.house, ...this.#ledger.scopes.values()]) {
      for (const holding of scope.holdings) cost = cost.plus(amountOf(holding.entryUnits))
    }
    const clearing = amountOf(this.#ledger.clearing.units)
    if (clearing.plus(cost).isZero()) return undefined
    return `clearing holds ${clearing.toFixed()}, positions cost ${cost.toFixed()}`
  }

  #publishedProblem(): string | undefined {
    for (const scope of this.#ledger.scopes.values()) {
      const published = this.#published.get(scope.scope)
      if (published === undefined) return `scope ${scope.scope} was never published`
      const { event } = published
      const isSame =
        event.ledgerSequence === scope.sequence &&
        event.walletBalance.eq(amountOf(scope.wallet.units)) &&
        event.positions.length === scope.holdings.length &&
        scope.holdings.every((holding, at) => this.#isPosition(event, at, holding))
      if (!isSame) return `scope ${scope.scope} was published otherwise than the ledger holds it`
    }
    return undefined
  }

  #isPosition(
    event: AccountUpdated,
    at: number,
    holding: Participant['holdings'][number],
  ): boolean {
    const position = event.positions[at]
    return (
      position?.instrument === this.#ledger.instruments[holding.instrument]?.instrument &&
      position?.quantityLots === holding.lots &&
      position.entryNotional.eq(amountOf(holding.entryUnits))
    )
  }

  #equityProblem(markTicks: readonly number[]): string | undefined {
    const { instruments, scopes } = this.#ledger
    const indexes = new Map(instruments.map((spec, index) => [spec.instrument, index]))
    for (const [scope, { event, cash }] of this.#published) {
      let equity = cash
      for (const { instrument, quantityLots } of event.positions) {
        const index = indexes.get(instrument) ?? -1
        const spec = instruments[index]
        if (spec === undefined) return `scope ${scope} holds unknown ${instrument}`
        const price = spec.tickSize.times(markTicks[index] ?? 0)
        equity = equity.plus(spec.lotSize.times(quantityLots).times(price))
      }
      const held = scopes.get(scope)
      if (held === undefined) return `scope ${scope} is published but not in the ledger`
      const ledgerEquity = amountOf(this.#ledger.equityOf(held, markTicks))
      if (!equity.eq(ledgerEquity))
        return `equity of ${scope}: ${equity.toFixed()} against ${ledgerEquity.toFixed()}`
    }
    return undefined
  }

  #check(name: string, problem: string | undefined): AuditCheck {
    return { name, sound: problem === undefined, detail: problem ?? 'sound' }
  }
}

function scopeIdOf({ account, isolatedInstrument }: AccountUpdated): string {
  return isolatedInstrument === null ? account : `${account}/${isolatedInstrument}`
}

function cashOf(event: AccountUpdated): Decimal {
  let cash = new Decimal(event.walletBalance)
  for (const position of event.positions) cash = cash.minus(position.entryNotional)
  return cash
}

function cashOfHouse(house: Participant): Decimal {
  let cash = amountOf(house.wallet.units)
  for (const holding of house.holdings) cash = cash.minus(amountOf(holding.entryUnits))
  return cash
}
