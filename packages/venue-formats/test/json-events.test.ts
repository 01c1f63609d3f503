import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { encodeEvent } from '@sluice/contracts/codec'
import { DecodingError } from '@sluice/contracts/codec-errors'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { eventOfPlain, plain, type PlainObject } from '@sluice/contracts/plain'
import { logRecord } from '@sluice/stream-runtime/log'
import { jsonEvents } from '../src/json-events.ts'

const golden = new URL('../../contracts/test/golden/', import.meta.url)

const decode = (text: string) =>
  jsonEvents.decode(
    logRecord({ offset: 0, appendTime: 0 }, { key: null, value: Buffer.from(text) }),
  )

function refusalOf(value: unknown): readonly [reason: string, detail: string] {
  try {
    decode(typeof value === 'string' ? value : JSON.stringify(value))
  } catch (error) {
    if (error instanceof DecodingError) return [error.reason, error.message]
    throw error
  }
  throw new Error('it was not refused')
}

const TRADE = {
  type: 'TradePrinted',
  instrument: 'BTC-PERP',
  priceTicks: 1,
  quantityLots: 2,
  aggressor: 'buy',
}
const FUNDING = { type: 'FundingRateUpdated', instrument: 'BTC-PERP', nextFundingAt: 1 }

describe('our JSON', () => {
  const cases = readdirSync(golden)
    .filter(file => file !== 'BatchReceipt.json')
    .flatMap(file => {
      const entries = JSON.parse(readFileSync(new URL(file, golden), 'utf8')) as {
        event: PlainObject
      }[]
      return entries.map(({ event }, index) => [`${file} ${String(index)}`, event] as const)
    })

  test.each(cases)('says the same as our Avro: %s', (_name, event) => {
    const [read] = decode(JSON.stringify(event))
    const expected = encodeEvent(eventOfPlain(event))
    expect(Buffer.from(encodeEvent(read as SluiceEvent)).equals(expected)).toBe(true)
    expect(plain(read as SluiceEvent)).toEqual(plain(eventOfPlain(event)))
  })

  test('holds several events in an array, and none in an empty one', () => {
    expect(decode(JSON.stringify([TRADE, TRADE]))).toHaveLength(2)
    expect(decode('[]')).toEqual([])
  })

  test('may leave out what may be null', () => {
    const order = { type: 'KillSwitchEngaged', actor: 'ann', reason: 'drill' }
    expect(decode(JSON.stringify(order))).toMatchObject([{ approver: null, expiresAt: null }])
  })

  test.each([
    ['no JSON', '{"type":', 'json_malformed', /JSON/],
    ['no event', 7, 'json_unfit', /7 is no event/],
    ['an unknown type', { type: 'TradeForgotten' }, 'json_unfit', /"TradeForgotten": no event/],
    [
      'a missing field',
      { ...TRADE, aggressor: undefined },
      'json_unfit',
      /TradePrinted\.aggressor/,
    ],
    ['a field too many', { ...TRADE, price: '1' }, 'json_unfit', /TradePrinted\.price must NOT/],
    ['a fraction of a lot', { ...TRADE, quantityLots: 0.5 }, 'json_unfit', /quantityLots must be/],
    ['a number too small', { ...TRADE, priceTicks: 0 }, 'json_unfit', /priceTicks must be >= 1/],
    [
      'a word that is none',
      { ...TRADE, aggressor: 'BUY' },
      'json_unfit',
      /TradePrinted\.aggressor/,
    ],
    ['a decimal as a number', { ...FUNDING, rate: 0.1 }, 'json_unfit', /rate must be string/],
    ['a decimal too fine', { ...FUNDING, rate: '0.0000000001' }, 'json_unfit', /rate must match/],
  ] as const)('refuses %s, naming the field', (...[, value, reason, detail]) => {
    const [gotReason, gotDetail] = refusalOf(value)
    expect(gotReason).toBe(reason)
    expect(gotDetail).toMatch(detail)
  })
})
