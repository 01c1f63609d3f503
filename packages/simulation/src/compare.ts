import { Random } from '@sluice/exchange-simulator/random'
import { mean, quantile, sampleWithReplacement } from 'simple-statistics'
import type { SimulationResult } from './run-simulation.ts'

/** The figures two policies are held against each other by; less is better in each. */
export const MEASURES = [
  'fundDraw',
  'priceMoved',
  'forcedNotional',
  'largestCascade',
  'adlNotional',
  'sharedLoss',
] as const
export type Measure = (typeof MEASURES)[number]

/** One figure of one policy over all seeds: median with the middle nine tenths. */
export interface Spread {
  readonly median: number
  readonly p05: number
  readonly p95: number
}

/** Two policies on the same paths, for one figure. */
export interface MeasureComparison {
  readonly measure: Measure
  readonly first: Spread
  readonly second: Spread
  /** Mean over seeds of (first − second), with its 95 % bootstrap interval. */
  readonly meanDifference: number
  readonly interval: readonly [number, number]
  /** Seeds on which the first policy did worse. */
  readonly firstWorse: number
}

const RESAMPLES = 2000
const RESAMPLING_SEED = 1

/** A run's figure as a number: for statistics, no decision is taken with it. */
export function valueOf(
  { summary, priceMoved, largestCascade }: SimulationResult,
  measure: Measure,
): number {
  if (measure === 'priceMoved') return priceMoved
  if (measure === 'largestCascade') return largestCascade
  return Number(summary[measure])
}

const spreadOf = (values: readonly number[]): Spread => {
  const [p05, median, p95] = [0.05, 0.5, 0.95].map(at => quantile([...values], at))
  return { median: median ?? NaN, p05: p05 ?? NaN, p95: p95 ?? NaN }
}

/**
 * Holds the results of two policies against each other, seed by seed. `first[i]` and `second[i]` ran on the same path.
 * The interval of the mean difference is the percentile bootstrap over seeds with a fixed seed of its own.
 */
export function compareResults(
  first: readonly SimulationResult[],
  second: readonly SimulationResult[],
): MeasureComparison[] {
  return MEASURES.map(measure => {
    const ones = first.map(result => valueOf(result, measure))
    const others = second.map(result => valueOf(result, measure))
    const differences = ones.map((value, at) => value - (others[at] ?? NaN))
    return {
      measure,
      first: spreadOf(ones),
      second: spreadOf(others),
      meanDifference: mean(differences),
      interval: bootstrapInterval(differences),
      firstWorse: differences.filter(difference => difference > 0).length,
    }
  })
}

function bootstrapInterval(values: readonly number[]): [number, number] {
  const random = new Random(RESAMPLING_SEED, 'bootstrap')
  const uniform = (): number => random.uniform()
  const means = Array.from({ length: RESAMPLES }, () =>
    mean(sampleWithReplacement([...values], values.length, uniform)),
  )
  return [quantile(means, 0.025), quantile(means, 0.975)]
}
