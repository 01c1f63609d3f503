import { liquidityDueAt } from './liquidity.ts'
import type { PriceSettings } from './settings.ts'
import { nextStaleAt, updatedSources } from './sources.ts'
import type { Instrument, PriceRules } from './state.ts'

/** How many mark intervals a change of the venue's own market waits for the next round of sources. */
const MARKET_CHANGE_INTERVALS = 2

/**
 * When the instrument is to be priced by a tick, unless a complete round of sources does it earlier: a source that
 * changed, a market that changed, a source that goes stale, a mark that waits for its interval, the next heartbeat.
 */
export function pricingDueAt(instrument: Instrument, settings: PriceSettings): number {
  const { rules } = instrument
  if (rules === null) return Infinity
  return Math.min(
    changeDueAt(instrument, rules),
    nextStaleAt(instrument, rules.sourceMaxAgeMs),
    markDueAt(instrument, rules, settings),
  )
}

/** With a quorum of sources in, nothing is waited for but the interval; fewer are given one to be joined. */
function changeDueAt(instrument: Instrument, rules: PriceRules): number {
  const { change, pricedAt, changedAt } = instrument
  const { markIntervalMs, quorum } = rules
  if (change === 'none') return Infinity
  if (change === 'market') return pricedAt + MARKET_CHANGE_INTERVALS * markIntervalMs
  const since = updatedSources(instrument) >= quorum ? pricedAt : changedAt
  return since + markIntervalMs
}

function markDueAt(instrument: Instrument, rules: PriceRules, settings: PriceSettings): number {
  if (instrument.markTicks === 0) return Infinity
  const intervals = instrument.markPending ? 1 : settings.heartbeatIntervals
  return instrument.markedAt + intervals * rules.markIntervalMs
}

export function deadlineOf(instrument: Instrument, settings: PriceSettings): number {
  return Math.min(pricingDueAt(instrument, settings), liquidityDueAt(instrument))
}
