import { createHash } from 'node:crypto'
import { Decimal } from '@sluice/domain/decimal'
import { snapshotOf } from '@sluice/contracts/snapshot-hash'
import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import { populate } from './accounts.ts'
import type { PopulationSummary } from './accounts.ts'
import { Answers } from './answers.ts'
import { Auditor } from './auditor.ts'
import type { AuditReport } from './auditor.ts'
import { InvalidSimulatorOptionsError, StepOutOfOrderError } from './errors.ts'
import { checkInjection, happen, payFunding } from './injections.ts'
import { builtInInstruments, instrumentOfSeries } from './instruments.ts'
import type { VenueInstrument } from './instruments.ts'
import { Ledger } from './ledger.ts'
import type { Participant } from './ledger.ts'
import { Market } from './market.ts'
import { amountOf } from './money.ts'
import { MARKET } from './parameters.ts'
import { ScenarioPath, SeriesPath } from './price-path.ts'
import type { PricePath } from './price-path.ts'
import {
  accountRecord,
  componentRecord,
  depthRecord,
  fundingRecord,
  printRecords,
  referenceRecords,
} from './publishing.ts'
import { Random } from './random.ts'
import type { Injection, MarketSource, SimulatorOptions, VenueRecord } from './types.ts'
import { Venue } from './venue.ts'

/** How far forced orders moved one instrument at most: by venue price and by index, as parts of the price. */
export interface PriceMoved {
  readonly venueRate: number
  readonly indexRate: number
}

/** What a run came to. Money in the settlement currency. */
export interface SimulatorSummary {
  readonly accounts: number
  readonly scopes: number
  readonly population: PopulationSummary
  readonly steps: number
  readonly forcedNotional: Decimal
  readonly fills: number
  readonly fees: Decimal
  /** Paid by the pools less what came back */
  readonly fundDraw: Decimal
  readonly fundPaid: Decimal
  readonly adlNotional: Decimal
  readonly sharedLoss: Decimal
  readonly rejections: number
  readonly faultsMet: number
  readonly poolBalances: Readonly<Record<string, Decimal>>
  readonly priceMoved: Readonly<Record<string, PriceMoved>>
  readonly moneyConserved: boolean
}

/**
 * The venue of demos, simulations and tests: matching, ledger, market impact, answers. A pure function of its options, the
 * requests it is sent and the times it is stepped to: no clock, no file, no global random number.
 *
 * `open()` once, then `step(startTime + stepMs · n, requests)` for n = 1, 2, …; each returns the records of that second in order.
 */
export class ExchangeSimulator {
  readonly stepMs = MARKET.stepMs
  readonly startTime: number
  readonly #options: SimulatorOptions
  readonly #path: PricePath
  readonly #venue: Venue
  readonly #answers: Answers
  readonly #auditor: Auditor
  readonly #population: PopulationSummary
  readonly #noise: Random
  readonly #steps: number
  #injections: Injection[] = []
  #stepsTaken = 0
  #isOpen = false
  #nextFundingAt: number

