import type { FieldSpec, Rule } from '../mapping.ts'
import type { Venue } from '../venues.ts'
import { ABSENT, constant, levels, nearest, passOver, PRESENT, side, startsWith } from './words.ts'

const CHANNEL = '$.params.channel'
const TRADES = { [CHANNEL]: startsWith('trades.'), legs: ABSENT }
const BOOK = { [CHANNEL]: startsWith('book.') }

const liquidation = (of: readonly string[], sides: FieldSpec): Rule => ({
  when: { ...TRADES, liquidation: [...of] },
  event: 'VenueLiquidationReported',
  fields: {
    instrument: 'instrument_name',
    venueId: 'trade_id',
    stage: constant('filled'),
    side: sides,
    quantityLots: 'amount',
    price: 'price',
    venueTime: 'timestamp',
  },
})

/** Levels begin with the word new, change or delete; the quantity says the same. */
const CHANGED = { bids: levels('bids', '1', '2'), asks: levels('asks', '1', '2') }

const books: readonly Rule[] = [
  {
    when: { ...BOOK, type: 'snapshot' },
    event: 'BookSnapshotTaken',
    fields: { instrument: 'instrument_name', updateId: 'change_id', ...CHANGED },
  },
  {
    when: { ...BOOK, type: 'change' },
    event: 'BookDepthChanged',
    fields: {
      instrument: 'instrument_name',
      previousUpdateId: 'prev_change_id',
      lastUpdateId: 'change_id',
      ...CHANGED,
    },
  },
  {
    when: { ...BOOK, type: ABSENT },
    event: 'BookDepthUpdated',
    fields: { instrument: 'instrument_name', bids: levels('bids'), asks: levels('asks') },
  },
]

const TICKER = { [CHANNEL]: startsWith('ticker.'), mark_iv: ABSENT }

const tickers: readonly Rule[] = [
  {
    when: { ...TICKER, best_bid_price: PRESENT, best_ask_price: PRESENT },
    event: 'BookTopUpdated',
    fields: {
      instrument: 'instrument_name',
      bidTicks: 'best_bid_price',
      bidLots: 'best_bid_amount',
      askTicks: 'best_ask_price',
      askLots: 'best_ask_amount',
    },
  },
  {
    when: { ...TICKER, index_price: PRESENT },
    event: 'IndexComponentPriced',
    fields: {
      instrument: 'instrument_name',
      source: constant('deribit'),
      priceTicks: nearest('index_price'),
      sourceTime: 'timestamp',
    },
  },
  ...passOver('ticker_rest', TICKER),
]

export const DERIBIT: Venue = {
  title: 'Deribit',
  source: 'https://docs.deribit.com/',
  notes: [
    'Amounts of inverse perpetuals are US dollars: their lot is one of these.',
    'Funding is continuous and has no next time: publish `FundingRateUpdated` where a rate is to count.',
  ],
  messages: {
    envelopes: [
      { when: { 'params.channel': startsWith('trades.') }, each: 'params.data.*' },
      { when: { 'params.data': PRESENT }, each: 'params.data' },
    ],
    rules: [
      ...books,
      {
        when: TRADES,
        event: 'TradePrinted',
        fields: {
          instrument: 'instrument_name',
          priceTicks: 'price',
          quantityLots: 'amount',
          aggressor: side('direction', 'buy', 'sell'),
        },
      },
      // T: the taker was liquidated, M: the maker was, on the other side.
      liquidation(['T', 'MT'], side('direction', 'buy', 'sell')),
      liquidation(['M', 'MT'], side('direction', 'sell', 'buy')),
      ...tickers,
      ...passOver(
        'option_or_spread',
        { [CHANNEL]: startsWith('trades.'), legs: PRESENT },
        { [CHANNEL]: startsWith('ticker.'), mark_iv: PRESENT },
      ),
      ...passOver('own_orders', { 'result.order': PRESENT }, { [CHANNEL]: startsWith('user.') }),
    ],
  },
}
