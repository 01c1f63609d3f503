import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import fc from 'fast-check'
import { decodeEvent, encodeEvent, encodeExactly } from '../src/codec.ts'
import { DecodingError, EncodingError } from '../src/codec-errors.ts'
import type { SluiceEvent } from '../src/generated/events.ts'
import { eventOfPlain, plain } from '../src/plain.ts'
import { EVENT_SCHEMAS, eventsOf } from './arbitrary-events.ts'

const RUNS = process.env['SLUICE_LONG'] === undefined ? 12 : 3000
const seed = 20251010

const trade = {
  type: 'TradePrinted',
  instrument: 'BTC-PERP',
  priceTicks: 1213456,
  quantityLots: 1200,
  aggressor: 'buy',
} as const

const account = {
  type: 'AccountUpdated',
  account: 'abcdefghijklmnopqrstuv',
  isolatedInstrument: null,
  currency: 'USD',
  ledgerSequence: 42,
  walletBalance: new Decimal('12345.678901234567'),
  positions: [
    { instrument: 'BTC-PERP', quantityLots: -1200, entryNotional: new Decimal('-145614.72') },
  ],
  openOrders: [],
} as const

const refused = {
  type: 'InputRefused',
  meta: { sequence: 1, causeIds: [], time: 5, logicVersion: 1 },
  source: 'accounts',
  partition: 0,
  offset: 7,
  reason: 'bytes_malformed',
  detail: 'the account',
} as const

