import type { Venue } from '../venues.ts'
import { ABSENT, constant, levels, nearest, passOver, PRESENT, side } from './words.ts'

export const HYPERLIQUID: Venue = {
  title: 'Hyperliquid',
  source: 'https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api',
  notes: [
    'Books come whole, so a lost one does no harm.',
    'A liquidation shows in the fills of whoever took the other side. It is read where these opened a position: only then is it clear which side was closed.',
    'Accounts are named by their addresses; no liquidation carries a scope.',
    'The price of the oracle has no time of its own: it gets that of the log.',
  ],
  messages: {
    envelopes: [
      { when: { channel: 'trades' }, each: 'data.*' },
      { when: { 'data.fills': PRESENT }, each: 'data.fills.*' },
      { when: { channel: PRESENT, data: PRESENT }, each: 'data' },
    ],
    rules: [
      {
        when: { coin: PRESENT, levels: PRESENT },
        event: 'BookDepthUpdated',
        fields: {
          instrument: 'coin',
          bids: levels('levels.0', 'px', 'sz'),
          asks: levels('levels.1', 'px', 'sz'),
        },
      },
      {
        when: { '$.channel': 'trades' },
        event: 'TradePrinted',
        fields: {
          instrument: 'coin',
          priceTicks: 'px',
          quantityLots: 'sz',
          aggressor: side('side', 'B', 'A'),
        },
      },
      {
        when: { '$.channel': 'activeAssetCtx', 'ctx.oraclePx': PRESENT },
        event: 'IndexComponentPriced',
        fields: {
          instrument: 'coin',
          source: constant('hyperliquid'),
          priceTicks: nearest('ctx.oraclePx'),
          sourceTime: '@appendTime',
        },
      },
      {
        when: { liquidation: PRESENT, dir: ['Open Long', 'Open Short'] },
        event: 'VenueLiquidationReported',
        fields: {
          instrument: 'coin',
          venueId: 'tid',
          stage: constant('filled'),
          side: { path: 'side', table: { B: 'sell', A: 'buy' } },
          quantityLots: 'sz',
          price: 'px',
          venueTime: 'time',
        },
      },
      ...passOver('liquidation_ambiguous', {
        liquidation: PRESENT,
        dir: ['Close Long', 'Close Short', 'Long > Short', 'Short > Long'],
      }),
      ...passOver('own_orders', { oid: PRESENT, liquidation: ABSENT }),
      ...passOver('past_trades', { tid: PRESENT, users: PRESENT, '$.channel': ABSENT }),
      ...passOver('account_partial', { assetPositions: PRESENT }, { balances: PRESENT }),
      ...passOver('answer', { '$.channel': ['subscriptionResponse', 'pong'] }),
    ],
  },
}
