import type { IndexComponentPriced, PriceSourcesSet } from '@sluice/contracts/generated/events'
import type { Instrument, PriceRules, Source } from './state.ts'

/** Samples a basis window may hold at most. */
const BASIS_SAMPLES_MAX = 10_000

/** Sources are few: a scan is the fastest search. */
export function sourceOf(instrument: Instrument, name: string): Source | undefined {
  return instrument.sources.find(source => source.source === name)
}

/** Notes the price a source sent. Its arrival counts, its own time is only checked for plausibility. */
export function stagePrice(source: Source, priced: IndexComponentPriced, arrival: Arrival): void {
  source.priceTicks = priced.priceTicks
  source.arrivedAt = arrival.now
  source.eventId = arrival.eventId
  source.skewed = Math.abs(arrival.now - priced.sourceTime) > arrival.skewMaxMs
  source.updated = true
}

export interface Arrival {
  readonly now: number
  readonly eventId: string
  readonly skewMaxMs: number
}

/** Notes that a source, or the record of sources, has changed what the instrument would be priced at. */
export function noteSourceChange(instrument: Instrument, now: number): void {
  if (instrument.change === 'source') return
  instrument.change = 'source'
  instrument.changedAt = now
}

/** Every source that is not given up has priced since the instrument was last priced, and there is one. */
export function roundComplete(instrument: Instrument): boolean {
  let expected = 0
  for (const source of instrument.sources) {
    if (source.excludedFor === 'stale') continue
    if (!source.updated) return false
    expected += 1
  }
  return expected > 0
}

/** Sources that have priced since the instrument was last priced. */
export function updatedSources(instrument: Instrument): number {
  let updated = 0
  for (const source of instrument.sources) if (source.updated) updated += 1
  return updated
}

/** First time at which a source that counts now will be stale; Infinity without one. */
export function nextStaleAt(instrument: Instrument, sourceMaxAgeMs: number): number {
  let at = Infinity
  for (const source of instrument.sources) {
    if (source.priceTicks === 0 || source.excludedFor === 'stale') continue
    at = Math.min(at, source.arrivedAt + sourceMaxAgeMs + 1)
  }
  return at
}

/** The sources of a new record, by name; what is known of those that stay is kept. */
export function sourcesAfter(instrument: Instrument, record: PriceSourcesSet): Source[] {
  return record.sources
    .map(({ source, weight }) => ({
      source,
      weight,
      ...knownOf(sourceOf(instrument, source)),
    }))
    .sort((left, right) => (left.source < right.source ? -1 : 1))
}

function knownOf(source: Source | undefined): Omit<Source, 'source' | 'weight'> {
  return {
    priceTicks: source?.priceTicks ?? 0,
    arrivedAt: source?.arrivedAt ?? 0,
    eventId: source?.eventId ?? '',
    skewed: source?.skewed ?? false,
    updated: source?.updated ?? false,
    excludedFor: source?.excludedFor ?? null,
  }
}

export function rulesOf(record: PriceSourcesSet): PriceRules {
  return {
    version: record.version,
    quorum: record.quorum,
    sourceMaxAgeMs: record.sourceMaxAgeMs,
    outlierRate: record.outlierRate,
    lastPriceMaxAgeMs: record.lastPriceMaxAgeMs,
    basisWindowMs: record.basisWindowMs,
    basisSampleMs: record.basisSampleMs,
    fundingIntervalMs: record.fundingIntervalMs,
    markIntervalMs: record.markIntervalMs,
    liquidityDistanceRates: record.liquidityDistanceRates,
    liquidityIntervalMs: record.liquidityIntervalMs,
  }
}

/** What is wrong with a PriceSourcesSet, in words that say what to do; undefined when it can be followed. */
export function faultOfPriceSources(record: PriceSourcesSet): string | undefined {
  return faultOfSources(record) ?? faultOfTimes(record) ?? faultOfRates(record)
}

function faultOfSources(record: PriceSourcesSet): string | undefined {
  const { sources, quorum } = record
  if (sources.length === 0) return 'no source: name at least one'
  const names = new Set(sources.map(source => source.source))
  if (names.size < sources.length) return 'a source is named twice: name each once'
  const nonsense = sources.find(
    source => !(Number.isSafeInteger(source.weight) && source.weight > 0),
  )
  if (nonsense !== undefined) {
    return `weight ${String(nonsense.weight)} of source ${nonsense.source}: must be a whole number above 0`
  }
  if (Number.isSafeInteger(quorum) && quorum >= 1 && quorum <= sources.length) return undefined
  return `quorum ${String(quorum)} of ${String(sources.length)} sources: must be between 1 and their number`
}

const TIMES = [
  'sourceMaxAgeMs',
  'lastPriceMaxAgeMs',
  'basisWindowMs',
  'basisSampleMs',
  'fundingIntervalMs',
  'markIntervalMs',
  'liquidityIntervalMs',
] as const

function faultOfTimes(record: PriceSourcesSet): string | undefined {
  const nonsense = TIMES.find(name => !(Number.isSafeInteger(record[name]) && record[name] > 0))
  if (nonsense !== undefined) return `${nonsense} ${String(record[nonsense])}: must be above 0`
  const samples = record.basisWindowMs / record.basisSampleMs
  if (samples >= 1 && samples <= BASIS_SAMPLES_MAX) return undefined
  return `basisWindowMs / basisSampleMs is ${String(samples)}: must be from 1 to ${String(BASIS_SAMPLES_MAX)}`
}

function faultOfRates(record: PriceSourcesSet): string | undefined {
  if (!record.outlierRate.gt(0))
    return `outlierRate ${record.outlierRate.toFixed()}: must be above 0`
  const rates = record.liquidityDistanceRates
  if (rates.length === 0) return 'liquidityDistanceRates is empty: give at least one distance'
  const wrong = rates.find((rate, index) => !rate.gt(rates[index - 1] ?? 0) || rate.gte(1))
  if (wrong === undefined) return undefined
  return `liquidityDistanceRates: ${wrong.toFixed()} is not above the one before, or not between 0 and 1`
}
