import { approximate, APPROXIMATION_ERROR, floorWithin, type Decimal } from './decimal.ts'
import { divideHalfEven } from './half-even.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'

/** Latest price of one index source. */
export interface IndexSource {
  readonly source: string
  /** Above zero */
  readonly weight: number
  readonly priceTicks: number
  /** Since the price arrived */
  readonly ageMs: number
}

/** Sources of one instrument's index, and when one is left out. */
export interface IndexInput {
  readonly sources: readonly IndexSource[]
  /** Sources needed for a good index */
  readonly quorum: number
  /** A source further than this from the median of the fresh ones is left out [fraction of the median] */
  readonly outlierRate: Decimal
  /** A source older than this is left out */
  readonly maxAgeMs: number
}

export type SourceExclusion = 'stale' | 'outlier'

/** An index, and which sources made it. */
export interface IndexPrice {
  /** null: no source is left */
  readonly indexTicks: number | null
  /** Weighted median of the fresh sources, before outliers are left out */
  readonly medianTicks: number | null
  readonly quorumMet: boolean
  readonly included: string[]
  readonly excluded: { source: string; reason: SourceExclusion }[]
}

/** Weights are rounded to millionths, at least one, so that sums and comparisons of them are whole numbers. */
const WEIGHT_UNITS = 1e6

/**
 * Index price: weighted mean of the sources that are fresh and near the weighted median.
 *
 *   index = Σ w·p / Σ w over sources with age ≤ maxAge and |p − median| ≤ outlierRate·median
 *
 *   w weight, p price in ticks
 *
 * The median decides who is left out, so sources holding less than half of the weight cannot move the index beyond
 * outlierRate of where the others see it. Exact, rounded once to a tick, half to even. Below the quorum the index is
 * still given, with `quorumMet` false: how far it may be used is the caller's rule.
 *
 * @throws InvalidRiskInputError if a weight is not above zero or a price is no whole number
 */
export function indexPrice(input: IndexInput): IndexPrice {
  const { sources, quorum, outlierRate, maxAgeMs } = input
  const fresh = sources.filter(({ ageMs }) => ageMs <= maxAgeMs).map(weighed)
  const twiceMedian = twiceWeightedMedian(fresh)
  const twiceBound = wholeShare(outlierRate, twiceMedian)
  const near = fresh.filter(
    ({ source }) => Math.abs(2 * source.priceTicks - twiceMedian) <= twiceBound,
  )
  const included = near.map(({ source }) => source.source)
  return {
    indexTicks: near.length === 0 ? null : weightedMeanTicks(near),
    medianTicks: fresh.length === 0 ? null : divideHalfEven(twiceMedian, 2),
    quorumMet: near.length >= quorum,
    included,
    excluded: sources
      .filter(({ source }) => !included.includes(source))
      .map(({ source, ageMs }) => ({ source, reason: ageMs > maxAgeMs ? 'stale' : 'outlier' })),
  }
}

interface WeighedSource {
  readonly source: IndexSource
  readonly units: number
}

function weighed(source: IndexSource): WeighedSource {
  const units = Math.max(1, Math.round(source.weight * WEIGHT_UNITS))
  const isWhole = Number.isSafeInteger(units) && Number.isSafeInteger(2 * source.priceTicks)
  if (isWhole && source.weight > 0) return { source, units }
  throw new InvalidRiskInputError(
    'indexPrice',
    `${source.source} has weight ${source.weight} and price ${source.priceTicks} ticks; ` +
      'give a weight above 0 and whole ticks',
  )
}

/** ⌊rate × ticks⌋, by decimals only where doubles leave a doubt. */
function wholeShare(rate: Decimal, ticks: number): number {
  const share = approximate(rate) * ticks
  const floor = floorWithin(share, 2 * APPROXIMATION_ERROR * Math.abs(share))
  return floor ?? rate.times(ticks).floor().toNumber()
}

/** Σ w·p / Σ w in whole numbers: they fit doubles unless prices or weights are very large. */
function weightedMeanTicks(sources: readonly WeighedSource[]): number {
  let units = 0
  let sum = 0
  for (const source of sources) {
    units += source.units
    sum += source.units * source.source.priceTicks
  }
  return sum <= Number.MAX_SAFE_INTEGER ? divideHalfEven(sum, units) : weightedMeanOfLarge(sources)
}

function weightedMeanOfLarge(sources: readonly WeighedSource[]): number {
  let units = 0n
  let sum = 0n
  for (const source of sources) {
    units += BigInt(source.units)
    sum += BigInt(source.units) * BigInt(source.source.priceTicks)
  }
  return divideLargeHalfEven(sum, units)
}

/** Twice the price where half of the weight lies below (twice: it may fall halfway between two); 0 without sources. */
function twiceWeightedMedian(sources: readonly WeighedSource[]): number {
  const ascending = sources.toSorted((a, b) => a.source.priceTicks - b.source.priceTicks)
  const total = ascending.reduce((sum, { units }) => sum + units, 0)
  let below = 0
  for (const [at, { units, source }] of ascending.entries()) {
    below += units
    const next = ascending[at + 1]
    if (2 * below === total && next !== undefined) return source.priceTicks + next.source.priceTicks
    if (2 * below > total) return 2 * source.priceTicks
  }
  return 0
}

/** dividend / divisor to the nearest whole number, half to even; both above or equal to zero. */
function divideLargeHalfEven(dividend: bigint, divisor: bigint): number {
  const whole = dividend / divisor
  const twiceRest = 2n * (dividend % divisor)
  const up = twiceRest > divisor || (twiceRest === divisor && whole % 2n === 1n)
  return Number(up ? whole + 1n : whole)
}