const thrownBy = (action: () => unknown): unknown => {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

const reasonFor = (bytes: Uint8Array): string => {
  const error = thrownBy(() => decodeEvent(bytes))
  return error instanceof DecodingError ? error.reason : String(error)
}

const encodingErrorOf = (event: object): EncodingError =>
  thrownBy(() => encodeEvent(event as SluiceEvent)) as EncodingError

describe.each(EVENT_SCHEMAS.map(schema => [schema.name, schema] as const))(
  '%s',
  (_name, schema) => {
    test('comes back as it was, and its bytes are the same whoever writes them', () => {
      fc.assert(
        fc.property(eventsOf(schema), event => {
          const bytes = encodeEvent(event as SluiceEvent)
          const decoded = decodeEvent(bytes)
          expect(plain(decoded)).toEqual(plain(event))
          expect(Buffer.compare(encodeEvent(decoded), bytes)).toBe(0)
          expect(Buffer.compare(encodeEvent(eventOfPlain(plain(event))), bytes)).toBe(0)
        }),
        { numRuns: RUNS, seed },
      )
    })

    test('is refused with a reason, never worse, wherever its bytes are cut or changed', () => {
      fc.assert(
        fc.property(eventsOf(schema), fc.nat(), fc.nat(255), (event, place, byte) => {
          const bytes = Buffer.from(encodeEvent(event as SluiceEvent))
          const cut = bytes.subarray(0, place % bytes.length)
          expect(thrownBy(() => decodeEvent(cut))).toBeInstanceOf(DecodingError)
          bytes[place % bytes.length] = byte
          const outcome = decodedOrError(bytes)
          expect(outcome instanceof Error && !(outcome instanceof DecodingError)).toBe(false)
        }),
        { numRuns: RUNS, seed },
      )
    })
  },
)

function decodedOrError(bytes: Uint8Array): unknown {
  try {
    return decodeEvent(bytes)
  } catch (error) {
    return error
  }
}

describe('a decoded event', () => {
  test('carries its type as a property of its own, so that it can be spread, compared and written as JSON', () => {
    const decoded = decodeEvent(encodeEvent(trade))
    expect(decoded).toEqual(trade)
    expect({ ...decoded }.type).toBe('TradePrinted')
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(trade)
  })

  test('holds no reference to the bytes it was read from', () => {
    const bytes = Buffer.from(encodeEvent(account))
    const decoded = decodeEvent(bytes)
    bytes.fill(0xff)
    expect(plain(decoded)).toEqual(plain(account))
  })

  test('is read from any Uint8Array, at any offset of its memory', () => {
    const bytes = encodeEvent(trade)
    const memory = new Uint8Array(bytes.length + 7)
    memory.set(bytes, 7)
    expect(decodeEvent(memory.subarray(7))).toEqual(trade)
  })
})

describe('encodeExactly', () => {
  test('calls exact what is read back the same', () => {
    for (const event of [trade, account]) {
      const { bytes, isExact } = encodeExactly(event)
      expect(isExact).toBe(true)
      expect(decodeEvent(bytes)).toEqual(event)
    }
  })

  test.each([
    ['a decimal', { ...account, walletBalance: new Decimal('-0') }],
    ['a long', { ...account, positions: [{ ...account.positions[0], quantityLots: -0 }] }],
    ['an int', { ...refused, partition: -0 }],
  ])('says that the minus sign of a zero is lost in %s', (_what, event) => {
    const { bytes, isExact } = encodeExactly(event)
    expect(isExact).toBe(false)
    expect(decodeEvent(bytes)).not.toEqual(event)
    expect(encodeExactly(decodeEvent(bytes)).isExact).toBe(true)
  })
})

describe('encodeEvent', () => {
  test('begins with the header that a schema registry uses', () => {
    expect(Buffer.from(encodeEvent(trade)).subarray(0, 5).toString('hex')).toBe('0000000064')
  })

  test('writes an event larger than its slab', () => {
    const levels = Array.from({ length: 30_000 }, (_, index) => ({
      priceTicks: index + 1,
      quantityLots: index,
    }))
    const book = { type: 'BookDepthUpdated', instrument: 'X', bids: levels, asks: [] } as const
    expect(decodeEvent(encodeEvent(book))).toEqual(book)
  })

  test.each([
    ['a fraction of a lot', { ...trade, quantityLots: 1.5 }, 'quantityLots'],
    ['more lots than are exact', { ...trade, quantityLots: 2 ** 53 }, 'quantityLots'],
    ['a price of 16 digits', { ...trade, priceTicks: 10 ** 15 }, 'priceTicks'],
    ['a price of zero', { ...trade, priceTicks: 0 }, 'priceTicks'],
    ['an unknown symbol', { ...trade, aggressor: 'both' }, 'aggressor'],
    ['a missing field', { ...trade, instrument: undefined }, 'instrument'],
    ['half of a surrogate pair', { ...trade, instrument: 'BTC\ud800' }, 'instrument'],
    [
      'money of 13 digits after the point',
      { ...account, walletBalance: new Decimal('1e-13') },
      'walletBalance',
    ],
    ['money of 39 digits', { ...account, walletBalance: new Decimal('1e26') }, 'walletBalance'],
    ['money that is no number', { ...account, walletBalance: new Decimal(NaN) }, 'walletBalance'],
    ['a number instead of a decimal', { ...account, walletBalance: 5 }, 'walletBalance'],
    [
      'a fault deep inside',
      {
        ...account,
        positions: [account.positions[0], { ...account.positions[0], quantityLots: 0.1 }],
      },
      'positions.1.quantityLots',
    ],
  ])('refuses %s and names the field', (_what, event, field) => {
    const error = encodingErrorOf(event)
    expect(error).toBeInstanceOf(EncodingError)
    expect(error.field).toBe(field)
    expect(error.message).toContain(`${event.type}.${field} is `)
  })

  test('refuses an event nobody knows', () => {
    expect(encodingErrorOf({ type: 'MoonLanded' }).message).toContain('no such event')
  })

  test('is not confused by an event it refused before', () => {
    encodingErrorOf({ ...trade, quantityLots: 1.5 })
    expect(decodeEvent(encodeEvent(trade))).toEqual(trade)
  })
})

describe('decodeEvent refuses', () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
  const tradeBytes = (): Buffer => Buffer.from(encodeEvent(trade))

  test('a record without a header', () => {
    expect(reasonFor(bytes())).toBe('header_missing')
    expect(reasonFor(bytes(1, 0, 0, 0, 100))).toBe('header_missing')
    expect(reasonFor(Buffer.from('{"type":"TradePrinted"}'))).toBe('header_missing')
  })

  test('a schema id it does not know', () => {
    expect(reasonFor(bytes(0, 0, 1, 0, 0, 1))).toBe('schema_unknown')
  })

  test('a receipt, which is no event', () => {
    expect(reasonFor(bytes(0, 0, 0, 0, 1, 0))).toBe('event_misplaced')
  })

  test('bytes after the end', () => {
    expect(reasonFor(Buffer.concat([tradeBytes(), bytes(0)]))).toBe('bytes_trailing')
  })

  test('a record that ends too soon', () => {
    expect(reasonFor(tradeBytes().subarray(0, -1))).toBe('bytes_truncated')
  })

  test('a symbol that the enum does not have', () => {
    const changed = tradeBytes()
    changed[changed.length - 1] = 8
    expect(reasonFor(changed)).toBe('bytes_malformed')
  })

  test('text that is not UTF-8, but not the replacement character itself', () => {
    const changed = tradeBytes()
    changed[6] = 0xff
    expect(reasonFor(changed)).toBe('text_not_utf8')
    const event = { ...trade, instrument: 'BTC\ufffd' }
    expect(decodeEvent(encodeEvent(event))).toEqual(event)
  })

  test('a quantity below zero', () => {
    const changed = Buffer.concat([tradeBytes().subarray(0, 18), bytes(0x01, 0x00)])
    expect(reasonFor(changed)).toBe('quantity_negative')
  })

  test('a long that a double cannot hold', () => {
    const huge = bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)
    expect(reasonFor(Buffer.concat([tradeBytes().subarray(0, 14), huge, bytes(2, 0)]))).toBe(
      'number_out_of_range',
    )
  })

  test('a decimal with more digits than the schema allows', () => {
    const rate = Buffer.concat([
      bytes(0, 0, 0, 0, 104, 2, 0x41),
      bytes(18),
      Buffer.alloc(9, 0x7f),
      bytes(0),
    ])
    expect(reasonFor(rate)).toBe('decimal_too_long')
    const longer = Buffer.concat([
      bytes(0, 0, 0, 0, 104, 2, 0x41),
      bytes(80),
      Buffer.alloc(40, 1),
      bytes(0),
    ])
    expect(reasonFor(longer)).toBe('decimal_too_long')
  })

  test('an array that claims more items than bytes are left, at once and without their memory', () => {
    const claim = bytes(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f)
    const book = Buffer.concat([bytes(0, 0, 0, 0, 102, 2, 0x41), claim, bytes(2, 2)])
    expect(reasonFor(book)).toBe('bytes_truncated')
  })

  test('nothing of an array written in blocks with sizes, as other writers do', () => {
    const book = Buffer.concat([
      bytes(0, 0, 0, 0, 102, 2, 0x41),
      bytes(1, 4, 20, 2, 0),
      bytes(2, 22, 4, 0),
    ])
    expect(decodeEvent(book)).toEqual({
      type: 'BookDepthUpdated',
      instrument: 'A',
      bids: [{ priceTicks: 10, quantityLots: 1 }],
      asks: [{ priceTicks: 11, quantityLots: 2 }],
    })
  })

  test('with a message that says event, field and value', () => {
    const changed = Buffer.concat([tradeBytes().subarray(0, 18), bytes(0x01, 0x00)])
    expect(thrownBy(() => decodeEvent(changed))).toHaveProperty(
      'message',
      'TradePrinted.quantityLots is -1: it must be at least 1',
    )
  })
})
