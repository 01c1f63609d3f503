import type {
  CascadeAnalyticsEvent,
  LiquidationExecutionEvent,
  MarginEvaluationEvent,
  PriceEvent,
  ReferenceDataEvent,
} from '@sluice/contracts/generated/events'
import type { RefusalReason } from '@sluice/contracts/refusals'
import type { Handlers, Turn } from '@sluice/stream-runtime/processor'
import { closesAt } from './cascades.ts'
import { heatMapDueAt } from './heat.ts'
import type { AnalyticsSettings } from './settings.ts'
import type { AnalyticsState, Market } from './state.ts'
import { setDeadline } from './state.ts'

export type AnalyticsInput =
  ReferenceDataEvent | PriceEvent | MarginEvaluationEvent | LiquidationExecutionEvent

export type AnalyticsTurn = Turn<CascadeAnalyticsEvent>

/** The part of the table of handlers that takes these inputs. */
export type AnalyticsHandlers<In extends { readonly type: string }> = Handlers<
  AnalyticsState,
  In,
  CascadeAnalyticsEvent
>

/** Reasons for which this service refuses an input that was decoded. */
export type AnalyticsRefusal = Extract<
  RefusalReason,
  'instrument_unknown' | 'number_out_of_range' | 'version_behind'
>

/** What an event of others that says nothing to this service leads to. */
export function ignore(): void {
  // Nothing is noted.
}

/** The market of an event; an instrument nobody listed is refused. */
export function listed(
  state: AnalyticsState,
  { type, instrument }: { readonly type: string; readonly instrument: string },
  turn: AnalyticsTurn,
): Market | undefined {
  const market = state.markets.get(instrument)
  if (market === undefined) {
    refuse(
      turn,
      'instrument_unknown',
      `${type}: ${instrument} is not listed: publish InstrumentListed`,
    )
  }
  return market
}

export function refuse(turn: AnalyticsTurn, reason: AnalyticsRefusal, detail: string): void {
  turn.refuse(reason, detail)
}

/** Asks for the tick that the market wants next: a cascade that is over, a heat map that is due. */
export function schedule(state: AnalyticsState, market: Market, settings: AnalyticsSettings): void {
  const heatMapAt = heatMapDueAt(market, settings.heatMapIntervalMs)
  setDeadline(state, market, Math.min(closesAt(market, settings.gapMs), heatMapAt))
}
