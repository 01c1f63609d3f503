import type { PriceEvent } from '@sluice/contracts/generated/events'
import type { IndexPrice } from '@sluice/domain/index-price'
import { indexPrice } from '@sluice/domain/index-price'
import { basisPrice, fundingPrice, markPriceTicks } from '@sluice/domain/mark-price'
import type { Turn } from '@sluice/stream-runtime/processor'
import { basisSampleCount, basisSampleDue, sampleBasis, trimBasis } from './basis.ts'
import { qualityOf } from './quality.ts'
import type { PriceSettings } from './settings.ts'
import type { Instrument, PriceRules, Source } from './state.ts'

type PriceTurn = Turn<PriceEvent>

/**
 * Prices an instrument anew: which sources count, index, basis, mark, quality. Emits what changed, in that order; the
 * mark at most once per interval.
 */
export function price(instrument: Instrument, settings: PriceSettings, turn: PriceTurn): void {
  const { rules } = instrument
  if (rules === null) return
  const index = currentIndex(instrument, rules, turn.now)
  publishExclusions(instrument, index, turn)
  publishIndex(instrument, index, turn)
  followBasis(instrument, rules, { now: turn.now, fresh: index.indexTicks !== null })
  if (instrument.indexTicks > 0) publishMark(instrument, { index, rules, settings, turn })
  else publishQuality(instrument, { index, rules, settings, turn }, 0)
  instrument.pricedAt = turn.now
  instrument.change = 'none'
  for (const source of instrument.sources) source.updated = false
}

/** One source is enough for an index; that it is below the quorum is what the quality says. */
function currentIndex(instrument: Instrument, rules: PriceRules, now: number): IndexPrice {
  const sources = instrument.sources
    .filter(source => source.priceTicks > 0)
    .map(({ source, weight, priceTicks, arrivedAt }) => ({
      source,
      weight,
      priceTicks,
      ageMs: now - arrivedAt,
    }))
  return indexPrice({
    sources,
    quorum: rules.quorum,
    outlierRate: rules.outlierRate,
    maxAgeMs: rules.sourceMaxAgeMs,
  })
}

function publishExclusions(instrument: Instrument, index: IndexPrice, turn: PriceTurn): void {
  for (const source of instrument.sources) {
    const reason = exclusionOf(source, index)
    if (reason === source.excludedFor) continue
    source.excludedFor = reason
    const { instrument: name } = instrument
    if (reason === null) {
      turn.emit(
        { type: 'PriceSourceRestored', instrument: name, source: source.source },
        causeOf(source, turn),
      )
    } else {
      turn.emit(
        {
          type: 'PriceSourceExcluded',
          instrument: name,
          source: source.source,
          reason,
          priceTicks: source.priceTicks === 0 ? null : source.priceTicks,
          medianTicks: index.medianTicks,
        },
        causeOf(source, turn),
      )
    }
  }
}

/** A source that never priced is as good as a stale one. */
function exclusionOf(source: Source, index: IndexPrice): Source['excludedFor'] {
  if (source.priceTicks === 0) return 'stale'
  return index.excluded.find(excluded => excluded.source === source.source)?.reason ?? null
}

function causeOf(source: Source, turn: PriceTurn): readonly string[] {
  return source.eventId === '' ? [turn.inputId] : [source.eventId]
}

function publishIndex(instrument: Instrument, index: IndexPrice, turn: PriceTurn): void {
  const { indexTicks } = index
  if (indexTicks === null || indexTicks === instrument.indexTicks) return
  instrument.indexTicks = indexTicks
  instrument.indexId = turn.emit(
    {
      type: 'IndexPriceUpdated',
      instrument: instrument.instrument,
      indexTicks,
      sourceCount: index.included.length,
    },
    countedComponents(instrument),
  )
}

/** Ids of the component prices in the index, newest first; same arrival: by name of the source. */
function countedComponents(instrument: Instrument): readonly string[] {
  return instrument.sources
    .filter(source => source.excludedFor === null)
    .sort((left, right) => right.arrivedAt - left.arrivedAt)
    .map(source => source.eventId)
}

/** A sample needs a fresh index and a two-sided book that is as recent as a last trade must be. */
function followBasis(
  instrument: Instrument,
  rules: PriceRules,
  { now, fresh }: { readonly now: number; readonly fresh: boolean },
): void {
  const { basis, bidTicks, askTicks, bookAt, indexTicks } = instrument
  trimBasis(basis, now, rules.basisWindowMs)
  const usable = fresh && bidTicks > 0 && askTicks > 0 && now - bookAt <= rules.lastPriceMaxAgeMs
  if (!usable || !basisSampleDue(basis, now, rules.basisSampleMs)) return
  sampleBasis(basis, now, bidTicks + askTicks - 2 * indexTicks)
}

