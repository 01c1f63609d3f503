import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import type { PriceEvent, SluiceEvent } from '@sluice/contracts/generated/events'
import { Fold } from '@sluice/stream-runtime/fold'
import { logRecord } from '@sluice/stream-runtime/log'
import { codecOf } from '@sluice/venue-formats/codecs'
import fc from 'fast-check'
import { priceProcessor } from '../src/processor.ts'
import { DEFAULT_PRICE_SETTINGS } from '../src/settings.ts'
import { BTC, listing, sourcesSet } from './fixtures.ts'

/** Binance's raw feed of 2024-08-08: depth changes, trades, best prices, and one snapshot that came 54 lines late. */
const FEED = new URL(
  '../../../../shared/data/depth/hftbacktest_binance_um_btcusdt_rawfeed_20240808.gz',
  import.meta.url,
)
const SEED = 20_240_808
const IS_LONG = process.env['SLUICE_LONG'] !== undefined
/** The whole feed has 93,954 lines, 6,551 of them changes. */
const LINES = IS_LONG ? Infinity : 25_000
const RUNS = IS_LONG ? 1_000 : 25
const TICKS_PER_PRICE = 10
const LOTS_PER_QUANTITY = 1_000

type Levels = readonly (readonly [price: string, quantity: string])[]
interface Depth {
  readonly U: number
  readonly u: number
  readonly pu: number
  readonly b: Levels
  readonly a: Levels
}
interface Line {
  readonly time: number
  readonly text: string
}

/** The book as Binance says to keep it, from text, with nothing of ours. */
class NaiveBook {
  readonly bids = new Map<string, string>()
  readonly asks = new Map<string, string>()
  lastUpdateId = 0

  apply({ u, b, a }: Depth): void {
    if (u <= this.lastUpdateId) return
    for (const [price, quantity] of b) put(this.bids, price, quantity)
    for (const [price, quantity] of a) put(this.asks, price, quantity)
    this.lastUpdateId = u
  }

  /** `[ticks, lots]`, best first. */
  side(side: 'bids' | 'asks'): [number, number][] {
    const order = side === 'bids' ? -1 : 1
    return [...this[side]]
      .map(([price, quantity]): [number, number] => [
        Math.round(Number(price) * TICKS_PER_PRICE),
        Math.round(Number(quantity) * LOTS_PER_QUANTITY),
      ])
      .sort(([left], [right]) => order * (left - right))
  }

  snapshot(): string {
    const { lastUpdateId, bids, asks } = this
    return JSON.stringify({ lastUpdateId, bids: [...bids], asks: [...asks] })
  }
}

function put(side: Map<string, string>, price: string, quantity: string): void {
  if (Number(quantity) === 0) side.delete(price)
  else side.set(price, quantity)
}

const depthOf = ({ text }: Line): Depth | undefined =>
  text.includes('"depthUpdate"') ? (JSON.parse(text) as { data: Depth }).data : undefined

const BINANCE = codecOf('market-data', {
  format: 'binance',
  mapping: { instruments: { BTCUSDT: { instrument: BTC, tickSize: '0.1', lotSize: '0.001' } } },
})!

/** The price service with its market data in Binance's own format. */
class Service {
  readonly events: PriceEvent[] = []
  readonly #fold = new Fold(
    { processor: priceProcessor(DEFAULT_PRICE_SETTINGS), partition: 0 },
    {
      state: priceProcessor(DEFAULT_PRICE_SETTINGS).initialState(),
      now: 0,
      nextSequence: 1,
    },
    { addEvent: ({ event }) => this.events.push(event as PriceEvent) },
  )
  readonly #input = {
    topic: 'market-data',
    partition: 0,
    ours: false,
    codec: BINANCE,
  }
  #offset = 0

  constructor() {
    for (const event of [listing(), sourcesSet()]) this.#rule(event)
  }

  #rule(event: SluiceEvent): void {
    const input = {
      topic: 'reference-data',
      partition: 0,
      ours: false,
      codec: { name: '', decode: () => [event] },
    }
    this.#fold.input(
      input,
      logRecord({ offset: 0, appendTime: 0 }, { key: null, value: Buffer.of() }),
    )
  }

  take({ time, text }: Line): void {
    const content = { key: Buffer.from('BTCUSDT'), value: Buffer.from(text) }
    this.#fold.input(this.#input, logRecord({ offset: this.#offset, appendTime: time }, content))
    this.#offset += 1
  }

  get book() {
    return this.#fold.state.byName.get(BTC)!.book
  }

  side(side: 'bids' | 'asks'): [number, number][] {
    const { ticks, lots } = this.book[side]
    return ticks.map((price, level) => [price, lots[level]!])
  }

  types(): string[] {
    return this.events.map(({ type }) => type)
  }
}

function same(service: Service, naive: NaiveBook): void {
  expect(service.book.updateId).toBe(naive.lastUpdateId)
  // As text: thousands of levels are compared hundreds of times.
  expect(service.side('bids').join(' ')).toBe(naive.side('bids').join(' '))
  expect(service.side('asks').join(' ')).toBe(naive.side('asks').join(' '))
}

