import type { Decimal } from '@sluice/domain/decimal'
import type { BookLevel, LiquidityBand } from '@sluice/contracts/generated/events'
import { bestOf, type Book, type BookSide } from './book.ts'
import { shareOfTicks } from './rate.ts'
import type { BandLots, Instrument, PublishedLiquidity } from './state.ts'

/** What the book holds, ready to be published. */
export interface BookLiquidity {
  readonly bidTicks: number
  readonly askTicks: number
  readonly bands: readonly LiquidityBand[]
}

/**
 * Sums the visible book within each distance from the mid price.
 *
 *   bid counts if mid − price ≤ rate × mid,  ask counts if price − mid ≤ rate × mid,  mid = (bid + ask) / 2
 *
 * With one side empty the other side's best price stands for the mid price; an empty side has best price 0. Exact, since slices are sized by
 * these lots: distances are whole half ticks.
 */
export function liquidityOf(book: Book, distanceRates: readonly Decimal[]): BookLiquidity {
  const [bidTicks, askTicks] = bestOf(book)
  const doubleMid = (bidTicks === 0 ? askTicks : bidTicks) + (askTicks === 0 ? bidTicks : askTicks)
  const bands = distanceRates.map(distanceRate => {
    const reach = shareOfTicks(distanceRate, doubleMid)
    return {
      distanceRate,
      bidLots: lotsWithin(book.bids, doubleMid, reach),
      askLots: lotsWithin(book.asks, doubleMid, reach),
    }
  })
  return { bidTicks, askTicks, bands }
}

/** Levels are best first, so the first one out of reach ends the sum. */
function lotsWithin({ ticks, lots }: BookSide, doubleMid: number, reach: number): number {
  let sum = 0
  for (let level = 0; level < ticks.length; level += 1) {
    if (Math.abs(2 * (ticks[level] ?? 0) - doubleMid) > reach) break
    sum += lots[level] ?? 0
  }
  return sum
}

/** Whether the best price moved, or the lots of a band changed by more than `changeRate` of what was published. */
export function changedMaterially(
  published: PublishedLiquidity | null,
  book: BookLiquidity,
  changeRate: number,
): boolean {
  if (published === null) return true
  if (published.bidTicks !== book.bidTicks || published.askTicks !== book.askTicks) return true
  if (published.bands.length !== book.bands.length) return true
  return book.bands.some((band, index) => bandChanged(published.bands[index], band, changeRate))
}

function bandChanged(before: BandLots | undefined, now: BandLots, rate: number): boolean {
  if (before === undefined) return true
  return (
    Math.abs(now.bidLots - before.bidLots) > rate * before.bidLots ||
    Math.abs(now.askLots - before.askLots) > rate * before.askLots
  )
}

/** When the book that waits may be published; Infinity without one. */
export function liquidityDueAt(instrument: Instrument): number {
  if (instrument.stagedId === null || instrument.rules === null) return Infinity
  const published = instrument.liquidity
  return published === null ? 0 : published.at + instrument.rules.liquidityIntervalMs
}

/** What is wrong with a side of a book, in words; undefined when its levels are best first and hold something. */
export function faultOfLevels(
  levels: readonly BookLevel[],
  side: 'bid' | 'ask',
): string | undefined {
  let best = side === 'bid' ? Infinity : 0
  for (const { priceTicks, quantityLots } of levels) {
    if (!(priceTicks > 0 && quantityLots > 0))
      return `a level of the ${side}s has no price or no lots`
    if (side === 'bid' ? priceTicks >= best : priceTicks <= best)
      return `${side}s are not best first`
    best = priceTicks
  }
  return undefined
}
