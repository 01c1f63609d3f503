import { describe, expect, test } from '@jest/globals'
import {
  clusterOverAt,
  isClusterOver,
  stepCluster,
  type CascadeCluster,
} from '../src/cascade-clusters.ts'
import {
  binLowerTicks,
  binOf,
  bookImpact,
  branchingAtMark,
  branchingOutward,
  histogramOf,
  linearImpact,
  mergeHistograms,
  nextCliff,
  projectShock,
  squareRootImpact,
  type HeatMapInput,
} from '../src/heat-map.ts'
import { PRICE_TICKS_MAX } from '../src/instrument.ts'
import { d } from './generators.ts'

function clustersOf(times: readonly number[], gapMs: number): CascadeCluster[] {
  const done: CascadeCluster[] = []
  let open: CascadeCluster | undefined
  for (const [at, time] of times.entries()) {
    const step = stepCluster(open, { id: `r${at}`, time, notional: d(10) }, gapMs)
    if (step.closed !== undefined) done.push(step.closed)
    open = step.current
  }
  return open === undefined ? done : [...done, open]
}

/** Numbers in [0, 1) from a seed: a test's own noise. */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('cascade clusters', () => {
  test('join within the gap, the gap itself included', () => {
    const clusters = clustersOf([0, 5_000, 10_001, 10_002], 5_000)
    expect(clusters).toEqual([
      { id: 'r0', openedAt: 0, lastAt: 5_000, reductions: 2, notional: d(20) },
      { id: 'r2', openedAt: 10_001, lastAt: 10_002, reductions: 2, notional: d(20) },
    ])
  })

  test('are over the millisecond after the gap', () => {
    const [cluster] = clustersOf([1_000], 5_000)
    const overAt = clusterOverAt(cluster!, 5_000)
    expect(isClusterOver(cluster!, overAt - 1, 5_000)).toBe(false)
    expect(isClusterOver(cluster!, overAt, 5_000)).toBe(true)
  })

  test('take a late reduction in without moving time back', () => {
    const [cluster] = clustersOf([1_000, 400], 5_000)
    expect(cluster).toMatchObject({ openedAt: 1_000, lastAt: 1_000, reductions: 2 })
  })

  test('of a Poisson process have e^{λg} reductions in the mean, and e^{−λg} of them one', () => {
    const random = noise(20_251_010)
    const times: number[] = []
    for (let time = 0; times.length < 60_000; times.push(time)) time -= Math.log1p(-random()) / 0.2
    const clusters = clustersOf(times, 5)
    const single = clusters.filter(({ reductions }) => reductions === 1).length
    expect(Math.abs(times.length / clusters.length - Math.E)).toBeLessThan(0.04)
    expect(Math.abs(single / clusters.length - 1 / Math.E)).toBeLessThan(0.01)
  })

  test('refuse a gap that is no length of time', () => {
    expect(() => stepCluster(undefined, { id: 'r', time: 0, notional: d(1) }, NaN)).toThrow('gap')
  })
})

