import type { Rule } from '../mapping.ts'
import type { Venue } from '../venues.ts'
import {
  ABSENT,
  constant,
  iso,
  levels,
  nearest,
  NOT_ZERO,
  passOver,
  PRESENT,
  side,
} from './words.ts'

const rows: readonly Rule[] = [
  {
    when: { trdMatchID: PRESENT, price: PRESENT, execID: ABSENT },
    event: 'TradePrinted',
    fields: {
      instrument: 'symbol',
      priceTicks: 'price',
      quantityLots: 'size',
      aggressor: side('side', 'Buy', 'Sell'),
    },
  },
  {
    when: { bids: PRESENT, asks: PRESENT },
    event: 'BookDepthUpdated',
    fields: { instrument: 'symbol', bids: levels('bids'), asks: levels('asks') },
  },
  {
    when: { indicativeSettlePrice: PRESENT },
    event: 'IndexComponentPriced',
    fields: {
      instrument: 'symbol',
      source: constant('bitmex'),
      priceTicks: nearest('indicativeSettlePrice'),
      sourceTime: iso('timestamp'),
    },
  },
  {
    when: { fundingRate: PRESENT, fundingTimestamp: PRESENT },
    event: 'FundingRateUpdated',
    fields: {
      instrument: 'symbol',
      rate: nearest('fundingRate'),
      nextFundingAt: iso('fundingTimestamp'),
    },
  },
  {
    when: {
      orderID: PRESENT,
      leavesQty: NOT_ZERO,
      side: PRESENT,
      price: PRESENT,
      ordStatus: ABSENT,
    },
    event: 'VenueLiquidationReported',
    fields: {
      instrument: 'symbol',
      venueId: 'orderID',
      stage: constant('ordered'),
      side: side('side', 'Buy', 'Sell'),
      quantityLots: 'leavesQty',
      price: 'price',
      venueTime: '@appendTime',
    },
  },
]

export const BITMEX: Venue = {
  title: 'BitMEX',
  source: 'https://www.bitmex.com/app/wsAPI',
  notes: [
    'Rows are read with and without the message around them.',
    'Sizes of inverse contracts are US dollars: their lot is one of these.',
    '`orderBookL2` has no numbers: take `orderBook10`.',
    'A liquidation is reported when it is ordered and has no time of its own: it gets that of the log.',
  ],
  messages: {
    envelopes: [{ when: { table: PRESENT, data: PRESENT }, each: 'data.*' }],
    rules: [
      ...rows,
      ...passOver('book_unnumbered', { id: PRESENT, side: PRESENT, symbol: PRESENT }),
      ...passOver('candle', { open: PRESENT, close: PRESENT, trades: PRESENT }),
      ...passOver('account_partial', { currentQty: PRESENT }, { marginBalance: PRESENT }),
      ...passOver('option_or_spread', { nearLegSymbol: PRESENT }),
      ...passOver('own_mark', {
        markPrice: PRESENT,
        indicativeSettlePrice: ABSENT,
        currentQty: ABSENT,
      }),
      ...passOver('ticker_rest', { '$.table': 'instrument' }),
      ...passOver('liquidation_pending', { '$.table': 'liquidation' }),
      ...passOver('own_orders', { '$.table': ['order', 'execution'] }),
      ...passOver('account_partial', { '$.table': ['position', 'margin', 'wallet'] }),
    ],
  },
}
