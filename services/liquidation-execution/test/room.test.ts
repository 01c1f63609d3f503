import { describe, expect, test } from '@jest/globals'
import type {
  LiquidationExecutionEvent,
  LiquidationOrderPlaced,
} from '@sluice/contracts/generated/events'
import { after, driveProcessor, tick } from '@sluice/testkit/given'
import fc from 'fast-check'
import { newBook, visibleLots } from '../src/book.ts'
import { createProcessor } from '../src/processor.ts'
import type { State } from '../src/state.ts'
import { BTC, book, dec, execution, expired, filled, long, triggered, world } from './fixtures.ts'

const AT_MARK = { bidTicks: 495_000, askTicks: 495_001 }
const policy = { mode: 'full', bookFraction: dec('0.6'), cooldownMs: 1_000 } as const
const ordersOf = (events: readonly LiquidationExecutionEvent[]): LiquidationOrderPlaced[] =>
  events.filter(event => event.type === 'LiquidationOrderPlaced')

/** A thousand lots are visible, and each slice may take 600. */
const market = () => execution({}, { bookLots: 1_000, policy })
const triggers = (...scopes: readonly string[]) =>
  scopes.map((scope, index) => triggered(long(900, { scope }), index + 1))
const crowd = (...scopes: readonly string[]) => market().given(...triggers(...scopes))

const ZOE = 'liquidation-execution-0/2'
const BOB = 'liquidation-execution-0/4'
const zoeFilled = () => filled(ZOE, 600, { scope: 'zoe' })
const bobFilled = () => filled(BOB, 400, { scope: 'bob' })

describe('liquidations of one second', () => {
  test('share the visible book: the second gets the rest, and the third waits without a word', () => {
    market()
      .when(...triggers('zoe', 'bob', 'amy'))
      .thenMatching([
        { type: 'LiquidationStarted', scope: 'zoe' },
        { type: 'LiquidationOrderPlaced', scope: 'zoe', quantityLots: 600 },
        { type: 'LiquidationStarted', scope: 'bob' },
        { type: 'LiquidationOrderPlaced', scope: 'bob', quantityLots: 400 },
        { type: 'LiquidationStarted', scope: 'amy' },
      ])
  })

  test('say what they found spoken for', () => {
    const orders = ordersOf(crowd('zoe', 'bob').driver.events)
    const found = orders.map(({ sizing }) => [sizing.bookLots, sizing.spokenLots])
    expect(found).toEqual([
      [1_000, 0],
      [1_000, 600],
    ])
  })

  test('leave the other side of the book alone', () => {
    const short = { instrument: BTC, quantityLots: -2_000, entryTicks: 490_000, markTicks: 495_000 }
    crowd('zoe', 'bob')
      .when(triggered({ scope: 'sam', wallet: dec(1_900), holdings: [short] }, 3))
      .thenContaining([{ type: 'LiquidationOrderPlaced', side: 'buy', quantityLots: 600 }])
  })
})

describe('those who wait for room', () => {
  test('are woken by a new book, oldest first, as far as it reaches beyond the working orders', () => {
    crowd('zoe', 'bob', 'carl', 'amy', 'dora')
      .given(after(100), zoeFilled())
      .when(book(BTC, 4_000, AT_MARK))
      .thenMatching([
        { type: 'LiquidationOrderPlaced', scope: 'carl', quantityLots: 2_000 },
        { type: 'LiquidationOrderPlaced', scope: 'amy', quantityLots: 1_600 },
      ])
  })

  test('do not send crumbs: with room for less than half a slice they wait on', () => {
    crowd('zoe', 'bob', 'carl', 'amy')
      .given(after(100), zoeFilled())
      .when(book(BTC, 1_100, AT_MARK))
      .thenMatching([{ type: 'LiquidationOrderPlaced', scope: 'carl', quantityLots: 660 }])
  })

  test('are not woken by fills that the book does not show yet', () => {
    crowd('zoe', 'bob', 'carl')
      .when(after(100), zoeFilled(), bobFilled())
      .thenTypes(['PositionReduced', 'PositionReduced'])
  })

  test('get what an order leaves that found nobody, the oldest first', () => {
    crowd('zoe', 'bob', 'carl', 'amy')
      .when(after(100), expired(ZOE, 0, { scope: 'zoe' }))
      .thenMatching([{ type: 'LiquidationOrderPlaced', scope: 'carl', quantityLots: 600 }])
  })

  test('take a book that stays silent for a cool-down to have come back', () => {
    crowd('zoe', 'bob', 'carl', 'amy')
      .given(after(100), zoeFilled(), bobFilled())
      .when(tick(1_099))
      .thenNothing()
      .when(tick(1_100))
      .thenMatching([
        { type: 'LiquidationOrderPlaced', scope: 'carl', quantityLots: 600 },
        { type: 'LiquidationOrderPlaced', scope: 'amy', quantityLots: 400 },
      ])
  })

  test('do not count as slices that found nobody', () => {
    crowd('zoe', 'bob', 'carl')
      .given(after(2_900))
      .thenState(({ liquidations }) => expect(liquidations.get('carl')?.unfilledSlices).toBe(0))
  })

  test('stand in the same line after a restore, and as much is spoken for', () => {
    const { state } = crowd('zoe', 'bob', 'carl', 'amy', 'dora').driver
    const processor = createProcessor()
    const restored = processor.restore(processor.snapshot(state))
    expect(lineOf(state)).toEqual(['carl', 'amy', 'dora'])
    expect(lineOf(restored)).toEqual(lineOf(state))
    expect(restored.workingLots).toEqual(state.workingLots)
  })
})

