import { PRICE_TICKS_MAX } from './instrument.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'

/** Notional that liquidates within one bin of log price. Analytics in float64: nothing is decided by it. */
export interface HeatBin {
  /** ⌊ln(price in ticks) / binWidth⌋ */
  readonly index: number
  readonly notional: number
}

/** Which positions liquidate as the price moves: longs below it, shorts above it. */
export type HeatSide = 'long' | 'short'

/** Log return ≥ 0 that trading a notional moves the price by; zero at zero, never falling, concave or linear. */
export type Impact = (notional: number) => number

/** Bin of a price. @throws InvalidRiskInputError if price or width is not above zero */
export function binOf(priceTicks: number, binWidth: number): number {
  if (!(priceTicks > 0) || !(binWidth > 0)) {
    const detail = `price ${priceTicks} ticks, width ${binWidth}; give numbers above 0`
    throw new InvalidRiskInputError('binOf', detail)
  }
  return Math.floor(Math.log(priceTicks) / binWidth)
}

/** Price at the lower edge of a bin, in ticks, unrounded. */
export function binLowerTicks(index: number, binWidth: number): number {
  return Math.exp(index * binWidth)
}

/** Histogram of notional by liquidation price, ascending, without empty bins. */
export function histogramOf(
  positions: Iterable<{ readonly priceTicks: number; readonly notional: number }>,
  binWidth: number,
): HeatBin[] {
  const sums = new Map<number, number>()
  for (const { priceTicks, notional } of positions)
    addTo(sums, binOf(priceTicks, binWidth), notional)
  return ascending(sums)
}

/** Sum of histograms of the same bin width, ascending, without empty bins. Added in the order given. */
export function mergeHistograms(histograms: Iterable<readonly HeatBin[]>): HeatBin[] {
  const sums = new Map<number, number>()
  for (const bins of histograms)
    for (const { index, notional } of bins) addTo(sums, index, notional)
  return ascending(sums)
}

/** Impact in proportion to the notional: κ·Q. */
export function linearImpact(logReturnPerNotional: number): Impact {
  return notional => logReturnPerNotional * notional
}

/** Square-root law: Y·σ·√(Q/V). @param scale Y, about 1 @see Donier & Bonart, arXiv 1412.4503 */
export function squareRootImpact(scale: {
  readonly coefficient: number
  /** σ over the time in which V trades */
  readonly volatility: number
  /** V */
  readonly volumeNotional: number
}): Impact {
  const { coefficient, volatility, volumeNotional } = scale
  return notional => coefficient * volatility * Math.sqrt(notional / volumeNotional)
}

/**
 * Impact of walking a book given as cumulative bands: linear within a band, and beyond the last one at its own pace. Ascending
 * distances. An empty book moves without bound (Infinity) for any notional above zero.
 */
export function bookImpact(
  bands: readonly { readonly distanceRate: number; readonly notional: number }[],
): Impact {
  return notional => {
    let fromRate = 0
    let fromNotional = 0
    let pace = Infinity
    for (const band of bands) {
      if (band.notional <= fromNotional) continue
      pace = (band.distanceRate - fromRate) / (band.notional - fromNotional)
      if (notional <= band.notional) break
      fromRate = band.distanceRate
      fromNotional = band.notional
    }
    return notional === 0 ? 0 : fromRate + (notional - fromNotional) * pace
  }
}

/** A market on one side of its price. */
export interface HeatMapInput {
  /** Of `side`'s positions, ascending */
  readonly bins: readonly HeatBin[]
  readonly binWidth: number
  readonly side: HeatSide
  readonly markTicks: number
  readonly impact: Impact
  /** Part of a liquidating position that is really sold or bought: 1 for full, less for partial liquidation */
  readonly liquidatedFraction: number
}

/** Where a shock comes to rest. */
export interface Projection {
  /** From 1 to the largest price a codec admits, whatever the impact */
  readonly restTicks: number
  /** Whole log move, ≥ the shock's */
  readonly logMove: number
  /** logMove ÷ the shock's log move */
  readonly amplification: number
  readonly forcedNotional: number
}

/**
 * Projects a shock: the price falls (longs) or rises (shorts), what liquidates on the way moves it further, and so on.
 *
 *   x = s + I(f·Q(x)):   the smallest log distance x ≥ s that carries itself
 *
 *   s log distance of the shock, I impact, f liquidated fraction, Q(x) notional that liquidates within x of the mark,
 *   spread evenly within each bin
 *
 * For a uniform density and linear impact x = s/(1 − f·n): n 0.2, 0.5, 0.8 give 1.25, 2, 5 times the shock, and n 0.8 with
 * f 0.25 gives 1.25 instead of 5. O(bins).
 *
 * @param shockRate fraction of the price, in (0, 1)
 * @see docs/reference/sizing.md, "Why a part"
 */
