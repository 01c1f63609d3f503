import type {
  BookLiquidityUpdated,
  MarkPriceUpdated,
  PriceQuality,
  PriceQualityChanged,
} from '@sluice/contracts/generated/events'
import { newBook } from './book.ts'
import type { Context } from './context.ts'
import { isUsable } from './pauses.ts'
import { liquidationsByScope } from './state.ts'
import type { Liquidation, State } from './state.ts'

/** Liquidations that hold a position in the instrument, by scope. */
export function holdersOf(state: State, instrument: string): readonly Liquidation[] {
  return liquidationsByScope(state).filter(({ statement }) =>
    statement.positions.some(position => position.instrument === instrument),
  )
}

/** Remembers the mark. Nobody is looked at unless the price becomes usable, or ceases to be. */
export function onMarkPrice(
  { state, turn }: Context,
  mark: MarkPriceUpdated,
): readonly Liquidation[] {
  const { instrument, markTicks, quality } = mark
  const before = state.marks.get(instrument)
  state.marks.set(instrument, { eventId: turn.inputId, markTicks, quality })
  return whoCares(state, instrument, { from: before?.quality, to: quality })
}

export function onPriceQuality(
  { state }: Context,
  { instrument, to }: PriceQualityChanged,
): readonly Liquidation[] {
  const before = state.marks.get(instrument)
  if (before === undefined) return []
  state.marks.set(instrument, { ...before, quality: to })
  return whoCares(state, instrument, { from: before.quality, to })
}

function whoCares(
  state: State,
  instrument: string,
  { from, to }: { from: PriceQuality | undefined; to: PriceQuality },
): readonly Liquidation[] {
  return isUsable(from) === isUsable(to) ? [] : holdersOf(state, instrument)
}

/** Remembers the book. Those who wait for it are offered what it shows. */
export function onBookLiquidity(
  { state, turn }: Context,
  { instrument, bidTicks, askTicks, bands }: BookLiquidityUpdated,
): void {
  const shown = { eventId: turn.inputId, at: turn.now, bidTicks, askTicks }
  state.books.set(instrument, newBook(shown, bands))
}
