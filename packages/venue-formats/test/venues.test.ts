import { describe, expect, test } from '@jest/globals'
import { VENUES } from '../src/venues.ts'
import { APPENDED_AT, becomes, codecsOf, refusalOf } from './words.ts'

const instruments = { SYM: { instrument: 'PERP', tickSize: '0.5', lotSize: '0.1' } }
const BOOK = {
  bids: [{ priceTicks: 20, quantityLots: 10 }],
  asks: [{ priceTicks: 22, quantityLots: 20 }],
}
const LIQUIDATION = { type: 'VenueLiquidationReported', instrument: 'PERP' }

/** Messages made up after the venues' documentation, and something of what each becomes. */
const CASES: readonly (readonly [venue: string, message: unknown, events: readonly object[]])[] = [
  [
    'binance',
    { e: 'depthUpdate', s: 'SYM', U: 5, u: 9, b: [['10', '1']], a: [['11', '0']] },
    [{ type: 'BookDepthChanged', previousUpdateId: 4, lastUpdateId: 9 }],
  ],
  [
    'binance',
    { lastUpdateId: 7, bids: [['10', '1']], asks: [['11', '2']] },
    [{ type: 'BookSnapshotTaken', updateId: 7, ...BOOK }],
  ],
  [
    'bybit',
    { topic: 'allLiquidation.SYM', data: [{ T: 1, s: 'SYM', S: 'Buy', v: '2', p: '10.25' }] },
    [{ ...LIQUIDATION, side: 'sell', quantityLots: 20, price: '10.25' }],
  ],
  [
    'okx',
    {
      arg: { channel: 'liquidation-orders' },
      data: [{ instId: 'SYM', details: [{ side: 'buy', sz: '3', bkPx: '10', ts: '5' }] }],
    },
    [{ ...LIQUIDATION, side: 'buy', quantityLots: 30, venueTime: 5 }],
  ],
  [
    'okx',
    {
      arg: { channel: 'books', instId: 'SYM' },
      action: 'update',
      data: [{ bids: [], asks: [], prevSeqId: 8, seqId: 8 }],
    },
    [{ type: 'BookDepthChanged', previousUpdateId: 8, lastUpdateId: 8, bids: [], asks: [] }],
  ],
  [
    'deribit',
    {
      params: {
        channel: 'trades.SYM.raw',
        data: [
          {
            instrument_name: 'SYM',
            price: 10,
            amount: 1,
            direction: 'buy',
            timestamp: 3,
            trade_id: '1',
            liquidation: 'M',
          },
        ],
      },
    },
    [
      { ...LIQUIDATION, side: 'sell' },
      { type: 'TradePrinted', aggressor: 'buy' },
    ],
  ],
  [
    'bitmex',
    {
      table: 'liquidation',
      action: 'insert',
      data: [{ orderID: 'x', symbol: 'SYM', side: 'Sell', price: 10, leavesQty: 2 }],
    },
    [{ ...LIQUIDATION, stage: 'ordered', side: 'sell', venueTime: APPENDED_AT }],
  ],
  [
    'kraken',
    {
      feed: 'trade',
      product_id: 'SYM',
      uid: 'u',
      side: 'sell',
      type: 'liquidation',
      time: 4,
      qty: 1,
      price: 10,
    },
    [
      { ...LIQUIDATION, side: 'sell' },
      { type: 'TradePrinted', aggressor: 'sell' },
    ],
  ],
  [
    'kraken',
    { feed: 'book', product_id: 'SYM', side: 'buy', seq: 6, price: 10, qty: 1 },
    [{ type: 'BookDepthChanged', previousUpdateId: 5, bids: BOOK.bids, asks: [] }],
  ],
  [
    'hyperliquid',
    { channel: 'trades', data: [{ coin: 'SYM', side: 'A', px: '10', sz: '1', time: 1, tid: 2 }] },
    [{ type: 'TradePrinted', aggressor: 'sell' }],
  ],
  [
    'dydx',
    {
      channel: 'v4_trades',
      type: 'channel_data',
      id: 'SYM',
      contents: {
        trades: [
          {
            id: 't',
            side: 'BUY',
            size: '1',
            price: '10',
            type: 'LIQUIDATED',
            createdAt: '1970-01-01T00:00:01Z',
          },
        ],
      },
    },
    [{ ...LIQUIDATION, side: 'buy', venueTime: 1_000 }, { type: 'TradePrinted' }],
  ],
]

describe("a venue's own messages", () => {
  test.each(CASES)('%s', (venue, message, expected) => {
    const events = becomes(codecsOf(venue, { instruments }), message, 'SYM')
    const byType = [...events].sort((left, right) =>
      (left['type'] as string) < (right['type'] as string) ? 1 : -1,
    )
    expect(byType).toMatchObject(expected)
  })

  test.each([...VENUES.keys()])('%s refuses a message that nothing is known of', venue => {
    const [reason] = refusalOf(() => becomes(codecsOf(venue, { instruments }), { strange: true }))
    expect(reason).toBe('message_unknown')
  })
})
