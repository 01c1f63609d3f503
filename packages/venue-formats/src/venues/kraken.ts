import type { FieldSpec, Rule } from '../mapping.ts'
import type { Venue } from '../venues.ts'
import {
  ABSENT,
  constant,
  iso,
  levels,
  nearest,
  NO_LEVELS,
  passOver,
  PRESENT,
  side,
} from './words.ts'

const changed = (of: string, bids: FieldSpec, asks: FieldSpec): Rule => ({
  when: { feed: 'book', side: of },
  event: 'BookDepthChanged',
  fields: {
    instrument: 'product_id',
    previousUpdateId: { path: 'seq', as: 'previous' },
    lastUpdateId: 'seq',
    bids,
    asks,
  },
})

const LEVEL = levels('', 'price', 'qty')

const books: readonly Rule[] = [
  {
    when: { feed: 'book_snapshot' },
    event: 'BookSnapshotTaken',
    fields: {
      instrument: 'product_id',
      updateId: 'seq',
      bids: levels('bids', 'price', 'qty'),
      asks: levels('asks', 'price', 'qty'),
    },
  },
  changed('buy', LEVEL, NO_LEVELS),
  changed('sell', NO_LEVELS, LEVEL),
  {
    when: { orderBook: PRESENT },
    each: 'orderBook',
    event: 'BookDepthUpdated',
    fields: { instrument: '@key', bids: levels('bids'), asks: levels('asks') },
  },
]

const trades: readonly Rule[] = [
  {
    when: { feed: 'trade' },
    event: 'TradePrinted',
    fields: {
      instrument: 'product_id',
      priceTicks: 'price',
      quantityLots: 'qty',
      aggressor: side('side', 'buy', 'sell'),
    },
  },
  {
    when: { feed: 'trade', type: 'liquidation' },
    event: 'VenueLiquidationReported',
    fields: {
      instrument: 'product_id',
      venueId: 'uid',
      stage: constant('filled'),
      side: side('side', 'buy', 'sell'),
      quantityLots: 'qty',
      price: 'price',
      venueTime: 'time',
    },
  },
]

const bookTop = (when: Rule['when'], size: readonly [bid: string, ask: string]): Rule => ({
  when: { ...when, bid: PRESENT, ask: PRESENT },
  event: 'BookTopUpdated',
  fields: {
    instrument: 'feed' in when ? 'product_id' : 'symbol',
    bidTicks: 'bid',
    bidLots: size[0],
    askTicks: 'ask',
    askLots: size[1],
  },
})

const HTTP_TICKER = { '$.tickers': PRESENT }

const tickers: readonly Rule[] = [
  bookTop({ feed: 'ticker' }, ['bid_size', 'ask_size']),
  bookTop(HTTP_TICKER, ['bidSize', 'askSize']),
  {
    when: { feed: 'ticker', index: PRESENT },
    event: 'IndexComponentPriced',
    fields: {
      instrument: 'product_id',
      source: constant('kraken'),
      priceTicks: nearest('index'),
      sourceTime: 'time',
    },
  },
  {
    when: { ...HTTP_TICKER, indexPrice: PRESENT },
    event: 'IndexComponentPriced',
    fields: {
      instrument: 'symbol',
      source: constant('kraken'),
      priceTicks: nearest('indexPrice'),
      sourceTime: iso('$.serverTime'),
    },
  },
  {
    when: { feed: 'ticker', relative_funding_rate: PRESENT, next_funding_rate_time: PRESENT },
    event: 'FundingRateUpdated',
    fields: {
      instrument: 'product_id',
      rate: nearest('relative_funding_rate'),
      nextFundingAt: 'next_funding_rate_time',
    },
  },
  ...passOver('ticker_rest', { feed: ['ticker', 'ticker_lite'] }, HTTP_TICKER),
]

export const KRAKEN: Venue = {
  title: 'Kraken Futures',
  source: 'https://docs.kraken.com/api/docs/futures-api',
  notes: [
    'Sizes of inverse contracts (`PI_`) are US dollars: their lot is one of these.',
    'A book of the REST interface names no symbol: the record key has to.',
    'The rate of funding is the relative one, which is a fraction of the position.',
  ],
  messages: {
    envelopes: [{ when: { tickers: PRESENT }, each: 'tickers.*' }],
    rules: [
      ...books,
      ...trades,
      ...tickers,
      ...passOver('past_trades', { feed: 'trade_snapshot' }),
      ...passOver('candle', { candles: PRESENT }),
      ...passOver('reference', { instruments: PRESENT }),
      ...passOver('account_partial', { openPositions: PRESENT }, { feed: 'open_positions' }),
      ...passOver('own_orders', { feed: ['fills', 'open_orders'] }),
      ...passOver('answer', { event: PRESENT, feed: ABSENT }, { feed: 'heartbeat' }),
    ],
  },
}
