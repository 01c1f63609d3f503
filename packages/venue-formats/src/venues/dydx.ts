import type { Rule } from '../mapping.ts'
import type { Venue } from '../venues.ts'
import { constant, iso, levels, nearest, passOver, PRESENT, side } from './words.ts'

const TRADES = { '$.channel': 'v4_trades', '$.type': 'channel_data' }

/** A market under its name, with the price of the oracle in it. */
const oracle = (path: string, sourceTime: ReturnType<typeof iso>): Rule => ({
  when: { [path]: PRESENT },
  each: `${path}.*`,
  event: 'IndexComponentPriced',
  fields: {
    instrument: '@name',
    source: constant('dydx'),
    priceTicks: nearest('oraclePrice'),
    sourceTime,
  },
})

export const DYDX: Venue = {
  title: 'dYdX v4',
  source: 'https://docs.dydx.xyz/',
  notes: [
    'Subscribe without batches (`channel_batch_data` is refused).',
    'Changes of the book have no numbers of their own: poll whole books to a topic, with the market as the record key.',
    'Where the price of the oracle has no time of its own, it gets that of the log.',
    'Funding has no next time in these messages: publish `FundingRateUpdated` where a rate is to count.',
  ],
  messages: {
    envelopes: [
      { when: { channel: 'v4_trades', type: 'channel_data' }, each: 'contents.trades.*' },
    ],
    rules: [
      {
        when: TRADES,
        event: 'TradePrinted',
        fields: {
          instrument: '$.id',
          priceTicks: 'price',
          quantityLots: 'size',
          aggressor: side('side', 'BUY', 'SELL'),
        },
      },
      {
        when: { ...TRADES, type: 'LIQUIDATED' },
        event: 'VenueLiquidationReported',
        fields: {
          instrument: '$.id',
          venueId: 'id',
          stage: constant('filled'),
          side: side('side', 'BUY', 'SELL'),
          quantityLots: 'size',
          price: 'price',
          venueTime: iso('createdAt'),
        },
      },
      oracle('contents.markets', '@appendTime'),
      oracle('result.markets', '@appendTime'),
      oracle('contents.oraclePrices', iso('effectiveAt')),
      {
        when: { 'result.bids': PRESENT, 'result.asks': PRESENT },
        each: 'result',
        event: 'BookDepthUpdated',
        fields: {
          instrument: '@key',
          bids: levels('bids', 'price', 'size'),
          asks: levels('asks', 'price', 'size'),
        },
      },
      ...passOver('book_unnumbered', { channel: 'v4_orderbook' }),
      ...passOver(
        'past_trades',
        { channel: 'v4_trades', type: 'subscribed' },
        { 'result.trades': PRESENT },
      ),
      ...passOver('reference', { 'contents.trading': PRESENT }),
      ...passOver('answer', { type: ['connected', 'unsubscribed'] }),
      ...passOver('account_partial', { channel: ['v4_subaccounts', 'v4_parent_subaccounts'] }),
    ],
  },
}
