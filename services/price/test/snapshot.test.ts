import { describe, expect, test } from '@jest/globals'
import type { PriceEvent } from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import { comparable } from '@sluice/testkit/comparable'
import type { PlacedEvent } from '@sluice/testkit/given'
import { driveProcessor } from '@sluice/testkit/given'
import fc from 'fast-check'
import type { PriceInput } from '../src/handlers.ts'
import { priceProcessor } from '../src/processor.ts'
import { DEFAULT_PRICE_SETTINGS } from '../src/settings.ts'
import { SnapshotFormError } from '../src/snapshot.ts'
import {
  bookTop,
  component,
  depth,
  funding,
  halt,
  level,
  listing,
  resume,
  sourcesSet,
  trade,
} from './fixtures.ts'

const RUNS = process.env['SLUICE_LONG'] === undefined ? 25 : 1_000
const SEED = 20_251_010

type Step = (time: number) => PlacedEvent<PriceInput>
const ticks = fc.integer({ min: 9_500, max: 10_500 })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: componentStep() },
  {
    weight: 2,
    arbitrary: ticks.map(
      (price): Step =>
        time =>
          trade(time, price),
    ),
  },
  { weight: 2, arbitrary: fc.tuple(ticks, fc.integer({ min: 1, max: 50 })).map(topStep) },
  { weight: 2, arbitrary: fc.tuple(ticks, fc.integer({ min: 1, max: 50 })).map(depthStep) },
  fc.constant((time: number) => funding(time, '0.0001', time + 3_600_000)),
  fc.constant(halt),
  fc.constant(resume),
)

function componentStep(): fc.Arbitrary<Step> {
  const source = fc.constantFrom('alpha', 'beta', 'gamma', 'omega')
  return fc.tuple(source, ticks).map(
    ([name, price]) =>
      time =>
        component(name, price, time),
  )
}

function topStep([bid, spread]: [number, number]): Step {
  return time => bookTop(time, bid, bid + spread)
}

function depthStep([bid, lots]: [number, number]): Step {
  return time =>
    depth(time, [level(bid, lots), level(bid - 30, 7)], [level(bid + 1, 3), level(bid + 90, lots)])
}

/** Steps with the time that passes before each. */
const day = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 900 })), {
  minLength: 1,
  maxLength: 60,
})

/** Drives the day; the driver checks at every step that a restored twin does the same. */
function drive(steps: readonly (readonly [Step, number])[]) {
  const driver = driveProcessor(priceProcessor(DEFAULT_PRICE_SETTINGS))
  driver.input(listing())
  driver.input(sourcesSet({ basisWindowMs: 5_000, sourceMaxAgeMs: 3_000 }))
  let time = 1_000
  for (const [make, elapsed] of steps) {
    time += elapsed
    driver.advanceTo(time)
    const { event, ...place } = make(time)
    driver.input(event, place)
  }
  driver.advanceTo(time + 20_000)
  return driver
}

type Mark = Extract<PriceEvent, { type: 'MarkPriceUpdated' }>

describe('whatever the market does', () => {
  test('a task restored at any step goes on as if nothing had happened', () => {
    fc.assert(
      fc.property(day, steps => {
        const driver = drive(steps)
        expect(driver.events.map(comparable)).toEqual(drive(steps).events.map(comparable))
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('marks are at least an interval apart and the median of their three prices', () => {
    fc.assert(
      fc.property(day, steps => {
        const marks = drive(steps).events.filter((event): event is Mark => 'markTicks' in event)
        for (const [index, mark] of marks.entries()) {
          const before = marks[index - 1]
          if (before !== undefined) {
            expect(mark.meta.time - before.meta.time).toBeGreaterThanOrEqual(1_000)
          }
          const { fundingPriceTicks, basisPriceTicks, lastPriceTicks, markTicks } = mark
          const three = [fundingPriceTicks, basisPriceTicks, lastPriceTicks ?? markTicks]
          expect(three.sort((a, b) => a - b)[1]).toBe(markTicks)
        }
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })

  test('the quality in force is the one the last change announced, and silence lasts ten intervals at most', () => {
    fc.assert(
      fc.property(day, steps => {
        const { events } = drive(steps)
        let quality = 'stale'
        let markedAt: number | undefined
        for (const event of events) {
          if (event.type === 'PriceQualityChanged') {
            expect(event.from).toBe(quality)
            quality = event.to
          }
          if (event.type !== 'MarkPriceUpdated') continue
          expect(event.quality).toBe(quality)
          expect(event.meta.time - (markedAt ?? event.meta.time)).toBeLessThanOrEqual(10_000)
          markedAt = event.meta.time
        }
      }),
      { seed: SEED, numRuns: RUNS },
    )
  })
})

test('a snapshot of another form is not read', () => {
  const other = new TextEncoder().encode(JSON.stringify({ form: 99, instruments: [] }))
  const processor = priceProcessor(DEFAULT_PRICE_SETTINGS)
  expect(() => processor.restore(other)).toThrow(SnapshotFormError)
})

test('settings that differ give different text, equal ones the same', () => {
  const textOf = (heartbeatIntervals: number, rate: string) =>
    priceProcessor({
      ...DEFAULT_PRICE_SETTINGS,
      heartbeatIntervals,
      divergenceRateMax: new Decimal(rate),
    }).settings
  expect(textOf(10, '0.050')).toBe(textOf(10, '0.05'))
  expect(textOf(10, '0.05')).not.toBe(textOf(11, '0.05'))
})
