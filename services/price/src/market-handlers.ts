import type {
  BookDepthUpdated,
  BookTopUpdated,
  FundingRateUpdated,
  IndexComponentPriced,
  MarketDataEvent,
  PriceEvent,
  TradePrinted,
} from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import { deadlineOf } from './deadlines.ts'
import { faultOfLevels, liquidityDueAt } from './liquidity.ts'
import { price } from './pricing.ts'
import type { PriceHandlers } from './handlers.ts'
import { publishLiquidity } from './publish-liquidity.ts'
import type { PriceRefusal } from './refusals.ts'
import type { PriceSettings } from './settings.ts'
import { noteSourceChange, roundComplete, sourceOf, stagePrice } from './sources.ts'
import type { Instrument, PriceState } from './state.ts'
import { setDeadline } from './state.ts'

type PriceTurn = Turn<PriceEvent>

export function marketHandlers(settings: PriceSettings): PriceHandlers<MarketDataEvent> {
  return {
    IndexComponentPriced: (state, event, turn) => {
      onComponent(state, event, { settings, turn })
    },
    TradePrinted: (state, event, turn) => {
      onTrade(state, event, { settings, turn })
    },
    BookTopUpdated: (state, event, turn) => {
      onBookTop(state, event, { settings, turn })
    },
    BookDepthUpdated: (state, event, turn) => {
      onBookDepth(state, event, { settings, turn })
    },
    FundingRateUpdated: (state, event, turn) => {
      onFundingRate(state, event, { settings, turn })
    },
  }
}

interface Context {
  readonly settings: PriceSettings
  readonly turn: PriceTurn
}

/** The last source of a round prices the instrument at once; otherwise a tick does, one mark interval later. */
function onComponent(state: PriceState, priced: IndexComponentPriced, context: Context): void {
  const { settings, turn } = context
  const instrument = listed(state, priced, turn)
  if (instrument === undefined) return
  const source = sourceOf(instrument, priced.source)
  if (source === undefined) {
    const detail = `${priced.source} is not a source of ${priced.instrument}: name it in PriceSourcesSet`
    refuse(turn, 'source_unknown', detail)
    return
  }
  if (!(priced.priceTicks > 0)) {
    refuseNotPositive(turn, priced)
    return
  }

  stagePrice(source, priced, {
    now: turn.now,
    eventId: turn.inputId,
    skewMaxMs: settings.sourceSkewMaxMs,
  })
  noteSourceChange(instrument, turn.now)
  if (roundComplete(instrument) && intervalOver(instrument, turn.now)) {
    price(instrument, settings, turn)
  }
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

function intervalOver({ rules, pricedAt, indexTicks }: Instrument, now: number): boolean {
  return rules !== null && (indexTicks === 0 || now >= pricedAt + rules.markIntervalMs)
}

function onTrade(state: PriceState, trade: TradePrinted, context: Context): void {
  const { turn } = context
  const instrument = listed(state, trade, turn)
  if (instrument === undefined) return
  if (!(trade.priceTicks > 0 && trade.quantityLots > 0)) {
    refuseNotPositive(turn, trade)
    return
  }

  const moved = trade.priceTicks !== instrument.tradeTicks
  instrument.tradeTicks = trade.priceTicks
  instrument.tradedAt = turn.now
  instrument.tradeId = turn.inputId
  if (moved) marketChanged(state, instrument, context.settings)
}

/** A side with price and quantity 0 is empty. */
function onBookTop(state: PriceState, top: BookTopUpdated, context: Context): void {
  const { turn } = context
  const instrument = listed(state, top, turn)
  if (instrument === undefined) return
  if (!sideGood(top.bidTicks, top.bidLots) || !sideGood(top.askTicks, top.askLots)) {
    refuseNotPositive(turn, top)
    return
  }
  if (crossed(top.bidTicks, top.askTicks)) {
    refuseCrossed(turn, top.instrument, [top.bidTicks, top.askTicks])
    return
  }

  followBest(state, instrument, { ...context, best: [top.bidTicks, top.askTicks] })
}

/** The book is summed at once, or when its interval is over; one that comes before that replaces it. */
function onBookDepth(state: PriceState, depth: BookDepthUpdated, context: Context): void {
  const { settings, turn } = context
  const instrument = listed(state, depth, turn)
  if (instrument === undefined) return
  const { bids, asks } = depth
  const fault = faultOfLevels(bids, 'bid') ?? faultOfLevels(asks, 'ask')
  if (fault !== undefined) {
    refuse(turn, 'book_unsound', `book of ${depth.instrument}: ${fault}`)
    return
  }
  const best: Best = [bids[0]?.priceTicks ?? 0, asks[0]?.priceTicks ?? 0]
  if (crossed(best[0], best[1])) {
    refuseCrossed(turn, depth.instrument, best)
    return
  }

  followBest(state, instrument, { ...context, best })
  if (instrument.rules === null) return
  instrument.staged = { bids, asks, eventId: turn.inputId }
  if (liquidityDueAt(instrument) <= turn.now) publishLiquidity(instrument, settings, turn)
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

function onFundingRate(state: PriceState, funding: FundingRateUpdated, context: Context): void {
  const { turn } = context
  const instrument = listed(state, funding, turn)
  if (instrument === undefined) return
  instrument.fundingRate = funding.rate
  instrument.nextFundingAt = funding.nextFundingAt
  instrument.fundingId = turn.inputId
  marketChanged(state, instrument, context.settings)
}

type Best = readonly [bidTicks: number, askTicks: number]

function followBest(
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
function marketChanged(state: PriceState, instrument: Instrument, settings: PriceSettings): void {
  if (instrument.change !== 'none' || instrument.indexTicks === 0) return
  instrument.change = 'market'
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

function listed(
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

function sideGood(priceTicks: number, quantityLots: number): boolean {
  return priceTicks > 0 ? quantityLots > 0 : priceTicks === 0 && quantityLots === 0
}

function crossed(bidTicks: number, askTicks: number): boolean {
  return bidTicks > 0 && askTicks > 0 && bidTicks >= askTicks
}

function refuseCrossed(turn: PriceTurn, instrument: string, [bid, ask]: Best): void {
  const detail = `book of ${instrument}: best bid ${String(bid)} is not below best ask ${String(ask)}`
  refuse(turn, 'book_unsound', detail)
}

function refuseNotPositive(
  turn: PriceTurn,
  { type, instrument }: { readonly type: string; readonly instrument: string },
): void {
  const detail = `${type} of ${instrument}: price and quantity must be above 0`
  refuse(turn, 'number_out_of_range', detail)
}

function refuse(turn: PriceTurn, reason: PriceRefusal, detail: string): void {
  turn.refuse(reason, detail)
}