const lineOf = ({ awaitingBook }: State): string[] =>
  [...awaitingBook.buy.values(), ...awaitingBook.sell.values()].flatMap(line =>
    line.map(({ scope }) => scope),
  )

describe('the visible lots', () => {
  const { bidTicks, askTicks, bands } = book(BTC, 1_000, AT_MARK)
  const shown = newBook({ eventId: 'price-0/1', at: 0, bidTicks, askTicks }, bands)
  const visible = (limitTicks: number, rate = '0.01'): number =>
    visibleLots(shown, 'sell', { bookDistanceRate: dec(rate), limitTicks })

  test('are those of the widest band within the policy’s distance', () => {
    expect(visible(1)).toBe(1_000)
    expect(visible(1, '0.004')).toBe(100)
    expect(visible(1, '0.0009')).toBe(0)
  })

  test('end at the limit, evenly spread between one band and the next', () => {
    // From 494,505.4995 (a tenth of a per cent under the mid price of 495,000.5) to 492,525.4975 (half of one) lie 900 lots.
    expect(visible(492_525)).toBe(1_000)
    expect(visible(493_515)).toBe(550)
    expect(visible(494_505)).toBe(100)
    expect(visible(494_753)).toBe(49)
  })

  test('are nothing where the best price is beyond the limit, and something where it is not', () => {
    expect(visible(495_001)).toBe(0)
    expect(visible(495_000)).toBe(1)
  })

  test('begin at the best price, however far it is from the mid price', () => {
    const thin = newBook({ eventId: 'price-0/2', at: 0, bidTicks: 493_000, askTicks }, [
      { distanceRate: dec('0.001'), bidLots: 0, askLots: 100 },
      { distanceRate: dec('0.005'), bidLots: 800, askLots: 1_000 },
    ])
    const limit = { bookDistanceRate: dec('0.01'), limitTicks: 492_265 }
    expect(visibleLots(thin, 'sell', limit)).toBe(400)
  })
})

type Action = readonly [what: 'trigger' | 'fill' | 'expire' | 'book', choice: number]

const actions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.tuple(fc.constantFrom('trigger', 'trigger', 'fill', 'expire', 'book'), fc.nat(1_000)),
  { maxLength: 80, size: 'max' },
)

/** Sums up by itself what works and what was filled since the book, and judges every order by it. */
class Auditor {
  readonly driver = driveProcessor(createProcessor(), { checkSnapshots: false })
  readonly #open = new Map<string, { scope: string; lots: number; filled: number }>()
  #filledSinceBook = 0
  #bookLots = 1_000
  #time = 0
  #triggers = 0
  orders = 0

  constructor() {
    const options = { policy: { ...policy, cooldownMs: 1e9 }, bookLots: this.#bookLots }
    for (const event of world(options)) this.driver.input(event)
  }

  act([what, choice]: Action): void {
    this.#time += 1
    if (what === 'trigger') this.#trigger(choice)
    else if (what === 'book') this.#publish(choice * 3)
    else this.#answer(what, choice)
  }

  #trigger(choice: number): void {
    this.#triggers += 1
    const scope = `scope-${choice}-${this.#triggers}`
    this.#input(triggered(long(900, { scope, evaluatedAt: this.#time }), this.#triggers))
  }

  #publish(lots: number): void {
    this.#filledSinceBook = 0
    this.#bookLots = lots
    this.#input(book(BTC, lots, AT_MARK))
  }

  #answer(what: 'fill' | 'expire', choice: number): void {
    const [id, order] = [...this.#open][choice % Math.max(1, this.#open.size)] ?? []
    if (id === undefined || order === undefined) return
    const { scope } = order
    const lots = Math.min(order.lots, choice + 1)
    if (what === 'fill') {
      order.lots -= lots
      order.filled += lots
      this.#filledSinceBook += lots
    }
    if (what === 'expire' || order.lots === 0) this.#open.delete(id)
    this.#input(
      what === 'fill' ? filled(id, lots, { scope }) : expired(id, order.filled, { scope }),
    )
  }

  #input(event: Parameters<typeof this.driver.input>[0]): void {
    for (const order of ordersOf(this.driver.input(event, { time: this.#time }))) this.#judge(order)
  }

  #judge({ clientOrderId, scope, quantityLots }: LiquidationOrderPlaced): void {
    const working = [...this.#open.values()].reduce((sum, { lots }) => sum + lots, 0)
    const spoken = working + this.#filledSinceBook
    if (spoken > 0) expect(spoken + quantityLots).toBeLessThanOrEqual(this.#bookLots)
    this.#open.set(clientOrderId, { scope, lots: quantityLots, filled: 0 })
    this.orders += 1
  }
}

const seed = 20_261_124

test('working orders and fills since the book never exceed what is visible', () => {
  let orders = 0
  const property = fc.property(actions, list => {
    const auditor = new Auditor()
    for (const action of list) auditor.act(action)
    orders += auditor.orders
  })
  fc.assert(property, { seed, numRuns: process.env['SLUICE_LONG'] === undefined ? 30 : 1_000 })
  expect(orders).toBeGreaterThan(100)
})
