import type { BookDepthChanged, PriceEvent } from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import {
  apply,
  bestOf,
  distrust,
  follows,
  imageOfWhole,
  isBehind,
  isCrossed,
  keep,
  keptSince,
  load,
  type BookChange,
  type WholeBook,
} from './book.ts'
import { deadlineOf } from './deadlines.ts'
import { followBest, listed, refuse, refuseCrossed, type Context } from './following.ts'
import { faultOfLevels, liquidityDueAt } from './liquidity.ts'
import { publishLiquidity } from './publish-liquidity.ts'
import type { Instrument, PriceState } from './state.ts'
import { setDeadline } from './state.ts'

/** A whole book: one with an update id, which changes go on from, or one that stands for itself. */
export function onWholeBook(
  state: PriceState,
  whole: WholeBook & { readonly instrument: string },
  context: Context,
): void {
  const { turn } = context
  const instrument = listed(state, whole, turn)
  if (instrument === undefined) return
  const { bids, asks } = whole
  const fault = faultOfLevels(bids, 'bid') ?? faultOfLevels(asks, 'ask')
  if (fault !== undefined) {
    refuse(turn, 'book_unsound', `book of ${whole.instrument}: ${fault}`)
    return
  }
  const best = [bids[0]?.priceTicks ?? 0, asks[0]?.priceTicks ?? 0] as const
  if (isCrossed(best)) {
    refuseCrossed(turn, whole.instrument, best)
    return
  }

  adoptWhole(state, instrument, { whole, context })
}

/** Adopts a whole book with what is known to follow it, or keeps it in case the venue counts anew. */
function adoptWhole(
  state: PriceState,
  instrument: Instrument,
  { whole, context }: { readonly whole: WholeBook; readonly context: Context },
): void {
  const { book } = instrument
  const isOlder =
    book.status === 'known' && (whole.updateId ?? Infinity) < (book.updateId ?? -Infinity)
  const rest = keptSince(book, whole)
  if (isOlder || rest === undefined) {
    book.older = imageOfWhole(whole)
    return
  }
  showWhole(state, instrument, { whole, rest, context })
}

function showWhole(
  state: PriceState,
  instrument: Instrument,
  shown: {
    readonly whole: WholeBook
    readonly rest: readonly BookChange[]
    readonly context: Context
  },
): void {
  const { whole, rest, context } = shown
  const { book } = instrument
  const wasDistrusted = book.status === 'distrusted'
  load(book, whole)
  for (const change of rest) apply(book, change)
  if (isCrossed(bestOf(book))) {
    // Still distrusted: the kept changes contradict the whole book.
    if (wasDistrusted) distrust(book, null)
    else lose(state, instrument, { reason: 'book_crossed', at: null, first: null, context })
    return
  }
  if (wasDistrusted) {
    const { instrument: name } = instrument
    context.turn.emit({ type: 'BookTrusted', instrument: name, updateId: book.updateId })
  }
  showBook(state, instrument, context)
}

/** Levels of a book that changed: applied if they follow, passed over if the book has them, else the book is distrusted. */
export function onBookDepthChanged(
  state: PriceState,
  change: BookDepthChanged,
  context: Context,
): void {
  const instrument = listed(state, change, context.turn)
  if (instrument === undefined) return
  // A sign of life.
  if (change.lastUpdateId === change.previousUpdateId) return

  const { book } = instrument
  const { older } = book
  const isKnown = book.status === 'known' && book.updateId !== null
  if (older !== null && follows(older.updateId, change) && (!isKnown || isBehind(book, change)))
    showWhole(state, instrument, { whole: older, rest: [change], context })
  else if (book.status === 'distrusted') keep(book, change)
  else if (!isKnown) loseAt(state, instrument, { reason: 'snapshot_missing', change, context })
  else if (isBehind(book, change)) return
  else if (follows(book.updateId, change)) applyChange(state, instrument, { change, context })
  else loseAt(state, instrument, { reason: 'updates_missing', change, context })
}

function applyChange(
  state: PriceState,
  instrument: Instrument,
  { change, context }: { readonly change: BookChange; readonly context: Context },
): void {
  apply(instrument.book, change)
  if (isCrossed(bestOf(instrument.book)))
    lose(state, instrument, { reason: 'book_crossed', at: null, first: null, context })
  else showBook(state, instrument, context)
}

/** The book is summed at once, or when its interval is over, as it is then. */
function showBook(state: PriceState, instrument: Instrument, context: Context): void {
  const { settings, turn } = context
  followBest(state, instrument, { ...context, best: bestOf(instrument.book) })
  if (instrument.rules === null) return
  instrument.stagedId = turn.inputId
  if (liquidityDueAt(instrument) <= turn.now) publishLiquidity(instrument, settings, turn)
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

type Loss = 'snapshot_missing' | 'updates_missing' | 'book_crossed'

const loseAt = (
  state: PriceState,
  instrument: Instrument,
  {
    reason,
    change,
    context,
  }: { readonly reason: Loss; readonly change: BookChange; readonly context: Context },
): void => {
  lose(state, instrument, { reason, at: change.previousUpdateId, first: change, context })
}

/** The book is not known any more. That its liquidity is nothing is said at once: orders are sized by it. */
function lose(
  state: PriceState,
  instrument: Instrument,
  loss: {
    readonly reason: Loss
    readonly at: number | null
    readonly first: BookChange | null
    readonly context: Context
  },
): void {
  const { reason, at, first, context } = loss
  const turn: Turn<PriceEvent> = context.turn
  const { instrument: name, book } = instrument
  const { updateId } = book
  turn.emit({ type: 'BookDistrusted', instrument: name, reason, updateId, nextUpdateId: at })
  distrust(book, first)
  followBest(state, instrument, { ...context, best: [0, 0] })
  if (instrument.liquidity === null) return
  instrument.stagedId = turn.inputId
  publishLiquidity(instrument, context.settings, turn)
  setDeadline(state, instrument, deadlineOf(instrument, context.settings))
}