  constructor(options: SimulatorOptions) {
    checkOptions(options)
    const { path, instruments } = marketOf(options.market, options.seed)
    const ledger = new Ledger(instruments)
    const opaqueId = options.opaqueId ?? ((rawId: string) => rawId)
    this.#options = options
    this.#path = path
    this.#population = populate(ledger, {
      accounts: options.accounts,
      seed: options.seed,
      opaqueId,
    })
    this.startTime = path.startTime
    this.#venue = new Venue(ledger, marketsOf(ledger, this.#population), path.startTime)
    openPools(ledger, this.#population)
    this.#answers = new Answers(this.#venue, options.faults ?? [])
    this.#auditor = new Auditor(ledger)
    this.#noise = new Random(options.seed, 'market noise')
    this.#steps = Math.min(path.steps, options.steps ?? path.steps)
    this.#nextFundingAt = nextFundingAfter(path.startTime)
  }

  /** Whether the path is at its end. In steps beyond it prices stay, and the venue goes on answering. */
  get finished(): boolean {
    return this.#stepsTaken >= this.#steps
  }

  /** Steps after the start. */
  get steps(): number {
    return this.#steps
  }

  get population(): PopulationSummary {
    return this.#population
  }

  get faultsMet(): number {
    return this.#answers.faultsMet
  }

  /** Reference data, first market data, every scope once, and the end of that snapshot. */
  open(): VenueRecord[] {
    if (this.#isOpen)
      throw new InvalidSimulatorOptionsError('open() was called twice; call it once')
    this.#isOpen = true
    const { ledger, currency, markets } = this.#venue
    const records = referenceRecords(this.#venue, this.#options.mode)
    for (const [index, market] of markets.entries()) records.push(...this.#firstData(market, index))
    const accounts = [...ledger.scopes.values()].map(scope =>
      accountRecord(ledger, currency, scope),
    )
    records.push(...accounts)
    const event = snapshotOf(accounts.map(record => record.event))
    records.push({ topic: 'accounts', key: '', event })
    this.#auditor.open(records)
    return records
  }

  /** Something happens at the venue besides what is asked of it. @throws InvalidSimulatorOptionsError */
  inject(injection: Injection): void {
    checkInjection(this.#venue, injection)
    this.#injections.push(injection)
  }

  /**
   * One step. In this order: the path goes on and displacement relaxes; injections; index components; funding; answers to what is
   * due; trades; depth; account snapshots of all scopes that changed, one each.
   *
   * @throws StepOutOfOrderError unless `time` is one `stepMs` after the step before
   */
  step(time: number, requests: readonly LiquidationExecutionEvent[]): VenueRecord[] {
    const expected = this.#venue.time + this.stepMs
    if (!this.#isOpen || time !== expected) throw new StepOutOfOrderError(expected, time)
    this.#venue.time = time
    this.#stepsTaken += 1
    this.#advance()
    const records: VenueRecord[] = []
    this.#inject(records)
    this.#publishIndex(records)
    this.#fund(records)
    this.#answers.receive(requests)
    for (const event of this.#answers.act()) {
      records.push({ topic: 'execution-reports', key: event.scope, event })
    }
    this.#publishMarket(records)
    const { ledger, currency } = this.#venue
    for (const scope of ledger.takeChanged()) records.push(accountRecord(ledger, currency, scope))
    this.#auditor.step(time, records)
    return records
  }

  /** Everything checked by the auditor's own arithmetic. */
  audit(): AuditReport {
    return this.#auditor.report(this.#venue.marks())
  }

  /** SHA-256 over all that the venue holds, as hexadecimal text: equal states give equal hashes. */
  stateHash(): string {
    const { ledger, markets, time, executions } = this.#venue
    const hash = createHash('sha256')
    hash.update(`${time} ${executions} ${this.#answers.pendingCount} ${this.#nextFundingAt}\n`)
    const scopes = [...ledger.scopes.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1))
    for (const scope of [ledger.house, ...scopes]) hash.update(lineOf(scope))
    for (const [pool, { units }] of ledger.pools) hash.update(`${pool} ${units}\n`)
    hash.update(`${ledger.outside.units} ${ledger.clearing.units}\n`)
    for (const market of markets) {
      const state = market.state()
      hash.update(new Uint8Array(state.buffer, state.byteOffset, state.byteLength))
    }
    return hash.digest('hex')
  }

  summary(): SimulatorSummary {
    const { totals, ledger, markets } = this.#venue
    const pools = [...ledger.pools].map(([pool, { units }]) => [pool, amountOf(units)] as const)
    const moved = markets.map(({ spec, displacement }) => {
      const { venueMax, indexMax } = displacement
      return [spec.instrument, { venueRate: venueMax, indexRate: indexMax }] as const
    })
    return {
      accounts: this.#population.accounts,
      scopes: ledger.scopes.size,
      population: this.#population,
      steps: this.#stepsTaken,
      forcedNotional: amountOf(totals.forcedUnits),
      fills: totals.fills,
      fees: amountOf(totals.feeUnits),
      fundDraw: amountOf(totals.fundPaidUnits - totals.fundReturnedUnits),
      fundPaid: amountOf(totals.fundPaidUnits),
      adlNotional: amountOf(totals.deleveragedUnits),
      sharedLoss: amountOf(totals.sharedUnits),
      rejections: totals.rejections,
      faultsMet: this.#answers.faultsMet,
      poolBalances: Object.fromEntries(pools),
      priceMoved: Object.fromEntries(moved),
      moneyConserved: this.#auditor.conserved,
    }
  }

  #firstData(market: Market, index: number): VenueRecord[] {
    const time = this.startTime
    const components = MARKET.sources.map(source =>
      componentRecord(market, { source, noise: 0, time }),
    )
    if (this.#path.silent[index] === 1) return [fundingRecord(market, this.#nextFundingAt)]
    return [...components, depthRecord(market), fundingRecord(market, this.#nextFundingAt)]
  }

  #advance(): void {
    if (this.#stepsTaken <= this.#steps) this.#path.advance()
    this.#venue.markets.forEach((market, index) => {
      market.silent = this.#path.silent[index] === 1
      market.advance(this.#path.ticks[index] ?? market.pathTicks)
    })
  }

  #inject(records: VenueRecord[]): void {
    if (this.#injections.length === 0) return
    const due = this.#injections.filter(({ at }) => at <= this.#venue.time)
    this.#injections = this.#injections.filter(({ at }) => at > this.#venue.time)
    for (const injection of due.sort((left, right) => left.at - right.at)) {
      if (injection.kind === 'deposit') this.#auditor.expect(injection.amount)
      records.push(...happen(this.#venue, injection))
    }
  }

  /** One source a second speaks for each instrument, in rotation. */
  #publishIndex(records: VenueRecord[]): void {
    const { markets, time } = this.#venue
    const count = MARKET.sources.length
    for (const [index, market] of markets.entries()) {
      const noise = 2 * this.#noise.uniform() - 1
      if (market.silent) continue
      const source = MARKET.sources[(this.#stepsTaken + index) % count] ?? ''
      records.push(componentRecord(market, { source, noise, time }))
    }
  }

  #fund(records: VenueRecord[]): void {
    if (this.#venue.time < this.#nextFundingAt) return
    this.#nextFundingAt += MARKET.fundingIntervalMs
    const rate = new Decimal(MARKET.fundingRate)
    for (const [index, market] of this.#venue.markets.entries()) {
      payFunding(this.#venue, index, rate)
      records.push(fundingRecord(market, this.#nextFundingAt))
    }
  }

  /** Trades, and depth where it is due: in turn over the instruments, or every step after a forced order. */
  #publishMarket(records: VenueRecord[]): void {
    const { markets, time } = this.#venue
    const every = MARKET.depthIntervalMs / this.stepMs
    for (const [index, market] of markets.entries()) {
      const chance = this.#noise.uniform()
      const isAlert = time < market.alertUntil
      if (!market.silent) {
        if (chance < this.stepMs / MARKET.tradeIntervalMs) this.#printOne(market)
        const prints = printRecords(market)
        if (prints.length > 0) records.push(...prints)
        if (isAlert || (this.#stepsTaken + index) % every === 0) records.push(depthRecord(market))
      }
      market.settle()
    }
  }

  /** A small trade between others, at the best bid or ask. */
  #printOne(market: Market): void {
    const size = this.#noise.uniform()
    const isBuy = this.#noise.uniform() < 0.5
    const { fairTicks } = market
    const spread = MARKET.halfSpreadRate
    const priceTicks = isBuy
      ? Math.ceil(fairTicks * (1 + spread))
      : Math.max(1, Math.floor(fairTicks * (1 - spread)))
    const lots = Math.max(market.spec.orderLotsMin, Math.round(market.depthLots * 0.002 * size))
    market.print(isBuy ? 'buy' : 'sell', priceTicks, lots)
  }
}

function checkOptions({ accounts, seed, steps }: SimulatorOptions): void {
  if (!Number.isInteger(accounts) || accounts < 1 || accounts > 9_999_999) {
    throw new InvalidSimulatorOptionsError(
      `accounts: ${accounts}; give a whole number from 1 to 9999999`,
    )
  }
  if (!Number.isSafeInteger(seed)) {
    throw new InvalidSimulatorOptionsError(`seed: ${seed}; give a whole number`)
  }
  if (steps !== undefined && !(Number.isInteger(steps) && steps > 0)) {
    throw new InvalidSimulatorOptionsError(`steps: ${steps}; give a whole number above zero`)
  }
}

/** Instruments, by name, and their path. */
function marketOf(
  source: MarketSource,
  seed: number,
): { path: PricePath; instruments: VenueInstrument[] } {
  if (source.kind === 'scenario') {
    const instruments = builtInInstruments(source.instruments ?? 8).sort(byName)
    return { path: new ScenarioPath(source.name, instruments, seed), instruments }
  }
  const series = [...source.series].sort((left, right) => (left.symbol < right.symbol ? -1 : 1))
  const specs = series.map(({ symbol, bars }) => {
    const lowest = bars.reduce((low, bar) => Math.min(low, bar.low), Infinity)
    return instrumentOfSeries(symbol, bars[0]?.open ?? 1, lowest)
  })
  const path = new SeriesPath(series, specs, seed)
  const instruments = specs.map((spec, index) => ({
    ...spec,
    startTicks: Math.max(1, Math.round(path.ticks[index] ?? spec.startTicks)),
  }))
  return { path, instruments }
}

function byName(left: VenueInstrument, right: VenueInstrument): number {
  return left.instrument < right.instrument ? -1 : 1
}

/** Open interest of one side [currency]: the house holds what longs and shorts do not hold of each other. */
function openInterestOf(population: PopulationSummary, instrument: string): number {
  const row = population.byInstrument[instrument]
  return row === undefined ? 0 : Math.max(row.longNotional, row.shortNotional)
}

function marketsOf(ledger: Ledger, population: PopulationSummary): Market[] {
  return ledger.instruments.map(spec => {
    const interest = openInterestOf(population, spec.instrument)
    const depth = Math.max(MARKET.depthNotionalMin, MARKET.depthShareOfOpenInterest * interest)
    return new Market(spec, depth)
  })
}

function openPools(ledger: Ledger, population: PopulationSummary): void {
  const interest = new Map<string, number>()
  for (const { pool, instrument } of ledger.instruments) {
    interest.set(pool, (interest.get(pool) ?? 0) + openInterestOf(population, instrument))
  }
  for (const [pool, notional] of [...interest].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const whole = BigInt(Math.floor(notional * MARKET.poolShareOfOpenInterest))
    ledger.openPool(pool, whole * 1_000_000_000_000n)
  }
}

function nextFundingAfter(time: number): number {
  return (Math.floor(time / MARKET.fundingIntervalMs) + 1) * MARKET.fundingIntervalMs
}

function lineOf({ scope, sequence, wallet, holdings, openOrders }: Participant): string {
  const held = holdings.map(
    ({ instrument, lots, entryUnits }) => `${instrument}:${lots}:${entryUnits}`,
  )
  return `${scope} ${sequence} ${wallet.units} ${held.join(',')} ${openOrders.length}\n`
}
