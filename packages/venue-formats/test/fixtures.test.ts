import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { OUT_OF_SCOPE } from '../src/out-of-scope.ts'
import { testOf } from '../src/matching.ts'
import { elementsOf, type Place } from '../src/paths.ts'
import { VENUES } from '../src/venues.ts'
import { becomes, codecsOf, record } from './words.ts'

const FIXTURES = new URL(
  '../../../../shared/data/fixtures/exchange_message_fixtures.jsonl',
  import.meta.url,
)
const PAGE = new URL('../../../docs/reference/venue-messages.md', import.meta.url)
const KEY = 'KEYED'

interface Fixture {
  readonly exchange: string
  readonly transport: string
  readonly kind: string
  readonly message: unknown
}

const SYMBOLS = [
  ...[KEY, 'BTCUSDT', 'BNBUSDT', 'ETHUSDT', 'GLMUSDT', 'CTSIUSDT', 'ROSEUSDT', 'XBTUSD'],
  ...['BTC-PERPETUAL', 'BTC-USD', 'ETH-USD', 'SOL-USD', 'BTC', 'PI_XBTUSD', 'PF_ETHUSD'],
  ...['BTC-USDT', 'BTC-USDT-SWAP'],
]
const FINE = { tickSize: '0.00000001', lotSize: '0.00000001' }
const mapping = {
  instruments: Object.fromEntries(SYMBOLS.map(symbol => [symbol, { instrument: symbol, ...FINE }])),
}

/** Reasons for which the rules of a venue pass a message over. */
function reasonsFor(exchange: string, message: unknown): readonly string[] {
  const { rules, envelopes } = VENUES.get(exchange)!.messages
  const messages = Array.isArray(message) ? (message as unknown[]) : [message]
  const bodies = messages.flatMap((root): readonly Place[] => {
    const whole: Place = { record: record(''), root, item: root, name: 0, parent: null }
    const envelope = envelopes.find(({ when }) => testOf(when)(whole))
    return envelope === undefined ? [whole] : elementsOf(envelope.each)(whole)
  })
  const reasons = rules.flatMap(rule =>
    'ignore' in rule && bodies.some(testOf(rule.when)) ? [rule.ignore] : [],
  )
  return reasons
}

const codecs = new Map([...VENUES.keys()].map(name => [name, codecsOf(name, mapping)]))

/** `BookTopUpdated, IndexComponentPriced` or why it becomes nothing. */
function outcomeOf({ exchange, message }: Fixture): string {
  const events = becomes(codecs.get(exchange)!, message, KEY)
  const types = [...new Set(events.map(({ type }) => type as string))].sort()
  return types.length > 0 ? types.join(', ') : (reasonsFor(exchange, message)[0] ?? 'nothing')
}

const rowOf = (fixture: Fixture, number: number): string =>
  `| ${String(number + 1)} | ${fixture.exchange} | ${fixture.transport} | ${fixture.kind} | ${outcomeOf(fixture)} |`

const isThere = existsSync(FIXTURES)
const all = isThere
  ? readFileSync(FIXTURES, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as Fixture)
  : []

const rowsOfPage = (): readonly string[] =>
  readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter(line => /^\| *\d+ /.test(line))
    .map(line => line.replaceAll(/ +/g, ' ').trim())

describe('117 messages of venues, as docs/reference/venue-messages.md shows them', () => {
  test('each becomes events or has a stated reason', () => {
    const rows = rowsOfPage()
    expect(rows).toHaveLength(117)
    for (const row of rows) {
      const outcome = row.split('|')[5]?.trim() ?? ''
      expect(outcome).toMatch(/^[A-Za-z_]+(, [A-Za-z_]+)*$/)
      if (!/^[A-Z]/.test(outcome)) expect(Object.keys(OUT_OF_SCOPE)).toContain(outcome)
    }
  })

  if (isThere)
    test('is what the codecs make of them', () => {
      expect(all.map(rowOf)).toEqual(rowsOfPage())
    })
  else
    test.skip('are not checked against the messages (no folder ../shared/data beside this repository)', () =>
      undefined)
})
