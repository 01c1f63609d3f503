import { approximate } from '@sluice/domain/decimal'
import type { LiquidityBand, Side } from '@sluice/contracts/generated/events'
import type { Book, FilledLots, Liquidation, PlacedOrder, Policy, State } from './state.ts'

/** One side of one book, as an order of `side` sees it: a sell hits bids. */
export interface BookSide {
  readonly instrument: string
  readonly side: Side
}

const NOTHING: FilledLots = { lots: 0, until: -Infinity }

/** What a book shows, with the reach of each band; none of our lots have been filled since. Bands are sorted, narrowest first. */
export function newBook(
  shown: Pick<Book, 'eventId' | 'at' | 'bidTicks' | 'askTicks'>,
  bands: readonly LiquidityBand[],
): Book {
  const doubleMid = doubleMidOf(shown)
  const withReach = bands.map(band => ({
    distanceRate: band.distanceRate,
    bidLots: band.bidLots,
    askLots: band.askLots,
    reachHalfTicks: band.distanceRate.times(doubleMid).floor().toNumber(),
  }))
  withReach.sort((a, b) => a.distanceRate.comparedTo(b.distanceRate))
  return { ...shown, bands: withReach, filled: { buy: null, sell: null } }
}

/** Twice the mid price; with one side empty the other side's best price stands for it, as in the bands of the price service. */
function doubleMidOf({ bidTicks, askTicks }: Pick<Book, 'bidTicks' | 'askTicks'>): number {
  return (bidTicks === 0 ? askTicks : bidTicks) + (askTicks === 0 ? bidTicks : askTicks)
}

/**
 * Lots that an order of `side` can count on: those of the widest band within the policy's distance and, with `limitTicks`, of that as
 * far as the limit. Nothing is visible where no band is that narrow, or where the best price is beyond the limit.
 *
 *   visible = l + ⌊(l' − l)·(d − s) / (d' − s)⌋, at least 1,   s = max(b, distance of the best price)
 *
 *   d distance of the limit from the mid price; b, l reach and lots of the widest band that ends within the limit (none: 0); d', l' of the
 *   first that does not [half ticks, lots]. Rates have nine digits, so that doubles tell which is larger. A band says how many lots lie within a distance, not where; between two bands, or from the
 *   best price on, an even density in price is taken, as makers quote.
 */
export function visibleLots(
  book: Book | undefined,
  side: Side,
  { bookDistanceRate, limitTicks }: Pick<Policy, 'bookDistanceRate'> & { limitTicks?: number },
): number {
  if (book === undefined) return 0
  const limit = limitTicks === undefined ? Infinity : distanceOf(book, side, limitTicks)
  const best = distanceOf(book, side, side === 'sell' ? book.bidTicks : book.askTicks)
  if (limit < best) return 0
  let reach = 0
  let visible = 0
  const widest = approximate(bookDistanceRate)
  for (const band of book.bands) {
    if (approximate(band.distanceRate) > widest) break
    const lots = side === 'sell' ? band.bidLots : band.askLots
    if (band.reachHalfTicks > limit) {
      const start = Math.max(reach, best)
      if (lots === visible || band.reachHalfTicks <= start) return visible
      const part = (limit - start) / (band.reachHalfTicks - start)
      return Math.max(1, visible + Math.floor((lots - visible) * Math.max(0, part)))
    }
    reach = band.reachHalfTicks
    visible = lots
  }
  return visible
}

/** Distance from the mid price to a price on the side that is hit [half ticks]; below zero beyond the mid price. */
function distanceOf(book: Book, side: Side, ticks: number): number {
  const distance = doubleMidOf(book) - 2 * ticks
  return side === 'sell' ? distance : -distance
}

/**
 * Lots of the visible book that are spoken for: of our own orders that work, and of those filled since the book was published.
 *
 * A new book shows the fills before it. So does silence: the price service publishes a book that has changed, so that what was filled
 * counts no longer than the policy's cool-down, which is the time it gives a book to come back.
 */
export function spokenLots(state: State, of: BookSide, now: number): number {
  const working = state.workingLots[of.side].get(of.instrument) ?? 0
  const filled = state.books.get(of.instrument)?.filled[of.side] ?? NOTHING
  return now < filled.until ? working + filled.lots : working
}

/** A fill that came with the book, or before it, is in it already. */
export function noteFilled(
  state: State,
  { instrument, side, quantityLots }: BookSide & { readonly quantityLots: number },
  { now, cooldownMs }: { readonly now: number; readonly cooldownMs: number },
): void {
  const book = state.books.get(instrument)
  if (book === undefined || now <= book.at) return
  const before = book.filled[side] ?? NOTHING
  const lots = quantityLots + (now < before.until ? before.lots : 0)
  const until = Math.max(now + cooldownMs, before.until)
  state.books.set(instrument, { ...book, filled: { ...book.filled, [side]: { lots, until } } })
}

/** Lots of an order that may still be filled. */
export function openLots({ quantityLots, filledLots, expiredLots }: PlacedOrder): number {
  return Math.max(0, (expiredLots ?? quantityLots) - filledLots)
}

/** The order that a liquidation has in the book, if any. */
export function workingOrder({ stage, orders }: Liquidation): PlacedOrder | undefined {
  return stage.name === 'working' ? orders.get(stage.clientOrderId) : undefined
}

/** Counts lots in, or with a negative number out, of what works on that side. */
export function countWorking(
  { workingLots }: State,
  { instrument, side }: BookSide,
  lots: number,
): void {
  const onSide = workingLots[side]
  onSide.set(instrument, (onSide.get(instrument) ?? 0) + lots)
}
