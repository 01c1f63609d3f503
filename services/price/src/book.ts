import type { BookLevel } from '@sluice/contracts/generated/events'

/** Levels of one side, best first: what the wire says of each, in two arrays that are searched and spliced quickly. */
export interface BookSide {
  ticks: number[]
  lots: number[]
}

/** Changes of levels between two updates. */
export interface BookChange {
  readonly previousUpdateId: number
  readonly lastUpdateId: number
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

/** A whole book as of an update; null: of a venue that numbers none. */
export interface WholeBook {
  readonly updateId: number | null
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

/**
 * One instrument's book, kept from whole books and changes.
 *
 *   unseen ──▶ known ──▶ distrusted ──▶ known …
 *
 * A change follows a book that stands at `u` if previousUpdateId ≤ u < lastUpdateId: quantities are absolute, so what of it the book
 * has already does no harm. One that begins later leaves a gap, and the book is distrusted until a whole book comes. One that
 * ends on a smaller number than it begins says that the venue counts anew from there: it follows if it begins where the book stands.
 */
export interface Book {
  status: 'unseen' | 'known' | 'distrusted'
  updateId: number | null
  bids: BookSide
  asks: BookSide
  /** What came while the book was not known, each following the one before: a whole book may be older than these. */
  kept: BookChange[]
  /** A whole book from before: changes that go on from there say that the venue counts anew. */
  older: WholeBook | null
}

/** Levels of a side beyond these are forgotten, the worst first. */
const LEVELS_MAX = 10_000
/** Changes kept for a whole book to come, the newest. */
const KEPT_MAX = 1_000

const emptySide = (): BookSide => ({ ticks: [], lots: [] })

export const emptyBook = (): Book => ({
  status: 'unseen',
  updateId: null,
  bids: emptySide(),
  asks: emptySide(),
  kept: [],
  older: null,
})

/** Best prices; 0 on an empty side. */
export const bestOf = ({ bids, asks }: Book): readonly [bidTicks: number, askTicks: number] => [
  bids.ticks[0] ?? 0,
  asks.ticks[0] ?? 0,
]

export const isCrossed = ([bidTicks, askTicks]: readonly [number, number]): boolean =>
  bidTicks > 0 && askTicks > 0 && bidTicks >= askTicks

const countsAnew = ({ previousUpdateId, lastUpdateId }: BookChange): boolean =>
  lastUpdateId < previousUpdateId

export function follows(updateId: number | null, change: BookChange): boolean {
  if (updateId === null) return false
  const { previousUpdateId, lastUpdateId } = change
  if (countsAnew(change)) return previousUpdateId === updateId
  return previousUpdateId <= updateId && updateId < lastUpdateId
}

/** Whether a change says nothing that the book has not. */
export const isBehind = ({ updateId }: Book, change: BookChange): boolean =>
  updateId !== null && !countsAnew(change) && change.lastUpdateId <= updateId

/** Puts a whole book in the place of this one. */
export function load(book: Book, { updateId, bids, asks }: WholeBook): void {
  book.status = 'known'
  book.updateId = updateId
  book.bids = sideOf(bids)
  book.asks = sideOf(asks)
  book.kept = []
  book.older = null
}

const sideOf = (levels: readonly BookLevel[]): BookSide => ({
  ticks: levels.map(({ priceTicks }) => priceTicks),
  lots: levels.map(({ quantityLots }) => quantityLots),
})

/** Applies a change that follows. */
export function apply(book: Book, change: BookChange): void {
  for (const level of change.bids) setLevel(book.bids, level, -1)
  for (const level of change.asks) setLevel(book.asks, level, 1)
  book.updateId = change.lastUpdateId
  book.older = null
}

/** `order` is 1 where the lowest price is the best, -1 where the highest is. */
function setLevel(side: BookSide, { priceTicks, quantityLots }: BookLevel, order: 1 | -1): void {
  const { ticks, lots } = side
  const at = placeOf(ticks, priceTicks, order)
  const isThere = ticks[at] === priceTicks
  if (quantityLots === 0) {
    if (!isThere) return
    ticks.splice(at, 1)
    lots.splice(at, 1)
  } else if (isThere) lots[at] = quantityLots
  else {
    ticks.splice(at, 0, priceTicks)
    lots.splice(at, 0, quantityLots)
    ticks.length = lots.length = Math.min(ticks.length, LEVELS_MAX)
  }
}

/** Index of the first level that is not better than the price. */
function placeOf(ticks: readonly number[], priceTicks: number, order: 1 | -1): number {
  let low = 0
  let high = ticks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (order * ((ticks[middle] ?? 0) - priceTicks) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Forgets the book; the change that showed it wrong is the first to be kept, if it is good for anything. */
export function distrust(book: Book, first: BookChange | null): void {
  book.status = 'distrusted'
  book.updateId = null
  book.bids = emptySide()
  book.asks = emptySide()
  book.kept = first === null ? [] : [imageOfChange(first)]
  book.older = null
}

/** Keeps a change for a whole book to come. What lies before a gap is no use: no whole book would bridge it. */
export function keep(book: Book, change: BookChange): void {
  const last = book.kept.at(-1)
  if (last !== undefined && !follows(last.lastUpdateId, change)) book.kept = []
  book.kept.push(imageOfChange(change))
  if (book.kept.length > KEPT_MAX) book.kept.shift()
}

/** What of the kept changes a whole book lacks; undefined if there is a gap between. */
export function keptSince(
  { kept }: Book,
  { updateId }: WholeBook,
): readonly BookChange[] | undefined {
  if (updateId === null) return []
  const rest = kept.filter(({ lastUpdateId }) => lastUpdateId > updateId)
  const [first] = rest
  return first === undefined || follows(updateId, first) ? rest : undefined
}

const imageOfLevel = ({ priceTicks, quantityLots }: BookLevel): BookLevel => ({
  priceTicks,
  quantityLots,
})

/** Field by field: decoded events may carry more than the wire's fields, and a snapshot is canonical. */
const imageOfChange = (change: BookChange): BookChange => ({
  previousUpdateId: change.previousUpdateId,
  lastUpdateId: change.lastUpdateId,
  bids: change.bids.map(imageOfLevel),
  asks: change.asks.map(imageOfLevel),
})

export const imageOfWhole = ({ updateId, bids, asks }: WholeBook): WholeBook => ({
  updateId,
  bids: bids.map(imageOfLevel),
  asks: asks.map(imageOfLevel),
})
