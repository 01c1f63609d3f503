import type { LiquidityBand, Side } from '@sluice/contracts/generated/events'
import type { Book, Liquidation, PlacedOrder, Policy, State } from './state.ts'

/** One side of one book, as an order of `side` sees it: a sell hits bids. */
export interface BookSide {
  readonly instrument: string
  readonly side: Side
}

export function sideKey({ instrument, side }: BookSide): string {
  return `${side} ${instrument}`
}

/** What a book shows, with the reach of each band; none of our lots have been filled since. Bands are sorted, narrowest first. */
export function newBook(
  shown: Pick<Book, 'eventId' | 'at' | 'bidTicks' | 'askTicks'>,
  bands: readonly LiquidityBand[],
): Book {
  const doubleMid = doubleMidOf(shown)
  const withReach = bands.map(band => ({
    ...band,
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
 * Lots that an order of `side` can count on: those of the widest band that ends within the policy's distance and, with
 * `limitTicks`, within the limit. Nothing is visible where no band is that narrow.
 *
 * A band says how many lots lie within a distance of the mid price, not where: lots between the last band that ends within the limit
 * and the limit itself are not counted. A limit within the narrowest band gets a part of that band's lots in proportion to its distance
 * from the mid price, rounded down: an even density is how makers quote, and the best guess there is.
 */
export function visibleLots(
  book: Book | undefined,
  side: Side,
  { bookDistanceRate, limitTicks }: Pick<Policy, 'bookDistanceRate'> & { limitTicks?: number },
): number {
  if (book === undefined) return 0
  const reach = limitTicks === undefined ? Infinity : reachOf(book, side, limitTicks)
  let visible = 0
  for (const [index, band] of book.bands.entries()) {
    if (band.distanceRate.gt(bookDistanceRate)) break
    const lots = side === 'sell' ? band.bidLots : band.askLots
    if (band.reachHalfTicks <= reach) visible = lots
    else
      return index === 0 ? Math.floor((lots * Math.max(0, reach)) / band.reachHalfTicks) : visible
  }
  return visible
}

/** Distance from the mid price to the limit on the side that is hit [half ticks]; below zero beyond the mid price. */
function reachOf(book: Book, side: Side, limitTicks: number): number {
  const beyond = doubleMidOf(book) - 2 * limitTicks
  return side === 'sell' ? beyond : -beyond
}

/**
 * Lots of the visible book that are spoken for: of our own orders that work, and of those filled since the book was published.
 *
 * A new book shows the fills before it. So does silence: the price service publishes a book that has changed, so that what was filled
 * counts no longer than the policy's cool-down, which is the time it gives a book to come back.
 */
export function spokenLots(state: State, of: BookSide, now: number): number {
  const working = state.workingLots.get(sideKey(of)) ?? 0
  const filled = state.books.get(of.instrument)?.filled[of.side]
  return filled != null && now < filled.until ? working + filled.lots : working
}

/** A fill that came with the book, or before it, is in it already. */
export function noteFilled(
  state: State,
  { instrument, side, quantityLots }: BookSide & { readonly quantityLots: number },
  { now, cooldownMs }: { readonly now: number; readonly cooldownMs: number },
): void {
  const book = state.books.get(instrument)
  if (book === undefined || now <= book.at) return
  const before = book.filled[side]
  const lots = quantityLots + (before !== null && now < before.until ? before.lots : 0)
  const until = Math.max(now + cooldownMs, before?.until ?? 0)
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
export function countWorking(state: State, of: BookSide, lots: number): void {
  const key = sideKey(of)
  state.workingLots.set(key, (state.workingLots.get(key) ?? 0) + lots)
}
