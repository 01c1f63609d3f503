import type { Conditions, FieldSpec, Rule } from '../mapping.ts'
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
  ZERO,
} from './words.ts'

const trade = (when: Conditions): Rule => ({
  when,
  event: 'TradePrinted',
  fields: {
    instrument: 's',
    priceTicks: 'p',
    quantityLots: 'q',
    // m: the buyer was the maker.
    aggressor: { path: 'm', table: { true: 'sell', false: 'buy' } },
  },
})

const bookTop = (when: Conditions): Rule => ({
  when,
  event: 'BookTopUpdated',
  fields: { instrument: 's', bidTicks: 'b', bidLots: 'B', askTicks: 'a', askLots: 'A' },
})

const depthChanged = (pu: typeof PRESENT | typeof ABSENT, previous: FieldSpec): Rule => ({
  when: { e: 'depthUpdate', pu },
  event: 'BookDepthChanged',
  fields: {
    instrument: 's',
    previousUpdateId: previous,
    lastUpdateId: 'u',
    bids: levels('b'),
    asks: levels('a'),
  },
})

const LIQUIDATION_ORDER = { e: 'ORDER_TRADE_UPDATE', 'o.x': 'CALCULATED' }

const liquidations: readonly Rule[] = [
  {
    when: { e: 'forceOrder', 'o.X': ['FILLED', 'EXPIRED', 'CANCELED'], 'o.z': NOT_ZERO },
    event: 'VenueLiquidationReported',
    fields: {
      instrument: 'o.s',
      stage: constant('filled'),
      side: side('o.S', 'BUY', 'SELL'),
      quantityLots: 'o.z',
      price: 'o.ap',
      venueTime: 'o.T',
    },
  },
  {
    when: { ...LIQUIDATION_ORDER, 'o.l': NOT_ZERO },
    event: 'VenueLiquidationReported',
    fields: {
      instrument: 'o.s',
      venueId: 'o.t',
      stage: constant('filled'),
      side: side('o.S', 'BUY', 'SELL'),
      quantityLots: 'o.l',
      price: 'o.L',
      venueTime: 'o.T',
    },
  },
  ...passOver('liquidation_pending', { e: 'forceOrder', 'o.X': ['NEW', 'PARTIALLY_FILLED'] }),
  ...passOver(
    'liquidation_empty',
    { e: 'forceOrder', 'o.z': ZERO },
    { ...LIQUIDATION_ORDER, 'o.l': ZERO },
  ),
]

const market: readonly Rule[] = [
  trade({ e: 'trade', X: ABSENT }),
  trade({ e: 'trade', X: 'MARKET' }),
  trade({ e: 'aggTrade' }),
  bookTop({ e: 'bookTicker' }),
  bookTop({ e: ABSENT, u: PRESENT, b: PRESENT, B: PRESENT, a: PRESENT, A: PRESENT }),
  depthChanged(PRESENT, 'pu'),
  depthChanged(ABSENT, { path: 'U', as: 'previous' }),
  {
    when: { lastUpdateId: PRESENT },
    event: 'BookSnapshotTaken',
    fields: {
      instrument: '@key',
      updateId: 'lastUpdateId',
      bids: levels('bids'),
      asks: levels('asks'),
    },
  },
  {
    when: { e: 'markPriceUpdate', i: PRESENT },
    event: 'IndexComponentPriced',
    fields: {
      instrument: 's',
      source: constant('binance'),
      priceTicks: nearest('i'),
      sourceTime: 'E',
    },
  },
  {
    when: { e: 'markPriceUpdate', r: PRESENT, T: NOT_ZERO },
    event: 'FundingRateUpdated',
    fields: { instrument: 's', rate: nearest('r'), nextFundingAt: 'T' },
  },
]

export const BINANCE: Venue = {
  title: 'Binance',
  source: 'https://developers.binance.com/docs/derivatives/usds-margined-futures',
  notes: [
    'A depth snapshot of the REST interface names no symbol: the record key has to.',
    'Take either `trade` or `aggTrade` to a topic: both print the same trades.',
    'Trades of the insurance fund and of deleveraging (`X` other than `MARKET`) are passed over.',
    '`forceOrder` shows at most one order a second and instrument: some liquidations are never reported.',
  ],
  messages: {
    envelopes: [{ when: { stream: PRESENT, data: PRESENT }, each: 'data' }],
    rules: [
      ...market,
      ...liquidations,
      ...passOver(
        'own_orders',
        { e: 'ORDER_TRADE_UPDATE' },
        { e: 'TRADE_LITE' },
        { e: 'executionReport' },
      ),
      ...passOver('own_mark', { e: 'markPriceUpdate' }),
      ...passOver('answer', { e: 'trade', X: ['INSURANCE_FUND', 'ADL', 'NA'] }),
      ...passOver('candle', { e: 'kline' }),
      ...passOver('day_statistics', { e: '24hrTicker' }),
      ...passOver('account_partial', { positionAmt: PRESENT }, { e: 'ACCOUNT_UPDATE' }),
    ],
  },
}
