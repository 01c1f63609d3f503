import type {
  BookLiquidityUpdated,
  InstrumentListed,
  MarkPriceUpdated,
  PriceEvent,
  ReferenceDataEvent,
} from '@sluice/contracts/generated/events'
import { followMark } from './cascades.ts'
import type { AnalyticsHandlers, AnalyticsTurn } from './handlers.ts'
import { ignore, listed, refuse, schedule } from './handlers.ts'
import { heatMapDueAt, leftBin, noteBook, publishHeatMap } from './heat.ts'
import { noteMark } from './lineage.ts'
import type { AnalyticsSettings } from './settings.ts'
import type { AnalyticsState, Market } from './state.ts'
import { newMarket, openCascades } from './state.ts'

export interface Context {
  readonly settings: AnalyticsSettings
  readonly turn: AnalyticsTurn
}

export function referenceHandlers(): AnalyticsHandlers<ReferenceDataEvent> {
  return {
    InstrumentListed: onListed,
    InstrumentHalted: ignore,
    InstrumentResumed: ignore,
    RiskTiersSet: ignore,
    LiquidationPolicySet: ignore,
    PriceSourcesSet: ignore,
    InsurancePoolSet: ignore,
  }
}

export function priceHandlers(settings: AnalyticsSettings): AnalyticsHandlers<PriceEvent> {
  return {
    MarkPriceUpdated: (state, event, turn) => {
      onMark(state, event, { settings, turn })
    },
    BookLiquidityUpdated: (state, event, turn) => {
      onBook(state, event, { settings, turn })
    },
    BookDistrusted: ignore,
    BookTrusted: ignore,
    IndexPriceUpdated: ignore,
    PriceQualityChanged: ignore,
    PriceSourceExcluded: ignore,
    PriceSourceRestored: ignore,
    InputRefused: ignore,
  }
}

/** A new lot or tick size: what is counted in the old ones cannot be compared with what comes. */
function onListed(state: AnalyticsState, record: InstrumentListed, turn: AnalyticsTurn): void {
  const { instrument, version } = record
  const market = state.markets.get(instrument)
  const tickValue = record.lotSize.times(record.tickSize)
  if (market === undefined) {
    state.markets.set(instrument, newMarket(instrument, { version, tickValue }))
    return
  }
  if (version <= market.listing.version) {
    const known = String(market.listing.version)
    const detail = `InstrumentListed of ${instrument}: version ${String(version)} is not above ${known}`
    refuse(turn, 'version_behind', `${detail}, which is in force: publish a higher version`)
    return
  }
  const redefined = !market.listing.tickValue.eq(tickValue)
  market.listing = { version, tickValue }
  if (redefined) market.marks = []
}

function onMark(state: AnalyticsState, event: MarkPriceUpdated, context: Context): void {
  const { settings, turn } = context
  const market = listed(state, event, turn)
  if (market === undefined) return
  if (leftBin(market, event.markTicks)) market.heat.changed = true
  noteMark(market, {
    time: event.meta.time,
    ticks: event.markTicks,
    windowMs: 2 * settings.lineageWindowMs,
  })
  for (const cascade of openCascades(market)) followMark(cascade, event.markTicks)
  publishIfDue(state, market, context)
}

function onBook(state: AnalyticsState, event: BookLiquidityUpdated, context: Context): void {
  const market = listed(state, event, context.turn)
  if (market === undefined) return
  noteBook(market.heat, event)
  publishIfDue(state, market, context)
}

/** At once when the interval is over; otherwise a tick is asked for. */
export function publishIfDue(state: AnalyticsState, market: Market, context: Context): void {
  const { settings, turn } = context
  const dueAt = heatMapDueAt(market, settings.heatMapIntervalMs)
  if (dueAt <= turn.now) publishHeatMap(market, settings, turn)
  schedule(state, market, settings)
}
