import type { PriceEvent } from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import { deadlineOf } from './deadlines.ts'
import type { PriceRefusal } from './refusals.ts'
import type { PriceSettings } from './settings.ts'
import type { Instrument, PriceState } from './state.ts'
import { setDeadline } from './state.ts'

type PriceTurn = Turn<PriceEvent>

export interface Context {
  readonly settings: PriceSettings
  readonly turn: PriceTurn
}

export type Best = readonly [bidTicks: number, askTicks: number]

export function followBest(
  state: PriceState,
  instrument: Instrument,
  { best, settings, turn }: Context & { readonly best: Best },
): void {
  const moved = best[0] !== instrument.bidTicks || best[1] !== instrument.askTicks
  instrument.bidTicks = best[0]
  instrument.askTicks = best[1]
  instrument.bookAt = turn.now
  instrument.bookId = turn.inputId
  if (moved) marketChanged(state, instrument, settings)
}

/** Notes a change that is not a source's; only the first one since the last pricing moves the deadline. */
export function marketChanged(
  state: PriceState,
  instrument: Instrument,
  settings: PriceSettings,
): void {
  if (instrument.change !== 'none' || instrument.indexTicks === 0) return
  instrument.change = 'market'
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

export function listed(
  state: PriceState,
  { instrument }: { readonly instrument: string },
  turn: PriceTurn,
): Instrument | undefined {
  const known = state.byName.get(instrument)
  if (known === undefined) {
    refuse(
      turn,
      'instrument_unknown',
      `${instrument} is not listed: publish InstrumentListed first`,
    )
  }
  return known
}

export function refuseCrossed(turn: PriceTurn, instrument: string, [bid, ask]: Best): void {
  const detail = `book of ${instrument}: best bid ${String(bid)} is not below best ask ${String(ask)}`
  refuse(turn, 'book_unsound', detail)
}

export function refuseNotPositive(
  turn: PriceTurn,
  { type, instrument }: { readonly type: string; readonly instrument: string },
): void {
  const detail = `${type} of ${instrument}: price and quantity must be above 0`
  refuse(turn, 'number_out_of_range', detail)
}

export function refuse(turn: PriceTurn, reason: PriceRefusal, detail: string): void {
  turn.refuse(reason, detail)
}
