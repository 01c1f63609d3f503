import type {
  BookTopUpdated,
  FundingRateUpdated,
  IndexComponentPriced,
  MarketDataEvent,
  TradePrinted,
} from '@sluice/contracts/generated/events'
import { isCrossed } from './book.ts'
import { onBookDepthChanged, onWholeBook } from './book-handlers.ts'
import { deadlineOf } from './deadlines.ts'
import {
  followBest,
  listed,
  marketChanged,
  refuse,
  refuseCrossed,
  refuseNotPositive,
  type Context,
} from './following.ts'
import { price } from './pricing.ts'
import type { PriceHandlers } from './handlers.ts'
import type { PriceSettings } from './settings.ts'
import { noteSourceChange, roundComplete, sourceOf, stagePrice } from './sources.ts'
import type { Instrument, PriceState } from './state.ts'
import { setDeadline } from './state.ts'

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
      onWholeBook(state, { ...event, updateId: null }, { settings, turn })
    },
    BookSnapshotTaken: (state, event, turn) => {
      onWholeBook(state, event, { settings, turn })
    },
    BookDepthChanged: (state, event, turn) => {
      onBookDepthChanged(state, event, { settings, turn })
    },
    FundingRateUpdated: (state, event, turn) => {
      onFundingRate(state, event, { settings, turn })
    },
  }
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
  if (isCrossed([top.bidTicks, top.askTicks])) {
    refuseCrossed(turn, top.instrument, [top.bidTicks, top.askTicks])
    return
  }

  followBest(state, instrument, { ...context, best: [top.bidTicks, top.askTicks] })
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

function sideGood(priceTicks: number, quantityLots: number): boolean {
  return priceTicks > 0 ? quantityLots > 0 : priceTicks === 0 && quantityLots === 0
}
