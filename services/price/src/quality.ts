import type { Decimal } from '@sluice/domain/decimal'
import type { PriceQuality } from '@sluice/contracts/generated/events'
import { shareOfTicks } from './rate.ts'

/** What the quality of a price is judged by. */
export interface QualityEvidence {
  readonly halted: boolean
  /** Sources that count: fresh and not outlying. */
  readonly countedSources: number
  /** Sources that are fresh, outliers included. */
  readonly freshSources: number
  readonly quorum: number
  /** A source that counts is off in its own time. */
  readonly skewed: boolean
  readonly indexTicks: number
  readonly markTicks: number
  readonly divergenceRateMax: Decimal
}

export interface QualityVerdict {
  readonly quality: PriceQuality
  readonly reason: string
}

/**
 * How far the price may be trusted; the first rule that holds decides.
 *
 * | quality   | when                                                                                    |
 * | --------- | --------------------------------------------------------------------------------------- |
 * | halted    | trading in the instrument is halted                                                     |
 * | stale     | no source is fresh: index and mark are the last ones known                              |
 * | divergent | enough sources are fresh for a quorum, but they disagree until too few are left; or the |
 * |           | mark is further from the index than `divergenceRateMax`                                 |
 * | degraded  | fewer sources than the quorum are fresh, or one that counts is off in its own time      |
 * | good      | otherwise                                                                               |
 *
 * Exact, because triggers depend on the answer.
 */
export function qualityOf(evidence: QualityEvidence): QualityVerdict {
  if (evidence.halted) return { quality: 'halted', reason: 'instrument_halted' }
  if (evidence.freshSources === 0) return { quality: 'stale', reason: 'no_fresh_source' }
  if (sourcesDisagree(evidence)) return { quality: 'divergent', reason: 'sources_disagree' }
  if (markDiverges(evidence)) return { quality: 'divergent', reason: 'mark_far_from_index' }
  if (evidence.countedSources < evidence.quorum) {
    return { quality: 'degraded', reason: 'below_quorum' }
  }
  if (evidence.skewed) return { quality: 'degraded', reason: 'source_time_skewed' }
  return { quality: 'good', reason: 'quorum_fresh' }
}

function sourcesDisagree(evidence: QualityEvidence): boolean {
  if (evidence.countedSources === 0) return true
  return evidence.freshSources >= evidence.quorum && evidence.countedSources < evidence.quorum
}

function markDiverges(evidence: QualityEvidence): boolean {
  const distance = Math.abs(evidence.markTicks - evidence.indexTicks)
  return distance > shareOfTicks(evidence.divergenceRateMax, evidence.indexTicks)
}
