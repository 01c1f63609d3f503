import type { BookLevel, Side } from '@sluice/contracts/generated/events'
import { OrderBook } from './order-book.ts'
import { MARKET } from './parameters.ts'

/** The quotes of one side: best price first. */
export interface Quotes {
  readonly bids: BookLevel[]
  readonly asks: BookLevel[]
}

/** Where makers quote around, and how much. */
export interface Quoting {
  /** Fair price of the venue [ticks, fractional] */
  readonly fairTicks: number
  /** Lots per side within `depthDistanceRate` that makers want to show now */
  readonly depthLots: number
}

const LEVELS = MARKET.bookLevels
const REPLENISHED = 1e-4

/** Distance of each level from the fair price: half the spread, then quadratic out to the reach (finer near the price). */
const DISTANCES = Float64Array.from({ length: LEVELS }, (_, level) => {
  const step = level / (LEVELS - 1)
  return MARKET.halfSpreadRate + (MARKET.bookReachRate - MARKET.halfSpreadRate) * step * step
})

/** Part of `depthLots` at each level: density is even in price, so each level carries the distance to the one before. */
const SHARES = DISTANCES.map((distance, level) => {
  const before = level === 0 ? 0 : (DISTANCES[level - 1] ?? 0)
  return (distance - before) / MARKET.depthDistanceRate
})

/**
 * The makers of one instrument. They want an even density of lots in price on both sides of the fair price; what was eaten
 * at a level comes back with a half-life, and moves along when the fair price does. Between forced orders the book is a function of
 * this state and is not kept; for a forced order it is laid out as resting orders (`layOut`) and read back (`readBack`).
 */
export class Makers {
  /** Part of each level's target that was eaten and is not yet quoted again, 0 to 1 */
  readonly #eatenBids = new Float64Array(LEVELS)
  readonly #eatenAsks = new Float64Array(LEVELS)
  #anyEaten = false

  /** Lets a time pass. */
  replenish(elapsedMs: number): void {
    if (!this.#anyEaten) return
    const left = halved(elapsedMs, MARKET.replenishHalfLifeMs)
    const bids = decay(this.#eatenBids, left)
    const asks = decay(this.#eatenAsks, left)
    this.#anyEaten = bids || asks
  }

  quotes(quoting: Quoting): Quotes {
    return {
      bids: quotesOf('buy', quoting, this.#eatenBids),
      asks: quotesOf('sell', quoting, this.#eatenAsks),
    }
  }

  /** The quotes as resting orders, each level shared by makers in a fixed order of time priority. */
  layOut(quotes: Quotes): OrderBook {
    const book = new OrderBook()
    for (const level of quotes.bids) rest(book, 'buy', level)
    for (const level of quotes.asks) rest(book, 'sell', level)
    return book
  }

  /** Remembers what is gone from the quotes that were laid out. */
  readBack(quotes: Quotes, book: OrderBook): void {
    this.#note(this.#eatenBids, quotes.bids, level => book.lotsAt('buy', level.priceTicks))
    this.#note(this.#eatenAsks, quotes.asks, level => book.lotsAt('sell', level.priceTicks))
  }

  /** What decides the future of these quotes, for the state hash. */
  state(): Float64Array[] {
    return [this.#eatenBids, this.#eatenAsks]
  }

  #note(
    eaten: Float64Array,
    levels: readonly BookLevel[],
    leftOf: (level: BookLevel) => number,
  ): void {
    levels.forEach((level, index) => {
      if (level.quantityLots === 0) return
      const shown = 1 - (eaten[index] ?? 0)
      eaten[index] = 1 - (shown * leftOf(level)) / level.quantityLots
      this.#anyEaten = true
    })
  }
}

/** 2^(−elapsed / halfLife) */
export function halved(elapsedMs: number, halfLifeMs: number): number {
  return Math.exp((-Math.LN2 * elapsedMs) / halfLifeMs)
}

/** Every level keeps its place, with no lots where all is eaten, so that it can be read back by index. */
function quotesOf(side: Side, { fairTicks, depthLots }: Quoting, eaten: Float64Array): BookLevel[] {
  const levels: BookLevel[] = []
  let before = side === 'buy' ? Infinity : 0
  for (let level = 0; level < LEVELS; level += 1) {
    const distance = DISTANCES[level] ?? 0
    const priceTicks =
      side === 'buy'
        ? Math.min(before - 1, Math.floor(fairTicks * (1 - distance)))
        : Math.max(before + 1, Math.ceil(fairTicks * (1 + distance)))
    if (priceTicks < 1) break
    const target = depthLots * (SHARES[level] ?? 0)
    levels.push({ priceTicks, quantityLots: Math.floor(target * (1 - (eaten[level] ?? 0))) })
    before = priceTicks
  }
  return levels
}

function rest(book: OrderBook, side: Side, { priceTicks, quantityLots }: BookLevel): void {
  let left = quantityLots
  MARKET.makerShares.forEach((share, maker) => {
    const isLast = maker === MARKET.makerShares.length - 1
    const lots = isLast ? left : Math.min(left, Math.ceil(quantityLots * share))
    left -= lots
    if (lots > 0)
      book.place(`maker-${maker}/${priceTicks}`, {
        side,
        quantityLots: lots,
        limitTicks: priceTicks,
      })
  })
}

/** Multiplies, and drops what is as good as nothing. Whether any is left. */
function decay(eaten: Float64Array, left: number): boolean {
  let any = false
  eaten.forEach((part, level) => {
    const after = part * left
    eaten[level] = after < REPLENISHED ? 0 : after
    any ||= after >= REPLENISHED
  })
  return any
}
