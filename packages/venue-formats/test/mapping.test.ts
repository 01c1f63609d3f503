import { describe, expect, test } from '@jest/globals'
import type { TopicName } from '@sluice/contracts/topics'
import { plain } from '@sluice/contracts/plain'
import { codecOf } from '../src/codecs.ts'
import { FormatError } from '../src/format-errors.ts'
import { APPENDED_AT, record, refusalOf } from './words.ts'

const instruments = {
  'btc/usd': { instrument: 'BTC-PERP', tickSize: '0.5', lotSize: '0.001' },
  'eth/usd': { instrument: 'ETH-PERP', tickSize: '0.05', lotSize: '0.01', contractSize: '0.1' },
}

const TRADE = {
  when: { kind: 'trade' },
  event: 'TradePrinted',
  fields: {
    instrument: 'market',
    priceTicks: 'px',
    quantityLots: 'size',
    aggressor: { path: 'taker', table: { BID: 'buy', ASK: 'sell' } },
  },
}

const trade = (rest: object = {}) => ({
  kind: 'trade',
  market: 'btc/usd',
  px: '60000.5',
  size: 0.25,
  taker: 'BID',
  ...rest,
})

const own = (mapping: object, topic: TopicName = 'market-data') =>
  codecOf(topic, { format: 'json', mapping: { instruments, ...mapping } })!

function read(mapping: object, message: unknown, topic: TopicName = 'market-data') {
  const codec = own(mapping, topic)
  return codec.decode(record(message, 'btc/usd')).map(event => plain(event))
}

function faultsOf(act: () => unknown): readonly string[] {
  try {
    act()
  } catch (error) {
    if (error instanceof FormatError)
      return error.faults.map(({ place, fault }) => `${place}: ${fault}`)
    throw error
  }
  return []
}

describe('JSON in a shape of your own', () => {
  test('becomes events by paths, tables and the sizes of the instrument', () => {
    expect(read({ rules: [TRADE] }, trade())).toEqual([
      {
        type: 'TradePrinted',
        instrument: 'BTC-PERP',
        priceTicks: 120_001,
        quantityLots: 250,
        aggressor: 'buy',
      },
    ])
  })

  test('counts contracts by their size', () => {
    const eth = trade({ market: 'eth/usd', px: 2500, size: '3' })
    expect(read({ rules: [TRADE] }, eth)).toMatchObject([{ priceTicks: 50_000, quantityLots: 30 }])
  })

  test('holds several messages in an array, and one message may speak by several rules', () => {
    const index = {
      when: { index: { present: true } },
      event: 'IndexComponentPriced',
      fields: {
        instrument: 'market',
        source: { value: 'ours' },
        priceTicks: { path: 'index', as: 'nearest' },
        sourceTime: { path: 'at', as: 'nanoseconds' },
      },
    }
    const message = trade({ index: '60000.75', at: '1700000000123456789' })
    expect(read({ rules: [TRADE, index] }, [message, trade()])).toMatchObject([
      { type: 'TradePrinted' },
      { type: 'IndexComponentPriced', priceTicks: 120_002, sourceTime: 1_700_000_000_123 },
      { type: 'TradePrinted' },
    ])
  })

  test('is taken out of envelopes, element by element, with what surrounds it at hand', () => {
    const rule = {
      when: { '$.channel': 'funding' },
      each: 'rates.*',
      event: 'FundingRateUpdated',
      fields: {
        instrument: '^.market',
        rate: { path: 'rate', as: 'nearest' },
        nextFundingAt: { path: 'due', as: 'iso' },
      },
    }
    const mapping = {
      envelopes: [{ when: { body: { present: true } }, each: 'body' }],
      rules: [rule],
    }
    const message = {
      channel: 'funding',
      body: {
        market: 'btc/usd',
        rates: [{ rate: 0.00012345678949, due: '2026-11-24T20:00:00Z' }],
      },
    }
    expect(read(mapping, message)).toEqual([
      {
        type: 'FundingRateUpdated',
        instrument: 'BTC-PERP',
        rate: '0.000123457',
        nextFundingAt: Date.UTC(2026, 10, 24, 20),
      },
    ])
  })

  test('may be a whole account: a list of records, with signs and what is missing', () => {
    const rule = {
      when: { account: { present: true } },
      event: 'AccountUpdated',
      fields: {
        account: 'account',
        currency: { value: 'USD' },
        ledgerSequence: 'seq',
        walletBalance: { path: 'cash', otherwise: '0' },
        positions: {
          path: 'positions.*',
          items: {
            instrument: '@name',
            quantityLots: { path: 'size', as: 'lots', negative: { side: 'short' } },
            entryNotional: { path: 'cost', negative: { side: 'short' } },
          },
        },
        openOrders: { value: [] },
      },
    }
    const message = {
      account: 'q83vEjRWeJCrze8SNFZ4kA',
      seq: '77',
      cash: '1000.25',
      positions: {
        'btc/usd': { size: '0.5', side: 'short', cost: '30000' },
        'eth/usd': { size: '10', side: 'long', cost: '2500' },
      },
    }
    expect(read({ rules: [rule] }, message, 'accounts')).toEqual([
      {
        type: 'AccountUpdated',
        account: 'q83vEjRWeJCrze8SNFZ4kA',
        isolatedInstrument: null,
        currency: 'USD',
        ledgerSequence: 77,
        walletBalance: '1000.25',
        positions: [
          { instrument: 'BTC-PERP', quantityLots: -500, entryNotional: '-30000' },
          { instrument: 'ETH-PERP', quantityLots: 100, entryNotional: '2500' },
        ],
        openOrders: [],
      },
    ])
  })

  test('knows the key and the time of the record', () => {
    const rule = {
      when: {},
      event: 'IndexComponentPriced',
      fields: {
        instrument: '@key',
        source: { value: 'ours' },
        priceTicks: 'px',
        sourceTime: '@appendTime',
      },
    }
    expect(read({ rules: [rule] }, { px: 1 })).toMatchObject([
      { instrument: 'BTC-PERP', sourceTime: APPENDED_AT },
    ])
  })

  test.each([
    ['a symbol that is not listed', trade({ market: 'doge/usd' }), 'symbol_unknown', /"doge\/usd"/],
    ['a message no rule is for', { kind: 'hello' }, 'message_unknown', /"hello"/],
    ['a price between ticks', trade({ px: '60000.7' }), 'number_inexact', /priceTicks.*60000\.7/],
    ['a part of a lot', trade({ size: 0.0001 }), 'number_inexact', /TradePrinted\.quantityLots/],
    [
      'a word not in the table',
      trade({ taker: 'X' }),
      'json_unfit',
      /TradePrinted\.aggressor: "X"/,
    ],
    ['a field that is not there', trade({ px: undefined }), 'json_unfit', /nothing at px/],
    ['what is no number', trade({ px: 'dear' }), 'json_unfit', /priceTicks: "dear" is no number/],
    ['a quantity of nothing', trade({ size: 0 }), 'json_unfit', /quantityLots is 0/],
  ] as const)('is refused for %s', (...[, message, reason, detail]) => {
    const [gotReason, gotDetail] = refusalOf(() => read({ rules: [TRADE] }, message))
    expect(gotReason).toBe(reason)
    expect(gotDetail).toMatch(detail)
  })

  test('is passed over where the mapping says so', () => {
    const rules = [TRADE, { when: { kind: 'hello' }, ignore: 'a greeting' }]
    const mapping = { rules, unlistedSymbols: 'ignore', unknownMessages: 'ignore' }
    expect(read(mapping, trade({ market: 'doge/usd' }))).toEqual([])
    expect(read(mapping, { kind: 'hello' })).toEqual([])
    expect(read(mapping, { kind: 'bye' })).toEqual([])
  })

  test('has a name that tells every difference of its mapping, and none of its order', () => {
    const name = own({ rules: [TRADE] }).name
    expect(name).toMatch(/^json 1 [0-9a-f]{16}$/)
    const { kind } = TRADE.when
    expect(
      own({ rules: [{ fields: TRADE.fields, event: TRADE.event, when: { kind } }] }).name,
    ).toBe(name)
    expect(own({ rules: [TRADE], unlistedSymbols: 'ignore' }).name).not.toBe(name)
  })
})

