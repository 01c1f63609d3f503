import type { OpenOrderTotal } from '@sluice/contracts/generated/events'
import { leverageMaxOf, maintenanceApprox } from './instruments.ts'
import type { VenueInstrument } from './instruments.ts'
import { participant } from './ledger.ts'
import type { Holding, Ledger, Participant } from './ledger.ts'
import { POPULATION } from './parameters.ts'
import { Random } from './random.ts'

/** What was drawn, counted, so that a reader can see the population. */
export interface PopulationSummary {
  accounts: number
  scopes: number
  isolatedScopes: number
  positions: number
  longPositions: number
  /** Scopes drawn near their maintenance margin */
  nearScopes: number
  scopesWithOpenOrders: number
  /** Positions by leverage asked for */
  byLeverage: Record<string, number>
  byInstrument: Record<string, { positions: number; longNotional: number; shortNotional: number }>
  /** Scopes by equity [currency]: below 1e2, 1e3, … */
  byEquity: Record<string, number>
  equity: number
  notional: number
}

/** One scope being drawn. */
interface Sketch {
  readonly scope: Participant
  readonly equity: number
  readonly near: boolean
}

/** How many accounts to draw, and how their raw ids become the opaque ones on the topics. */
export interface PopulationOptions {
  readonly accounts: number
  readonly seed: number
  readonly opaqueId: (rawId: string) => string
}

const CENT_UNITS = 10_000_000_000n

/**
 * Draws accounts into the ledger: number and choice of legs, side, leverage and equity by the table POPULATION; the house takes
 * the other side of every position at its entry price, so that positions sum to zero from the start.
 */
export function populate(ledger: Ledger, options: PopulationOptions): PopulationSummary {
  const generator = new Population(ledger, options.seed)
  for (let number = 1; number <= options.accounts; number += 1) {
    const rawId = `trader-${String(number).padStart(7, '0')}`
    generator.drawAccount(options.opaqueId(rawId))
  }
  return generator.summary
}

class Population {
  readonly summary: PopulationSummary = {
    accounts: 0,
    scopes: 0,
    isolatedScopes: 0,
    positions: 0,
    longPositions: 0,
    nearScopes: 0,
    scopesWithOpenOrders: 0,
    byLeverage: {},
    byInstrument: {},
    byEquity: {},
    equity: 0,
    notional: 0,
  }
  readonly #ledger: Ledger
  readonly #random: Random
  /** Instruments with the weight they are chosen by */
  readonly #choices: readonly [Choice, ...Choice[]]

  constructor(ledger: Ledger, seed: number) {
    this.#ledger = ledger
    this.#random = new Random(seed, 'accounts')
    const choices = ledger.instruments.map((instrument, index) => ({
      instrument,
      index,
      weight: instrument.popularity,
    }))
    const [first, ...others] = choices
    if (first === undefined) throw new RangeError('populate: the ledger has no instruments')
    this.#choices = [first, ...others]
  }

  drawAccount(account: string): void {
    this.summary.accounts += 1
    const kind = this.#random.uniform()
    const both = kind < POPULATION.bothShare
    const isolated = both || kind < POPULATION.bothShare + POPULATION.isolatedShare
    if (!isolated || both) this.#drawCross(account)
    if (isolated) this.#drawIsolated(account)
  }

  #drawCross(account: string): void {
    const sketch = this.#sketch(account, null)
    const wanted = this.#random.pick(POPULATION.legs).legs
    const legs = Math.min(wanted, this.#choices.length)
    const chosen = new Set<Choice>()
    while (chosen.size < legs) chosen.add(this.#random.pick(this.#choices))
    for (const choice of chosen) this.#drawPosition(sketch, choice, sketch.equity / legs)
    this.#finish(sketch)
  }

  #drawIsolated(account: string): void {
    const choice = this.#random.pick(this.#choices)
    const sketch = this.#sketch(account, choice.instrument.instrument)
    this.summary.isolatedScopes += 1
    this.#drawPosition(sketch, choice, sketch.equity)
    this.#finish(sketch)
  }

  #sketch(account: string, isolatedInstrument: string | null): Sketch {
    const drawn = POPULATION.equityMedian * Math.exp(POPULATION.equitySigma * this.#random.normal())
    return {
      scope: participant({ account, isolatedInstrument }),
      equity: Math.min(POPULATION.equityMax, Math.max(POPULATION.equityMin, drawn)),
      near: this.#random.uniform() < POPULATION.nearShare,
    }
  }