describe('heat map', () => {
  const binWidth = 0.001
  const density = 1e9
  const mark = 1_000_000

  /** Even density far below and above the mark; κ so that the full liquidation of it has branching ratio n. */
  function evenMarket(n: number, change: Partial<HeatMapInput> = {}): HeatMapInput {
    const center = binOf(mark, binWidth)
    const bins = Array.from({ length: 401 }, (_, at) => ({
      index: center - 200 + at,
      notional: density * binWidth,
    }))
    const impact = linearImpact(n / density)
    return {
      bins,
      binWidth,
      side: 'long',
      markTicks: mark,
      impact,
      liquidatedFraction: 1,
      ...change,
    }
  }

  test.each([
    [0.2, 1, 1.25],
    [0.5, 1, 2],
    [0.8, 1, 5],
    [0.8, 0.25, 1.25],
  ])('amplifies a shock at n %d, fraction %d, by %d', (n, liquidatedFraction, amplification) => {
    for (const side of ['long', 'short'] as const) {
      const market = evenMarket(n, { liquidatedFraction, side })
      const projection = projectShock(market, 0.01)
      expect(projection.amplification).toBeCloseTo(amplification, 9)
      expect(branchingAtMark(market)).toBeCloseTo(n * liquidatedFraction, 9)
      const moved = Math.abs(Math.log(projection.restTicks / mark))
      expect(moved).toBeCloseTo(projection.logMove, 5)
      const forced = liquidatedFraction * density * projection.logMove
      expect(projection.forcedNotional / forced).toBeCloseTo(1, 9)
    }
  })

  test('amplifies a shock under the square-root law more the smaller it is', () => {
    const impact = squareRootImpact({ coefficient: 1, volatility: 0.04, volumeNotional: 1e10 })
    const at = (shock: number) => projectShock(evenMarket(0, { impact }), shock).amplification
    expect(at(0.0001)).toBeGreaterThan(at(0.001))
    expect(at(0.001)).toBeGreaterThan(at(0.01))
    expect(impact(1e8)).toBeCloseTo(0.004, 12)
    expect(impact(1e7)).toBeCloseTo(0.0012649, 7)
  })

  test('lets a shock come to rest in an empty stretch, and run out where everything has liquidated', () => {
    const lone = [{ index: binOf(mark, binWidth) - 5, notional: 1e6 }]
    const small = projectShock(evenMarket(0.5, { bins: lone }), 0.001)
    expect([small.amplification, small.forcedNotional]).toEqual([1, 0])
    const through = projectShock(evenMarket(0, { bins: lone, impact: linearImpact(1e-8) }), 0.02)
    expect(through.forcedNotional).toBe(1e6)
    expect(through.logMove).toBeCloseTo(-Math.log(0.98) + 0.01, 12)
  })

  test('finds the nearest price at which liquidations feed on themselves', () => {
    const center = binOf(mark, binWidth)
    const bins = [
      { index: center - 30, notional: 3e6 },
      { index: center - 10, notional: 2e6 },
      { index: center - 2, notional: 5e5 },
    ].sort((a, b) => a.index - b.index)
    const market = evenMarket(0, { bins, impact: linearImpact(1e-9) })
    const cliff = nextCliff(market)
    expect(cliff?.branchingRatio).toBeCloseTo(2, 9)
    expect(cliff?.edgeTicks).toBeCloseTo(binLowerTicks(center - 9, binWidth), 3)
    expect(
      [...branchingOutward(market)].map(({ branchingRatio }) => branchingRatio.toFixed(3)),
    ).toEqual(['0.500', '2.000', '3.000'])
    expect(nextCliff({ ...market, liquidatedFraction: 0.25 })).toBeUndefined()
    expect(branchingAtMark(market)).toBe(0)
  })

  test('sums positions into bins, and bins of several evaluators', () => {
    const bins = histogramOf(
      [
        { priceTicks: 1_000, notional: 5 },
        { priceTicks: 900, notional: 1 },
        { priceTicks: 1_000, notional: 2 },
      ],
      0.01,
    )
    expect(bins).toEqual([
      { index: binOf(900, 0.01), notional: 1 },
      { index: binOf(1_000, 0.01), notional: 7 },
    ])
    expect(mergeHistograms([bins, bins])[1]).toEqual({ index: binOf(1_000, 0.01), notional: 14 })
    expect(() => binOf(0, 0.01)).toThrow('above 0')
  })

  test('takes the impact from a visible book, and beyond it at the pace of its last band', () => {
    const impact = bookImpact([
      { distanceRate: 0.001, notional: 1e6 },
      { distanceRate: 0.005, notional: 3e6 },
    ])
    expect([0, 5e5, 1e6, 2e6].map(impact)).toEqual([0, 0.0005, 0.001, 0.003])
    expect(impact(5e6)).toBeCloseTo(0.009, 15)
    expect([bookImpact([])(0), bookImpact([])(1)]).toEqual([0, Infinity])
    const unheld = evenMarket(0, { impact: bookImpact([]) })
    expect(projectShock(unheld, 0.01).restTicks).toBe(1)
    expect(projectShock({ ...unheld, side: 'short' }, 0.01).restTicks).toBe(PRICE_TICKS_MAX)
  })
})
