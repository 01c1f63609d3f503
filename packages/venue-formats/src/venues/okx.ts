import type { FieldSpec, Rule } from '../mapping.ts'
import type { Venue } from '../venues.ts'
import {
  ABSENT,
  constant,
  levels,
  nearest,
  NOT_ZERO,
  passOver,
  PRESENT,
  side,
  startsWith,
} from './words.ts'

const CHANNEL = '$.arg.channel'

const BOOK: Readonly<Record<string, FieldSpec>> = {
  instrument: '$.arg.instId',
  bids: levels('bids'),
  asks: levels('asks'),
}

const books: readonly Rule[] = [
  {
    when: { [CHANNEL]: startsWith('books'), '$.action': 'snapshot' },
    event: 'BookSnapshotTaken',
    fields: { ...BOOK, updateId: 'seqId' },
  },
  {
    when: { [CHANNEL]: startsWith('books'), '$.action': 'update' },
    event: 'BookDepthChanged',
    fields: { ...BOOK, previousUpdateId: 'prevSeqId', lastUpdateId: 'seqId' },
  },
  {
    when: { [CHANNEL]: startsWith('books'), '$.action': ABSENT },
    event: 'BookDepthUpdated',
    fields: BOOK,
  },
  {
    when: { '$.arg': ABSENT, bids: PRESENT, asks: PRESENT, instId: ABSENT },
    event: 'BookDepthUpdated',
    fields: { ...BOOK, instrument: '@key' },
  },
]

const prices: readonly Rule[] = [
  {
    when: { [CHANNEL]: ['trades', 'trades-all'] },
    event: 'TradePrinted',
    fields: {
      instrument: 'instId',
      priceTicks: 'px',
      quantityLots: 'sz',
      aggressor: side('side', 'buy', 'sell'),
    },
  },
  {
    when: { [CHANNEL]: 'tickers', bidPx: PRESENT, askPx: PRESENT },
    event: 'BookTopUpdated',
    fields: {
      instrument: 'instId',
      bidTicks: 'bidPx',
      bidLots: 'bidSz',
      askTicks: 'askPx',
      askLots: 'askSz',
    },
  },
  {
    when: { [CHANNEL]: 'index-tickers' },
    event: 'IndexComponentPriced',
    fields: {
      instrument: 'instId',
      source: constant('okx'),
      priceTicks: nearest('idxPx'),
      sourceTime: 'ts',
    },
  },
  {
    when: { [CHANNEL]: 'funding-rate' },
    event: 'FundingRateUpdated',
    fields: { instrument: 'instId', rate: nearest('fundingRate'), nextFundingAt: 'fundingTime' },
  },
]

const liquidations: readonly Rule[] = [
  {
    when: {
      [CHANNEL]: 'orders',
      category: ['full_liquidation', 'partial_liquidation'],
      fillSz: NOT_ZERO,
    },
    event: 'VenueLiquidationReported',
    fields: {
      instrument: 'instId',
      venueId: 'tradeId',
      stage: constant('filled'),
      side: side('side', 'buy', 'sell'),
      quantityLots: 'fillSz',
      price: 'fillPx',
      venueTime: 'fillTime',
    },
  },
  {
    when: { [CHANNEL]: 'liquidation-orders' },
    each: 'details.*',
    event: 'VenueLiquidationReported',
    fields: {
      instrument: '^.instId',
      stage: constant('filled'),
      side: side('side', 'buy', 'sell'),
      quantityLots: 'sz',
      price: 'bkPx',
      venueTime: 'ts',
    },
  },
]

export const OKX: Venue = {
  title: 'OKX',
  source: 'https://www.okx.com/docs-v5/en/',
  notes: [
    'Sizes of swaps and futures count contracts: give `contractSize`.',
    'Take one channel of `books` to a topic: each has a book and numbers of its own.',
    'A book of the REST interface names no instrument: the record key has to.',
    '`liquidation-orders` shows the bankruptcy price, and at most one order a second and instrument.',
  ],
  messages: {
    envelopes: [{ when: { data: PRESENT }, each: 'data.*' }],
    rules: [
      ...books,
      ...prices,
      ...liquidations,
      ...passOver('own_orders', { [CHANNEL]: ['orders', 'fills'] }),
      ...passOver('ticker_rest', { [CHANNEL]: 'tickers' }),
      ...passOver('own_mark', { markPx: PRESENT, posId: ABSENT }),
      ...passOver('candle', { [CHANNEL]: startsWith('candle') }),
      ...passOver('past_trades', {
        '$.arg': ABSENT,
        tradeId: PRESENT,
        instId: PRESENT,
        ordId: ABSENT,
        posId: ABSENT,
      }),
      ...passOver('account_partial', { posId: PRESENT }, { [CHANNEL]: ['account', 'positions'] }),
      ...passOver('reference', { maxLever: PRESENT, tier: PRESENT }, { tickSz: PRESENT }),
      ...passOver('option_or_spread', { sprdId: PRESENT }),
      ...passOver('answer', { posMode: PRESENT }, { maker: PRESENT, taker: PRESENT }),
    ],
  },
}