function linesOf(text: string): Line[] {
  return text
    .trim()
    .split('\n')
    .map(line => {
      const space = line.indexOf(' ')
      return { time: Math.floor(Number(line.slice(0, space)) / 1e6), text: line.slice(space + 1) }
    })
}

/** Loses the lines `isLost` says, and gives a snapshot of the true book some changes after each loss. */
function play(
  lines: readonly Line[],
  isLost: (change: number) => boolean,
  check: (service: Service, naive: NaiveBook, change: number) => void,
): Service {
  const service = new Service()
  const naive = new NaiveBook()
  const early: Depth[] = []
  let changes = 0
  let snapshotIn = -1
  for (const line of lines) {
    const depth = depthOf(line)
    if (depth === undefined) {
      service.take(line)
      if (!line.text.startsWith('{"lastUpdateId"')) continue
      const { lastUpdateId, bids, asks } = JSON.parse(line.text) as {
        lastUpdateId: number
        bids: Levels
        asks: Levels
      }
      naive.apply({ U: 0, pu: 0, u: lastUpdateId, b: bids, a: asks })
      for (const each of early.splice(0)) naive.apply(each)
      continue
    }
    const late = snapshotIn === 0 ? { time: line.time, text: naive.snapshot() } : undefined
    if (naive.lastUpdateId === 0) early.push(depth)
    else naive.apply(depth)
    changes += 1
    if (isLost(changes)) snapshotIn = 5
    else service.take(line)
    // As over the network: it was taken before the change that has just come.
    if (late !== undefined) service.take(late)
    snapshotIn -= 1
    check(service, naive, changes)
  }
  return service
}

const neverLost = () => false

if (existsSync(FEED))
  describe('the raw feed of a venue', () => {
    const lines = linesOf(gunzipSync(readFileSync(FEED)).toString('utf8')).slice(0, LINES)

    test('gives the true book, all of it, wherever it is looked at', () => {
      let looks = 0
      const service = play(lines, neverLost, (priced, naive, change) => {
        if (naive.lastUpdateId === 0 || change % 50 !== 0) return
        looks += 1
        same(priced, naive)
      })
      expect(looks).toBeGreaterThan(20)
      const types = service.types()
      expect(types.filter(type => type === 'BookDistrusted')).toHaveLength(1)
      expect(types.filter(type => type === 'BookTrusted')).toHaveLength(1)
      expect(types.filter(type => type === 'InputRefused')).toEqual([])
      expect(types.filter(type => type === 'BookLiquidityUpdated').length).toBeGreaterThan(50)
    })

    test('is distrusted at every change that is lost, and the true book after the next snapshot', () => {
      const lost = new Set([500, 777, 1_234, ...(IS_LONG ? [2_000, 3_333, 6_400] : [])])
      let looks = 0
      const service = play(
        lines,
        change => lost.has(change),
        (priced, naive, change) => {
          const isAfterLoss = lost.has(change - 1)
          if (isAfterLoss) expect(priced.book.status).toBe('distrusted')
          if (naive.lastUpdateId === 0 || priced.book.status !== 'known' || lost.has(change)) return
          if (change % 50 !== 0 && !lost.has(change - 7)) return
          looks += 1
          same(priced, naive)
        },
      )
      expect(looks).toBeGreaterThan(20)
      const types = service.types()
      expect(types.filter(type => type === 'BookDistrusted')).toHaveLength(1 + lost.size)
      expect(types.filter(type => type === 'BookTrusted')).toHaveLength(1 + lost.size)
    })
  })
else
  test.skip('the raw feed of a venue gives the true book (no folder ../shared/data beside this repository)', () =>
    undefined)

/** A feed in the same format, made up: changes of a narrow book, numbered as Binance numbers them. */
function madeUp(steps: readonly (readonly [bid: boolean, place: number, lots: number])[]): Line[] {
  const made: Line[] = []
  let id = 1_000
  for (const [isBid, place, lots] of steps) {
    const level = [isBid ? `${59_990 - place}.5` : `${60_000 + place}.5`, (lots / 1_000).toFixed(3)]
    const data = {
      e: 'depthUpdate',
      s: 'BTCUSDT',
      U: id + 3,
      u: id + 5,
      pu: id,
      b: isBid ? [level] : [],
      a: isBid ? [] : [level],
    }
    made.push({ time: id, text: JSON.stringify({ stream: 'btcusdt@depth', data }) })
    if (made.length === 3)
      made.push({ time: id, text: '{"lastUpdateId":1005,"bids":[],"asks":[]}' })
    id += 5
  }
  return made
}

test('a made-up feed gives the true book, whatever of it is lost', () => {
  const steps = fc.array(
    fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 3 })),
    { minLength: 20, maxLength: 80 },
  )
  const losses = fc.uniqueArray(fc.integer({ min: 8, max: 80 }), { maxLength: 4 })
  fc.assert(
    fc.property(steps, losses, (changes, lost) => {
      play(
        madeUp(changes),
        change => lost.includes(change),
        (service, naive, change) => {
          if (change <= 3 || service.book.status !== 'known' || lost.includes(change)) return
          same(service, naive)
        },
      )
    }),
    { seed: SEED, numRuns: RUNS },
  )
})
