import type { Conditions, FieldSpec, Rule } from '../mapping.ts'
import type { Venue } from '../venues.ts'
import { ABSENT, constant, levels, nearest, passOver, PRESENT, side, startsWith } from './words.ts'

const trade = (topic: string): Rule => ({
  when: { topic: startsWith(topic) },
  each: 'data.*',
  event: 'TradePrinted',
  fields: {
    instrument: 's',
    priceTicks: 'p',
    quantityLots: 'v',
    aggressor: side('S', 'Buy', 'Sell'),
  },
})

const BOOK: Readonly<Record<string, FieldSpec>> = {
  instrument: 's',
  bids: levels('b'),
  asks: levels('a'),
}

/** Options have implied volatilities. */
const ticker = (conditions: Conditions): Conditions => ({
  topic: startsWith('tickers.'),
  'data.bidIv': ABSENT,
  ...conditions,
})

const tickers: readonly Rule[] = [
  {
    when: ticker({
      'data.bid1Price': PRESENT,
      'data.bid1Size': PRESENT,
      'data.ask1Price': PRESENT,
      'data.ask1Size': PRESENT,
    }),
    each: 'data',
    event: 'BookTopUpdated',
    fields: {
      instrument: 'symbol',
      bidTicks: 'bid1Price',
      bidLots: 'bid1Size',
      askTicks: 'ask1Price',
      askLots: 'ask1Size',
    },
  },
  {
    when: ticker({ 'data.indexPrice': PRESENT }),
    each: 'data',
    event: 'IndexComponentPriced',
    fields: {
      instrument: 'symbol',
      source: constant('bybit'),
      priceTicks: nearest('indexPrice'),
      sourceTime: '$.ts',
    },
  },
  {
    when: ticker({ 'data.fundingRate': PRESENT, 'data.nextFundingTime': PRESENT }),
    each: 'data',
    event: 'FundingRateUpdated',
    fields: {
      instrument: 'symbol',
      rate: nearest('fundingRate'),
      nextFundingAt: 'nextFundingTime',
    },
  },
  ...passOver('ticker_rest', ticker({})),
]

export const BYBIT: Venue = {
  title: 'Bybit',
  source: 'https://bybit-exchange.github.io/docs/v5/intro',
  notes: [
    'Take one depth of `orderbook` to a topic: each has a book and numbers of its own.',
    '`S` of `allLiquidation` is the side of the position; its `p` is the bankruptcy price.',
    'A ticker names funding only when rate and time have both changed, or in its snapshot.',
  ],
  messages: {
    envelopes: [],
    rules: [
      trade('publicTrade.'),
      trade('trade.'),
      {
        when: { topic: startsWith('orderbook.'), type: 'snapshot' },
        each: 'data',
        event: 'BookSnapshotTaken',
        fields: { ...BOOK, updateId: 'u' },
      },
      {
        when: { topic: startsWith('orderbook.'), type: 'delta' },
        each: 'data',
        event: 'BookDepthChanged',
        fields: { ...BOOK, previousUpdateId: { path: 'u', as: 'previous' }, lastUpdateId: 'u' },
      },
      ...tickers,
      {
        when: { topic: startsWith('allLiquidation.') },
        each: 'data.*',
        event: 'VenueLiquidationReported',
        fields: {
          instrument: 's',
          stage: constant('filled'),
          side: { path: 'S', table: { Buy: 'sell', Sell: 'buy' } },
          quantityLots: 'v',
          price: 'p',
          venueTime: 'T',
        },
      },
      ...passOver('option_or_spread', { topic: startsWith('tickers.'), 'data.bidIv': PRESENT }),
      ...passOver('candle', { topic: startsWith('kline.') }),
      ...passOver('own_orders', { topic: ['order', 'execution', 'execution.fast'] }),
      ...passOver(
        'account_partial',
        { topic: ['position', 'wallet'] },
        { positionIdx: PRESENT },
        { 'result.list.0.positionIdx': PRESENT },
      ),
      ...passOver('reference', {
        'result.list.0.riskLimitValue': PRESENT,
        'result.list.0.positionIdx': ABSENT,
      }),
    ],
  },
}
