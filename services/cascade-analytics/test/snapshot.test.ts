import { describe, expect, test } from '@jest/globals'
import type { CascadeAnalyticsEvent } from '@sluice/contracts/generated/events'
import type { Decimal } from '@sluice/domain/decimal'
import { ZERO } from '@sluice/domain/decimal'
import type { PlacedEvent } from '@sluice/testkit/given'
import { driveProcessor } from '@sluice/testkit/given'
import fc from 'fast-check'
import type { AnalyticsInput } from '../src/handlers.ts'
import { cascadeAnalyticsProcessor } from '../src/processor.ts'
import { DEFAULT_ANALYTICS_SETTINGS } from '../src/settings.ts'
import { SnapshotFormError } from '../src/snapshot.ts'
import {
  BTC,
  ETH,
  completed,
  leg,
  liquidationId,
  liquidity,
  listing,
  mark,
  profile,
  reduced,
  triggered,
} from './fixtures.ts'

const RUNS = process.env['SLUICE_LONG'] === undefined ? 25 : 1_000
const SEED = 20_251_010

type Step = (time: number, number: number) => PlacedEvent<AnalyticsInput>
const ticks = fc.integer({ min: 9_000, max: 11_000 })
const who = fc.integer({ min: 1, max: 8 })
const market = fc.constantFrom(BTC, ETH)
const side = fc.constantFrom('buy' as const, 'sell' as const)
const mechanism = fc.constantFrom('order' as const, 'deleveraging' as const)
const lots = fc.integer({ min: 1, max: 500 })

const marked = fc.tuple(ticks, market).map(
  ([price, instrument]): Step =>
    time =>
      mark(time, price, instrument),
)

const trigger = fc
  .tuple(who, ticks, fc.integer({ min: -50, max: 50 }))
  .map(([of, price, held]): Step => time => {
    const legs = [leg(held === 0 ? 1 : held, price), leg(-3, price, ETH)]
    return triggered(of, time, { scope: `scope-${String(of)}`, legs })
  })

const fill = fc
  .record({ of: who, quantityLots: lots, priceTicks: ticks, instrument: market, side, mechanism })
  .map(
    (fields): Step =>
      (time, number) =>
        reduced(number, time, fields),
  )

const completion = fc.tuple(who, fc.integer({ min: -100, max: 100 })).map(
  ([of, draw]): Step =>
    time =>
      completed(of, time, String(draw)),
)

const bins = fc.uniqueArray(
  fc.record({
    index: fc.integer({ min: 9_150, max: 9_280 }),
    notional: fc.integer({ min: 1, max: 50_000 }),
  }),
  { maxLength: 20, selector: ({ index }) => index },
)

const profiled = fc
  .tuple(bins, fc.constantFrom('long' as const, 'short' as const), fc.integer({ min: 0, max: 2 }))
  .map(([unordered, profileSide, partition]): Step => {
    const ascending = unordered.sort((left, right) => left.index - right.index)
    return time => profile(time, ascending, { side: profileSide, partition })
  })

const book = fc.tuple(lots, lots).map(
  ([near, more]): Step =>
    time =>
      liquidity(time, [
        ['0.005', near],
        ['0.02', near + more],
      ]),
)

const step = fc.oneof(
  { weight: 3, arbitrary: marked },
  { weight: 2, arbitrary: trigger },
  { weight: 4, arbitrary: fill },
  completion,
  profiled,
  book,
)

/** Steps with the time that passes before each. */
const day = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 7_000 })), {
  minLength: 1,
  maxLength: 50,
})

type Day = readonly (readonly [Step, number])[]

/** Drives the day; the driver checks at every step that a restored twin does the same. */
function drive(steps: Day) {
  const driver = driveProcessor(cascadeAnalyticsProcessor(DEFAULT_ANALYTICS_SETTINGS))
  const fed: AnalyticsInput[] = []
  for (const instrument of [BTC, ETH]) driver.input(listing(instrument))
  let time = 1_000
  for (const [index, [make, elapsed]] of steps.entries()) {
    time += elapsed
    driver.advanceTo(time)
    const { event, ...place } = make(time, index + 1)
    fed.push(event)
    driver.input(event, place)
  }
  driver.advanceTo(time + 60_000)
  return { events: driver.events, fed, state: driver.state }
}

function ofType<Type extends CascadeAnalyticsEvent['type']>(
  events: readonly CascadeAnalyticsEvent[],
  type: Type,
) {
  return events.filter(
    (event): event is Extract<CascadeAnalyticsEvent, { type: Type }> => event.type === type,
  )
}

describe('whatever liquidations do', () => {
  test('every forced reduction is counted in exactly one cascade, and every cascade closes', () => {
    fc.assert(
      fc.property(day, steps => {
        const { events, fed } = drive(steps)
        const fills = fed.filter(event => event.type === 'PositionReduced')
        const closed = ofType(events, 'CascadeClosed')
        expect(closed).toHaveLength(ofType(events, 'CascadeOpened').length)
        expect(closed.reduce((count, { reductions }) => count + reductions, 0)).toBe(fills.length)
        const notional = (all: readonly { notional: Decimal }[]) =>
          all.reduce((sum, each) => sum.plus(each.notional), ZERO).toFixed()
        expect(notional(closed)).toBe(notional(fills))
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('a liquidation joins a cascade once, and a parent is a generation nearer to the root', () => {
    fc.assert(
      fc.property(day, steps => {
        const { events } = drive(steps)
        const generations = new Map<string, number>()
        const joined = new Set<string>()
        for (const event of ofType(events, 'CascadeExtended')) {
          const { cascadeId, liquidationId: id, parentLiquidationId: parent, generation } = event
          expect(joined.has(`${cascadeId} ${id}`)).toBe(false)
          joined.add(`${cascadeId} ${id}`)
          expect(parent).not.toBe(id)
          if (parent === null) expect(generation).toBe(0)
          else expect(generation).toBeGreaterThan(0)
          generations.set(id, generation)
        }
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('liquidations that ended are forgotten', () => {
    const processor = cascadeAnalyticsProcessor(DEFAULT_ANALYTICS_SETTINGS)
    const driver = driveProcessor(processor, { checkSnapshots: false })
    driver.input(listing(BTC))
    for (let of = 1; of <= 1_000; of += 1) {
      const time = of * 1_000
      const steps = [
        triggered(of, time, { scope: `scope-${String(of)}`, legs: [leg(1, 10_000)] }),
        reduced(of, time, { of }),
        completed(of, time, '0'),
      ]
      for (const { event, ...place } of steps) driver.input(event, place)
    }
    expect(driver.state.liquidations.size).toBeLessThanOrEqual(62)
    expect(driver.state.liquidations.has(liquidationId(1_000))).toBe(true)
    expect(driver.state.markets.get(BTC)?.trades.length).toBeLessThanOrEqual(62)
  })
})

test('a snapshot of another form is not read', () => {
  const other = new TextEncoder().encode(JSON.stringify({ form: 99, markets: [] }))
  const processor = cascadeAnalyticsProcessor(DEFAULT_ANALYTICS_SETTINGS)
  expect(() => processor.restore(other)).toThrow(SnapshotFormError)
})