interface Pricing {
  readonly index: IndexPrice
  readonly rules: PriceRules
  readonly settings: PriceSettings
  readonly turn: PriceTurn
}

function publishMark(instrument: Instrument, pricing: Pricing): void {
  const { rules, settings, turn } = pricing
  const { indexTicks } = instrument
  const fundingPriceTicks = fundingPriceOf(instrument, rules, turn.now)
  const basisPriceTicks = basisPriceOf(instrument)
  const lastPriceTicks = recentTrade(instrument, rules, turn.now)
  const markTicks = markPriceTicks(fundingPriceTicks, basisPriceTicks, lastPriceTicks)
  publishQuality(instrument, pricing, markTicks)
  if (!markDue(instrument, markTicks, { rules, settings, now: turn.now })) return

  const { instrument: name, quality } = instrument
  turn.emit(
    {
      type: 'MarkPriceUpdated',
      instrument: name,
      markTicks,
      indexTicks,
      fundingPriceTicks,
      basisPriceTicks,
      lastPriceTicks,
      quality,
    },
    markCauses(instrument, lastPriceTicks, turn),
  )
  instrument.markTicks = markTicks
  instrument.markQuality = quality
  instrument.markedAt = turn.now
}

/** One tick is the least a price can be, here and below. */
function basisPriceOf({ basis, indexTicks }: Instrument): number {
  if (basis.sum === 0) return indexTicks
  const count = basisSampleCount(basis)
  return Math.max(1, basisPrice(indexTicks, basis.sum / 2, count))
}

function fundingPriceOf(instrument: Instrument, rules: PriceRules, now: number): number {
  const { fundingRate, nextFundingAt, indexTicks } = instrument
  if (fundingRate === null || fundingRate.isZero()) return indexTicks
  const clock = { msToFunding: nextFundingAt - now, intervalMs: rules.fundingIntervalMs }
  return Math.max(1, fundingPrice(indexTicks, fundingRate, clock))
}

function recentTrade(instrument: Instrument, rules: PriceRules, now: number): number | null {
  const { tradeTicks, tradedAt } = instrument
  return tradeTicks > 0 && now - tradedAt <= rules.lastPriceMaxAgeMs ? tradeTicks : null
}

/** Once per interval at most: a change, or after `heartbeatIntervals` the same again, so that silence means trouble. */
function markDue(
  instrument: Instrument,
  markTicks: number,
  { rules, settings, now }: { rules: PriceRules; settings: PriceSettings; now: number },
): boolean {
  if (instrument.markTicks === 0) return true
  const changed =
    markTicks !== instrument.markTicks || instrument.quality !== instrument.markQuality
  const age = now - instrument.markedAt
  instrument.markPending = changed && age < rules.markIntervalMs
  if (changed) return age >= rules.markIntervalMs
  return age >= rules.markIntervalMs * settings.heartbeatIntervals
}

/** What the three prices rest on, the input that made us look first. */
function markCauses(
  instrument: Instrument,
  lastPriceTicks: number | null,
  turn: PriceTurn,
): readonly string[] {
  const { tradeId, bookId, fundingId, indexId } = instrument
  const rests = [indexId, lastPriceTicks === null ? '' : tradeId, bookId, fundingId]
  return [...new Set([turn.inputId, ...rests])].filter(id => id !== '')
}

function publishQuality(instrument: Instrument, pricing: Pricing, markTicks: number): void {
  const { index, rules, settings, turn } = pricing
  const counted = instrument.sources.filter(source => source.excludedFor === null)
  const fresh = instrument.sources.filter(source => source.excludedFor !== 'stale')
  const { quality, reason } = qualityOf({
    halted: instrument.halted,
    countedSources: counted.length,
    freshSources: fresh.length,
    quorum: rules.quorum,
    skewed: counted.some(source => source.skewed),
    indexTicks: index.indexTicks ?? instrument.indexTicks,
    markTicks,
    divergenceRateMax: settings.divergenceRateMax,
  })
  const from = instrument.quality
  if (quality === from) return
  instrument.quality = quality
  turn.emit({
    type: 'PriceQualityChanged',
    instrument: instrument.instrument,
    from,
    to: quality,
    reason,
  })
}
