import type {
  BookLiquidityUpdated,
  CascadeAnalyticsEvent,
  LiquidationProfileReported,
  PositionSide,
} from '@sluice/contracts/generated/events'
import type { HeatMapInput } from '@sluice/domain/heat-map'
import {
  binOf,
  bookImpact,
  branchingAtMark,
  mergeHistograms,
  nextCliff,
  projectShock,
} from '@sluice/domain/heat-map'
import type { Turn } from '@sluice/stream-runtime/processor'
import type { AnalyticsSettings } from './settings.ts'
import type { BookBands, Heat, Market, Profile } from './state.ts'

type AnalyticsTurn = Turn<CascadeAnalyticsEvent>

/** Replaces the evaluator's last profile of that side. */
export function noteProfile(
  heat: Heat,
  evaluator: string,
  event: LiquidationProfileReported,
): void {
  const profiles = event.side === 'long' ? heat.longs : heat.shorts
  const bins = event.bins.map(({ index, notional }) => ({ index, notional }))
  profiles.set(evaluator, { binWidth: event.binWidth, bins })
  heat.changed = true
}

export function noteBook(heat: Heat, event: BookLiquidityUpdated): void {
  heat.book = {
    bidTicks: event.bidTicks,
    askTicks: event.askTicks,
    bands: event.bands.map(({ distanceRate, bidLots, askLots }) => ({
      distanceRate: distanceRate.toNumber(),
      bidLots,
      askLots,
    })),
  }
}

/** When the next heat map is due: something changed, and the last one is an interval old. Infinity: nothing to say. */
export function heatMapDueAt(market: Market, heatMapIntervalMs: number): number {
  const { heat, markTicks } = market
  if (!heat.changed || heat.book === null || markTicks === 0) return Infinity
  return heat.publishedAt === null ? 0 : heat.publishedAt + heatMapIntervalMs
}

/** Both sides of a market, merged over the evaluators. */
interface HeatSides {
  readonly binWidth: number
  readonly down: HeatMapInput
  readonly up: HeatMapInput
}

/** Publishes the heat map of a market and, where it moved, the next cliff on either side. */
export function publishHeatMap(
  market: Market,
  settings: AnalyticsSettings,
  turn: AnalyticsTurn,
): void {
  const { heat } = market
  const sides = sidesOf(market, settings)
  if (sides === null) return
  heat.changed = false
  heat.publishedAt = turn.now
  emitHeatMap(market, sides, { settings, turn })
  heat.cliffBelow = announceCliff(market, sides.down, { known: heat.cliffBelow, turn })
  heat.cliffAbove = announceCliff(market, sides.up, { known: heat.cliffAbove, turn })
}

/** Profiles of another bin width than the narrowest cannot be added: they wait for their evaluator's next report. */
function sidesOf(market: Market, settings: AnalyticsSettings): HeatSides | null {
  const { heat, markTicks } = market
  const profiles = [...heat.longs.values(), ...heat.shorts.values()]
  if (heat.book === null || profiles.length === 0) return null
  const binWidth = Math.min(...profiles.map(profile => profile.binWidth))
  const inputOf = (side: PositionSide): HeatMapInput => ({
    side,
    bins: merged(side === 'long' ? heat.longs : heat.shorts, binWidth),
    binWidth,
    markTicks,
    impact: bookImpact(cumulativeNotional(market, heat.book, side)),
    liquidatedFraction: settings.liquidatedFraction,
  })
  return { binWidth, down: inputOf('long'), up: inputOf('short') }
}

/** Evaluators are added by name: a sum of floats depends on its order. One alone reports its bins in order. */
function merged(profiles: ReadonlyMap<string, Profile>, binWidth: number) {
  const [only] = profiles.values()
  if (profiles.size === 1 && only?.binWidth === binWidth) return only.bins
  const ordered = [...profiles]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .filter(([, profile]) => profile.binWidth === binWidth)
  return mergeHistograms(ordered.map(([, profile]) => profile.bins))
}

/** Longs that liquidate sell into the bids; shorts buy from the asks. Lots are valued at the mark. */
function cumulativeNotional(market: Market, book: BookBands | null, side: PositionSide) {
  const lotValue = market.listing.tickValue.times(market.markTicks).toNumber()
  return (book?.bands ?? []).map(({ distanceRate, bidLots, askLots }) => ({
    distanceRate,
    notional: (side === 'long' ? bidLots : askLots) * lotValue,
  }))
}

function emitHeatMap(
  market: Market,
  { binWidth, down, up }: HeatSides,
  { settings, turn }: { readonly settings: AnalyticsSettings; readonly turn: AnalyticsTurn },
): void {
  const { shockRate } = settings
  turn.emit({
    type: 'HeatMapUpdated',
    instrument: market.instrument,
    markTicks: market.markTicks,
    binWidth,
    longs: down.bins,
    shorts: up.bins,
    shockRate,
    projectedDownTicks: projectedTicks(down, shockRate),
    projectedUpTicks: projectedTicks(up, shockRate),
    branchingDown: published(branchingAtMark(down)),
    branchingUp: published(branchingAtMark(up)),
  })
}

/** A price on the wire is at most 15 digits: an empty book, which would carry a price without bound, stops there. */
const TICKS_MAX = 999_999_999_999_999

function projectedTicks(input: HeatMapInput, shockRate: number): number {
  return Math.min(Math.max(projectShock(input, shockRate).restTicks, 0), TICKS_MAX)
}

/** Nine digits: the last bits of a logarithm are the engine's own. No bound, without a book, is the largest number. */
function published(ratio: number): number {
  return Math.min(Number(ratio.toPrecision(9)), Number.MAX_VALUE)
}

/** Announces a cliff that appeared or moved by more than a bin; answers the bin of the cliff that stands announced. */
function announceCliff(
  market: Market,
  input: HeatMapInput,
  { known, turn }: { readonly known: number | null; readonly turn: AnalyticsTurn },
): number | null {
  const cliff = nextCliff(input)
  if (cliff === undefined) return null
  const cliffTicks = Math.min(Math.max(1, Math.round(cliff.edgeTicks)), TICKS_MAX)
  const bin = binOf(cliffTicks, input.binWidth)
  if (known !== null && Math.abs(bin - known) <= 1) return known
  turn.emit({
    type: 'CliffDetected',
    instrument: market.instrument,
    side: input.side,
    cliffTicks,
    distanceRate: Math.abs(cliffTicks - market.markTicks) / market.markTicks,
    branchingRatio: published(cliff.branchingRatio),
  })
  return bin
}

/** Whether the mark has left the bin in which the last heat map saw it. */
export function leftBin(market: Market, markTicks: number): boolean {
  const [width] = [...market.heat.longs.values(), ...market.heat.shorts.values()]
  if (width === undefined || market.markTicks === 0) return false
  return binOf(markTicks, width.binWidth) !== binOf(market.markTicks, width.binWidth)
}
