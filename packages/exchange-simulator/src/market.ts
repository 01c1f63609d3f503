import type { BookLevel, Side, TradePrinted } from '@sluice/contracts/generated/events'
import type { VenueInstrument } from './instruments.ts'
import { Displacement } from './impact.ts'
import { Makers, halved } from './makers.ts'
import type { Quotes } from './makers.ts'
import type { Match, OrderBook } from './order-book.ts'
import { MARKET } from './parameters.ts'

const VOLATILITY_LEFT = halved(MARKET.stepMs, MARKET.volatilityHalfLifeMs)

/** A book laid out for the orders of one step. */
interface OpenBook {
  readonly quotes: Quotes
  readonly book: OrderBook
}

/** An order against the book. */
export interface MarketOrder {
  readonly side: Side
  readonly quantityLots: number
  readonly limitTicks: number
}

/** One instrument's market: its path, what forced orders have done to it, and its makers. */
export class Market {
  readonly spec: VenueInstrument
  readonly makers = new Makers()
  readonly displacement = new Displacement()
  /** Price of the path [ticks, fractional] */
  pathTicks: number
  /** What the venue values positions at [ticks] */
  markTicks: number
  /** Its source says nothing now */
  silent = false
  halted = false
  /** Version of the halt records */
  haltVersion = 1
  /** Factor that injected shocks have put on the path */
  shock = 1
  /** Until when depth is published every step */
  alertUntil = 0
  readonly #depthNotional: number
  #meanReturn = 0
  #prints: TradePrinted[] = []
  #open: OpenBook | undefined

  constructor(spec: VenueInstrument, depthNotional: number) {
    this.spec = spec
    this.#depthNotional = depthNotional
    this.pathTicks = spec.startTicks
    this.markTicks = spec.startTicks
  }

  /** One step passes: the path goes on, displacement relaxes, makers come back, their appetite follows volatility. */
  advance(pathTicks: number): void {
    const shocked = Math.max(1, pathTicks * this.shock)
    const moved = Math.abs(shocked / this.pathTicks - 1)
    this.#meanReturn = moved + (this.#meanReturn - moved) * VOLATILITY_LEFT
    this.pathTicks = shocked
    this.displacement.relax()
    this.makers.replenish(MARKET.stepMs)
    this.markTicks = Math.max(1, Math.round(this.indexTicks))
  }

  /** What index sources report around [ticks, fractional]. */
  get indexTicks(): number {
    const { index } = this.displacement
    return index === 0 ? this.pathTicks : Math.max(1, this.pathTicks * Math.exp(index))
  }

  /** What makers quote around [ticks, fractional]. */
  get fairTicks(): number {
    const { venue } = this.displacement
    return venue === 0 ? this.pathTicks : Math.max(1, this.pathTicks * Math.exp(venue))
  }

  /** Lots per side within `depthDistanceRate` that makers want to show. */
  get depthLots(): number {
    const calm = this.#meanReturn <= MARKET.calmReturn ? 1 : MARKET.calmReturn / this.#meanReturn
    const factor = Math.max(MARKET.depthFactorMin, calm)
    return (factor * this.#depthNotional) / (this.fairTicks * this.spec.tickValue)
  }

  /** An immediate-or-cancel order meets the makers; returns its matches, one for each price. */
  take(order: MarketOrder, time: number): Match[] {
    const { book } = (this.#open ??= this.#layOut())
    const matches = byPrice(book.immediateOrCancel(order))
    this.alertUntil = time + MARKET.depthAlertMs
    for (const match of matches) this.print(order.side, match.priceTicks, match.quantityLots)
    return matches
  }

  /** Something took lots from the book: the price will follow from the next step on. */
  push(side: Side, lots: number): void {
    this.displacement.push(side, lots, this.depthLots)
  }

  print(aggressor: Side, priceTicks: number, quantityLots: number): void {
    const { instrument } = this.spec
    this.#prints.push({ type: 'TradePrinted', instrument, priceTicks, quantityLots, aggressor })
  }

  takePrints(): TradePrinted[] {
    const prints = this.#prints
    if (prints.length > 0) this.#prints = []
    return prints
  }

  /** The visible book now. */
  depth(): { bids: BookLevel[]; asks: BookLevel[] } {
    if (this.#open !== undefined) {
      const { book } = this.#open
      return { bids: book.levels('buy'), asks: book.levels('sell') }
    }
    const { bids, asks } = this.makers.quotes(this)
    return { bids: bids.filter(isShown), asks: asks.filter(isShown) }
  }

  /** The step is over: makers take note of what is gone. */
  settle(): void {
    if (this.#open === undefined) return
    this.makers.readBack(this.#open.quotes, this.#open.book)
    this.#open = undefined
  }

  /** What decides this market's future, for the state hash. */
  state(): Float64Array {
    const { venue, index } = this.displacement
    const [bids = [], asks = []] = this.makers.state()
    return Float64Array.of(
      this.pathTicks,
      venue,
      index,
      this.#meanReturn,
      this.shock,
      ...bids,
      ...asks,
    )
  }

  #layOut(): OpenBook {
    const quotes = this.makers.quotes(this)
    return { quotes, book: this.makers.layOut(quotes) }
  }
}

function isShown(level: BookLevel): boolean {
  return level.quantityLots > 0
}

/** Joins the matches of one order at one price. */
function byPrice(matches: readonly Match[]): Match[] {
  const joined: Match[] = []
  for (const match of matches) {
    const last = joined.at(-1)
    if (last?.priceTicks !== match.priceTicks) joined.push(match)
    else
      joined[joined.length - 1] = { ...last, quantityLots: last.quantityLots + match.quantityLots }
  }
  return joined
}
