import { describe, expect, test } from '@jest/globals'
import { compareResults, MEASURES, valueOf } from '../src/compare.ts'
import type { Measure } from '../src/compare.ts'
import type { SimulationResult } from '../src/run-simulation.ts'

const SEEDS = 20

/** A run with these figures and nothing else in it. */
function resultOf(figures: Partial<Record<Measure, number>>): SimulationResult {
  const text = (measure: Measure): string => (figures[measure] ?? 0).toFixed(2)
  return {
    summary: {
      stateHash: '',
      accounts: 1,
      liquidations: 0,
      partial: 0,
      full: 0,
      forcedNotional: text('forcedNotional'),
      fundDraw: text('fundDraw'),
      adlNotional: text('adlNotional'),
      sharedLoss: text('sharedLoss'),
      moneyConserved: true,
      events: 0,
      seconds: 0,
    },
    priceMoved: figures.priceMoved ?? 0,
    largestCascade: figures.largestCascade ?? 0,
  }
}

const runs = (measure: Measure, values: readonly number[]): SimulationResult[] =>
  values.map(value => resultOf({ [measure]: value }))

const compared = (measure: Measure, first: readonly number[], second: readonly number[]) =>
  compareResults(runs(measure, first), runs(measure, second)).find(
    found => found.measure === measure,
  )!

const numbers = (of: (index: number) => number): number[] =>
  Array.from({ length: SEEDS }, (_, index) => of(index))

describe('two policies on the same paths', () => {
  test.each(MEASURES)('are compared by %s, as the run states it', measure => {
    expect(valueOf(resultOf({ [measure]: 12.5 }), measure)).toBe(12.5)
    expect(compared(measure, [3, 3], [1, 1]).meanDifference).toBe(2)
  })

  test('are compared seed by seed: a small difference that is always there shows through paths far apart', () => {
    const second = numbers(index => index * 1000)
    const { meanDifference, interval, firstWorse } = compared(
      'fundDraw',
      second.map(value => value - 1),
      second,
    )
    expect(meanDifference).toBe(-1)
    expect(interval).toEqual([-1, -1])
    expect(firstWorse).toBe(0)
  })

  test('give the seeds on which the first did worse, equal ones not counted', () => {
    expect(compared('forcedNotional', [1, 5, 3, 7], [2, 4, 3, 6]).firstWorse).toBe(2)
  })

  test('give median and the middle nine tenths of each', () => {
    const { first, second } = compared(
      'largestCascade',
      numbers(index => index + 1),
      numbers(() => 4),
    )
    expect(first.median).toBe(10.5)
    expect(first.p05).toBeGreaterThanOrEqual(1)
    expect(first.p05).toBeLessThan(3)
    expect(first.p95).toBeGreaterThan(18)
    expect(second).toEqual({ median: 4, p05: 4, p95: 4 })
  })
})

describe('the interval of the mean difference', () => {
  const first = numbers(index => Math.sin(index) * 10 + 2)
  const second = numbers(() => 0)

  test('is the same for the same results', () => {
    expect(compared('priceMoved', first, second)).toEqual(compared('priceMoved', first, second))
  })

  test('contains the mean, turns round with the sides, and is zero wide when nothing varies', () => {
    const { meanDifference, interval } = compared('priceMoved', first, second)
    expect(interval[0]).toBeLessThan(meanDifference)
    expect(interval[1]).toBeGreaterThan(meanDifference)
    const turned = compared('priceMoved', second, first).interval
    expect(turned[0]).toBeCloseTo(-interval[1], 9)
    expect(turned[1]).toBeCloseTo(-interval[0], 9)
    expect(compared('priceMoved', second, second).interval).toEqual([0, 0])
  })

  test('is about as wide as theory says: 3.92 standard errors', () => {
    const mean = first.reduce((sum, value) => sum + value, 0) / SEEDS
    const variance = first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SEEDS
    const [low, high] = compared('priceMoved', first, second).interval
    const expected = 3.92 * Math.sqrt(variance / SEEDS)
    expect((high - low) / expected).toBeGreaterThan(0.85)
    expect((high - low) / expected).toBeLessThan(1.15)
  })
})
