import { Decimal, ROUND_HALF_EVEN, ZERO } from './decimal.ts'
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
 * @throws InvalidRiskInputError if a weight is not above zero
 */
export function indexPrice(input: IndexInput): IndexPrice {
  const { sources, quorum, outlierRate, maxAgeMs } = input
  requireWeights(sources)
  const fresh = sources.filter(source => source.ageMs <= maxAgeMs)
  const median = weightedMedian(fresh)
  const isNear = ({ priceTicks }: IndexSource): boolean =>
    median !== null && median.minus(priceTicks).abs().lte(median.times(outlierRate))
  const near = fresh.filter(isNear)
  return {
    indexTicks: near.length === 0 ? null : weightedMeanTicks(near),
    medianTicks: median === null ? null : toTicks(median),
    quorumMet: near.length >= quorum,
    included: near.map(({ source }) => source),
    excluded: sources
      .filter(source => !near.includes(source))
      .map(source => ({
        source: source.source,
        reason: source.ageMs > maxAgeMs ? 'stale' : 'outlier',
      })),
  }
}

/** Σ w·p / Σ w in ticks, exact, then half to even. At least one source. */
export function weightedMeanTicks(
  sources: readonly Pick<IndexSource, 'weight' | 'priceTicks'>[],
): number {
  let weights = ZERO
  let sum = ZERO
  for (const { weight, priceTicks } of sources) {
    weights = weights.plus(weight)
    sum = sum.plus(new Decimal(weight).times(priceTicks))
  }
  return toTicks(sum.div(weights))
}

/** Price where half of the weight lies below: the mean of the two neighbours if it falls between them. */
function weightedMedian(sources: readonly IndexSource[]): Decimal | null {
  const ascending = sources.toSorted((a, b) => a.priceTicks - b.priceTicks)
  const total = ascending.reduce((sum, { weight }) => sum.plus(weight), ZERO)
  let twiceBelow = ZERO
  for (const [at, { weight, priceTicks }] of ascending.entries()) {
    twiceBelow = twiceBelow.plus(weight).plus(weight)
    if (twiceBelow.gt(total)) return new Decimal(priceTicks)
    const next = ascending[at + 1]
    if (twiceBelow.eq(total) && next !== undefined) {
      return new Decimal(priceTicks).plus(next.priceTicks).div(2)
    }
  }
  return null
}

function toTicks(price: Decimal): number {
  return price.toDecimalPlaces(0, ROUND_HALF_EVEN).toNumber()
}

function requireWeights(sources: readonly IndexSource[]): void {
  for (const { source, weight } of sources) {
    if (Number.isFinite(weight) && weight > 0) continue
    const detail = `weight of ${source} is ${weight}; give a number above 0`
    throw new InvalidRiskInputError('indexPrice', detail)
  }
}