  /** A position of margin × leverage, within the leverage its bracket admits, opened a little way from today's price. */
  #drawPosition(sketch: Sketch, { instrument, index }: Choice, margin: number): void {
    const { leverage } = this.#random.pick(POPULATION.leverages)
    const admitted = Math.min(leverage, leverageMaxOf(instrument, margin * leverage))
    const lotValue = instrument.startTicks * instrument.tickValue
    const quantity = Math.max(instrument.orderLotsMin, Math.round((margin * admitted) / lotValue))
    const isLong = this.#random.uniform() < POPULATION.longShare
    const moved = 1 + POPULATION.entrySigma * this.#random.normal()
    const entryTicks = Math.max(1, Math.round(instrument.startTicks * moved))
    const lots = isLong ? quantity : -quantity
    insertSorted(sketch.scope.holdings, {
      instrument: index,
      lots,
      entryUnits: this.#ledger.valueOf(index, lots, entryTicks),
    })
    this.#count(instrument, lots * lotValue, leverage)
  }

  /** Deposits what makes the equity right, and books the other side of each position to the house. */
  #finish(sketch: Sketch): void {
    const { scope } = sketch
    const marks = this.#ledger.instruments.map(instrument => instrument.startTicks)
    const profit = this.#ledger.equityOf(scope, marks)
    const equity = this.#startEquity(sketch)
    const units = BigInt(Math.ceil(equity * 100)) * CENT_UNITS - profit
    this.#ledger.openScope(scope, (units / CENT_UNITS) * CENT_UNITS)
    for (const holding of scope.holdings) addToHouse(this.#ledger.house, holding)
    scope.openOrders = this.#drawOpenOrders(scope)
    this.#countScope(sketch, equity)
  }

  /** Equity at today's price [currency]: what was put in and has since drifted, or near maintenance margin where drawn so. */
  #startEquity({ scope, equity, near }: Sketch): number {
    let maintenance = 0
    for (const { instrument, lots } of scope.holdings) {
      const spec = this.#ledger.instruments[instrument]
      if (spec === undefined) continue
      maintenance += maintenanceApprox(spec, Math.abs(lots) * spec.startTicks * spec.tickValue)
    }
    if (near) return maintenance * this.#random.between(...POPULATION.nearRatio)
    const drifted = equity * (1 + POPULATION.equityDrift * this.#random.normal())
    return Math.max(drifted, maintenance * POPULATION.startRatioMin, POPULATION.equityMin)
  }

  /** Some scopes also have orders in the book, away from the price: they do nothing until a liquidation cancels them. */
  #drawOpenOrders(scope: Participant): OpenOrderTotal[] {
    if (this.#random.uniform() >= POPULATION.openOrderShare) return []
    const holding = scope.holdings[this.#random.below(scope.holdings.length)]
    const instrument = this.#ledger.instruments[holding?.instrument ?? 0]
    if (holding === undefined || instrument === undefined) return []
    this.summary.scopesWithOpenOrders += 1
    const quantityLots = Math.max(instrument.orderLotsMin, Math.ceil(Math.abs(holding.lots) / 2))
    const side = this.#random.uniform() < 0.5 ? 'buy' : 'sell'
    return [{ instrument: instrument.instrument, side, quantityLots }]
  }

  #count(instrument: VenueInstrument, notional: number, leverage: number): void {
    const { summary } = this
    const row = (summary.byInstrument[instrument.instrument] ??= {
      positions: 0,
      longNotional: 0,
      shortNotional: 0,
    })
    row.positions += 1
    if (notional > 0) row.longNotional += notional
    else row.shortNotional -= notional
    summary.positions += 1
    summary.longPositions += notional > 0 ? 1 : 0
    summary.notional += Math.abs(notional)
    summary.byLeverage[leverage] = (summary.byLeverage[leverage] ?? 0) + 1
  }

  #countScope(sketch: Sketch, equity: number): void {
    const { summary } = this
    const bucket = `below 1e${Math.max(2, Math.floor(equity).toFixed(0).length)}`
    summary.scopes += 1
    summary.nearScopes += sketch.near ? 1 : 0
    summary.equity += equity
    summary.byEquity[bucket] = (summary.byEquity[bucket] ?? 0) + 1
  }
}

/** An instrument an account may choose. */
interface Choice {
  readonly instrument: VenueInstrument
  readonly index: number
  readonly weight: number
}

function addToHouse(house: Participant, { instrument, lots, entryUnits }: Holding): void {
  const holding = house.holdings.find(other => other.instrument === instrument)
  if (holding === undefined) {
    insertSorted(house.holdings, { instrument, lots: -lots, entryUnits: -entryUnits })
    return
  }
  holding.lots -= lots
  holding.entryUnits -= entryUnits
}

function insertSorted(holdings: Holding[], holding: Holding): void {
  const after = holdings.findIndex(other => other.instrument > holding.instrument)
  holdings.splice(after === -1 ? holdings.length : after, 0, holding)
}