describe('a mapping that cannot be used', () => {
  test('is refused with everything that is wrong, each at its place', () => {
    const rules = [
      { ...TRADE, fields: { ...TRADE.fields, aggressor: { path: 'taker', table: { B: 'bid' } } } },
      { ...TRADE, fields: { instrument: 'market', prize: 'px' } },
      { ...TRADE, event: 'TradeForgotten' },
      { ...TRADE, event: 'AccountClosed', fields: { account: 'a' } },
      { ...TRADE, fields: { ...TRADE.fields, priceTicks: { path: 'px', as: 'lots' } } },
    ]
    expect(faultsOf(() => own({ rules }))).toEqual([
      'mapping.rules.2.event: TradeForgotten does not belong on market-data: map it there',
      'mapping.rules.3.event: AccountClosed does not belong on market-data: map it there',
      'mapping.rules.0.fields.aggressor.table.B: "bid" is none of buy, sell',
      'mapping.rules.1.fields.prize: TradePrinted has no such field',
      'mapping.rules.1.fields.priceTicks: it must be given',
      'mapping.rules.1.fields.quantityLots: it must be given',
      'mapping.rules.1.fields.aggressor: it must be given',
      'mapping.rules.2.event: "TradeForgotten" is no event that an exchange writes',
      expect.stringMatching(/^mapping\.rules\.3\.fields\./),
      'mapping.rules.4.fields.priceTicks: as lots makes no such value: use ticks, nearest, integer',
    ])
  })

  test('is refused for its form before its meaning', () => {
    const mapping = {
      instruments: { x: { instrument: 'X', tickSize: '0', lotSize: 1 } },
      rules: [],
    }
    const faults = faultsOf(() => codecOf('market-data', { format: 'json', mapping }))
    expect(faults.map(fault => fault.split(':')[0])).toEqual([
      'mapping.instruments.x.tickSize',
      'mapping.instruments.x.lotSize',
      'mapping.rules',
    ])
  })

  test.each([
    [
      'an unknown format',
      { format: 'cobol' },
      /format: there is none of this name: use avro, json/,
    ],
    ['Avro with a mapping', { format: 'avro', mapping: {} }, /our Avro has none/],
    [
      'a type of another topic',
      { format: 'okx', mapping: { instruments, take: ['AccountClosed'] } },
      /AccountClosed does not belong on market-data/,
    ],
  ])('is refused for %s', (_name, topic, fault) => {
    expect(faultsOf(() => codecOf('market-data', topic)).join('\n')).toMatch(fault)
  })
})

test('our own Avro has no codec: it is read as ever', () => {
  expect(codecOf('market-data', { format: 'avro' })).toBeUndefined()
})
