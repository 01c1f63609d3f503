import { describe, expect, test } from '@jest/globals'
import type { CascadeAnalyticsEvent, ProfileBin } from '@sluice/contracts/generated/events'
import { binOf } from '@sluice/domain/heat-map'
import { tick } from '@sluice/testkit/given'
import { BTC, analytics, liquidity, mark, profile } from './fixtures.ts'

const WIDTH = 0.001
const AT_MARK = binOf(10_000, WIDTH)

/** The same notional in each of `count` bins, the first one `from` bins below the mark's. */
function below(from: number, count: number, notional: number): ProfileBin[] {
  return Array.from({ length: count }, (_, at) => ({
    index: AT_MARK - from - count + 1 + at,
    notional,
  }))
}

/** A book that moves by 1 % for 1,000 lots, worth 100 USD each: 100,000 USD a per cent, 10,000 a bin. */
function ready() {
  return analytics().given(mark(0, 10_000), liquidity(0, [['0.01', 1_000]]))
}

type HeatMap = Extract<CascadeAnalyticsEvent, { type: 'HeatMapUpdated' }>

function heatMaps(events: readonly CascadeAnalyticsEvent[]): HeatMap[] {
  return events.filter(event => event.type === 'HeatMapUpdated')
}

describe('the heat map', () => {
  test('says where longs and shorts liquidate', () => {
    const longs = below(3, 2, 500)
    const shorts = [{ index: AT_MARK + 4, notional: 700 }]
    ready()
      .given(profile(1_000, longs))
      .when(profile(1_000, shorts, { side: 'short' }), tick(6_000))
      .thenMatching([{ type: 'HeatMapUpdated', instrument: BTC, longs, shorts, binWidth: WIDTH }])
  })

  test('adds the latest profile of each evaluator', () => {
    const { driver } = ready().given(
      profile(1_000, below(3, 1, 500)),
      profile(2_000, below(3, 1, 300), { partition: 1 }),
      profile(3_000, below(3, 1, 400)),
      tick(6_000),
    )
    expect(heatMaps(driver.events).at(-1)?.longs).toEqual(below(3, 1, 700))
  })

  test('is published at most once an interval, and not at all while nothing changes', () => {
    const { driver } = ready().given(profile(1_000, below(3, 1, 500)))
    for (let time = 1_500; time <= 20_000; time += 500) {
      const { event, ...place } = profile(time, below(3, 1, time))
      driver.input(event, place)
      driver.tick(time)
    }
    driver.advanceTo(120_000)
    const times = heatMaps(driver.events).map(({ meta }) => meta.time)
    expect(times).toEqual([1_000, 6_000, 11_000, 16_000, 21_000])
  })

  test.each([
    [0.2, 1.25],
    [0.5, 2],
    [0.8, 5],
  ])(
    'projects a shock through a uniform density of branching ratio %d as %d times it',
    (n, times) => {
      const { driver } = ready().given(profile(1_000, below(0, 400, n * 10_000)))
      const [heatMap] = heatMaps(driver.events)
      const move = Math.log(10_000 / (heatMap?.projectedDownTicks ?? 0))
      expect(move / -Math.log(0.98)).toBeCloseTo(times, 1)
      expect(heatMap?.branchingDown).toBeCloseTo(n, 6)
      expect(heatMap?.projectedUpTicks).toBe(10_200)
    },
  )

  test('projects a quarter of each position liquidated as a quarter of the branching', () => {
    const { driver } = analytics({ liquidatedFraction: 0.25 })
      .given(mark(0, 10_000), liquidity(0, [['0.01', 1_000]]))
      .given(profile(1_000, below(0, 400, 8_000)))
    const [heatMap] = heatMaps(driver.events)
    const move = Math.log(10_000 / (heatMap?.projectedDownTicks ?? 0))
    expect(move / -Math.log(0.98)).toBeCloseTo(1.25, 1)
  })

  test('does without a book on one side: a shock that liquidates anything has no bottom', () => {
    const { driver } = analytics()
      .given(mark(0, 10_000), liquidity(0, [['0.01', 0]]))
      .given(profile(1_000, below(0, 400, 1)))
    expect(heatMaps(driver.events)[0]).toMatchObject({ branchingDown: Number.MAX_VALUE })
  })

  test('of a bin width that is no width is refused', () => {
    ready()
      .when(profile(1_000, [], { binWidth: 0 }))
      .thenRefused('number_out_of_range')
  })
})

describe('the next cliff', () => {
  test('is announced where it appears, and again only when it has moved by more than a bin', () => {
    const cliffAt = (bins: number, time: number) => profile(time, below(bins, 1, 15_000))
    ready()
      .when(cliffAt(5, 1_000))
      .thenContaining([{ type: 'CliffDetected', instrument: BTC, side: 'long' }])
      .when(cliffAt(6, 6_000))
      .thenTypes(['HeatMapUpdated'])
      .when(cliffAt(8, 11_000))
      .thenTypes(['HeatMapUpdated', 'CliffDetected'])
      .when(profile(16_000, below(8, 1, 5_000)))
      .thenTypes(['HeatMapUpdated'])
      .when(cliffAt(8, 21_000))
      .thenTypes(['HeatMapUpdated', 'CliffDetected'])
  })

  test('carries its distance and its branching ratio', () => {
    const { driver } = ready().given(profile(1_000, below(5, 1, 15_000)))
    const cliff = driver.events.find(event => event.type === 'CliffDetected')
    expect(cliff?.branchingRatio).toBeCloseTo(1.5, 9)
    expect(cliff?.cliffTicks).toBe(Math.round(Math.exp((AT_MARK - 4) * WIDTH)))
    expect(cliff?.distanceRate).toBeCloseTo(1 - (cliff?.cliffTicks ?? 0) / 10_000, 9)
  })
})