export function projectShock(input: HeatMapInput, shockRate: number): Projection {
  const shock = input.side === 'long' ? -Math.log1p(-shockRate) : Math.log1p(shockRate)
  const needed = (notional: number): number =>
    shock + input.impact(input.liquidatedFraction * notional)
  let passed = 0
  for (const { near, far, notional } of outward(input)) {
    if (needed(passed) <= near) break
    if (needed(passed + notional) <= far) {
      const before = passed
      const upTo = (x: number): number => before + (notional * (x - near)) / (far - near)
      const logMove = fixedPoint(x => needed(upTo(x)), near, far)
      return projectionOf(input, { shock, logMove, passed: upTo(logMove) })
    }
    passed += notional
  }
  return projectionOf(input, { shock, logMove: needed(passed), passed })
}

/** A bin seen from the mark price. */
export interface BranchingBin {
  /** Log distance of its near edge from the mark */
  readonly distance: number
  /** Price at that edge, in ticks, unrounded */
  readonly edgeTicks: number
  readonly branchingRatio: number
}

/**
 * Mechanical branching ratio of each bin, outward from the mark: forced notional that a forced unit of notional sets off.
 *
 *   n = I(f·Q_bin) / w
 *
 *   Q_bin notional of the bin, w its log width: density times the CHORD of the impact over the bin's own notional. Never
 *   the slope at zero, which is infinite for a square-root law.
 */
export function* branchingOutward(input: HeatMapInput): Generator<BranchingBin> {
  const { impact, liquidatedFraction, side, markTicks } = input
  const direction = side === 'long' ? -1 : 1
  for (const { near, far, notional } of outward(input)) {
    yield {
      distance: near,
      edgeTicks: markTicks * Math.exp(direction * near),
      branchingRatio: impact(liquidatedFraction * notional) / (far - near),
    }
  }
}

/** Branching ratio of the bin next to the mark; 0 if nothing liquidates there. */
export function branchingAtMark(input: HeatMapInput): number {
  for (const { distance, branchingRatio } of branchingOutward(input)) {
    return distance < input.binWidth ? branchingRatio : 0
  }
  return 0
}

/** Nearest bin where liquidations feed on themselves (branching above 1), or undefined. */
export function nextCliff(input: HeatMapInput): BranchingBin | undefined {
  for (const bin of branchingOutward(input)) if (bin.branchingRatio > 1) return bin
  return undefined
}

interface OutwardBin {
  readonly near: number
  readonly far: number
  readonly notional: number
}

/** The bins that liquidate as the price leaves the mark, nearest first; the mark's own bin counts for the part ahead. */
function* outward({ bins, binWidth, side, markTicks }: HeatMapInput): Generator<OutwardBin> {
  const mark = Math.log(markTicks)
  const isLong = side === 'long'
  for (let step = 0; step < bins.length; step += 1) {
    const bin = bins[isLong ? bins.length - 1 - step : step]
    if (bin === undefined || bin.notional <= 0) continue
    const lower = bin.index * binWidth - mark
    const near = isLong ? -lower - binWidth : lower
    const far = near + binWidth
    if (far <= 0) continue
    const ahead = Math.min(1, far / binWidth)
    yield { near: Math.max(0, near), far, notional: bin.notional * ahead }
  }
}

/** Root of f(x) = x on [low, high], where f(low) > low and f(high) ≤ high, by bisection to the last digit or 60 steps. */
function fixedPoint(f: (x: number) => number, low: number, high: number): number {
  let below = low
  let above = high
  for (let step = 0; step < 60 && below < above; step += 1) {
    const middle = below + (above - below) / 2
    if (f(middle) > middle) below = middle
    else above = middle
  }
  return above
}

function projectionOf(
  { side, markTicks, liquidatedFraction }: HeatMapInput,
  { shock, logMove, passed }: { shock: number; logMove: number; passed: number },
): Projection {
  const signed = side === 'long' ? -logMove : logMove
  return {
    restTicks: Math.min(PRICE_TICKS_MAX, Math.max(1, Math.round(markTicks * Math.exp(signed)))),
    logMove,
    amplification: logMove / shock,
    forcedNotional: liquidatedFraction * passed,
  }
}

function addTo(sums: Map<number, number>, index: number, notional: number): void {
  sums.set(index, (sums.get(index) ?? 0) + notional)
}

function ascending(sums: ReadonlyMap<number, number>): HeatBin[] {
  return [...sums]
    .filter(([, notional]) => notional !== 0)
    .sort(([a], [b]) => a - b)
    .map(([index, notional]) => ({ index, notional }))
}
