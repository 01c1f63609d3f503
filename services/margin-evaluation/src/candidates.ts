import type {
  DeleveragingCandidate,
  DeleveragingRequested,
} from '@sluice/contracts/generated/events'
import { compareCandidates, deleveragingScore } from '@sluice/domain/deleveraging'
import { notionalOf } from '@sluice/domain/instrument'
import { approximateLeg, approximateMargin } from './approximate.ts'
import { exactValue, isKnown, isPriced } from './evaluation.ts'
import type { Instrument } from './instruments.ts'
import { LIQUIDATING } from './scope-store.ts'
import type { MarginTurn, State } from './state.ts'

/** Far above the rounding of a score in doubles: whoever is this near the last place is scored exactly. */
const TIE = 1e-9

/**
 * Answers a deleveraging request with this task's best candidates: positions on the other side that are in profit at the price
 * asked, of scopes that are trusted and not themselves in liquidation. An answer without candidates is an answer too.
 */
export function onDeleveragingRequested(
  state: State,
  event: DeleveragingRequested,
  turn: MarginTurn,
): void {
  turn.emit({
    type: 'DeleveragingCandidatesRanked',
    requestId: event.requestId,
    liquidationId: event.liquidationId,
    instrument: event.instrument,
    evaluator: turn.task,
    candidates: candidatesFor(state, event),
  })
}

function candidatesFor(state: State, event: DeleveragingRequested): DeleveragingCandidate[] {
  const instrument = state.instruments.find(event.instrument)
  const most = state.policy?.record.candidatesMax ?? 0
  if (instrument?.isPriced !== true || most === 0) return []
  return preselected(state, instrument, { event, most })
    .map(leg => candidateOf(state, instrument, { leg, event }))
    .filter(candidate => candidate.unrealisedProfit.gt(0))
    .sort((a, b) => compareCandidates({ ...a, id: a.scope }, { ...b, id: b.scope }))
    .slice(0, most)
}

/** Legs whose score in doubles is among the best, or so near the last of these that doubles cannot tell. */
function preselected(
  state: State,
  instrument: Instrument,
  { event, most }: { event: DeleveragingRequested; most: number },
): number[] {
  const { scopes } = state
  const scored: { leg: number; score: number }[] = []
  for (let leg = 0; leg < scopes.legsUsed; leg += 1) {
    if (scopes.legInstrument[leg] !== instrument.index) continue
    if (!mayBeDeleveraged(state, leg, event)) continue
    const score = approximateScore(state, leg, event.priceTicks)
    if (score >= 0) scored.push({ leg, score })
  }
  scored.sort((a, b) => b.score - a.score)
  const last = (scored[most - 1]?.score ?? 0) * (1 - TIE)
  return scored.filter(({ score }) => score >= last).map(({ leg }) => leg)
}

function mayBeDeleveraged(state: State, leg: number, event: DeleveragingRequested): boolean {
  const { scopes } = state
  const slot = scopes.legScope[leg] as number
  if (slot < 0) return false
  const isOpposite = (event.side === 'long') === (scopes.legLots[leg] as number) < 0
  return (
    isOpposite &&
    scopes.id(slot) !== event.scope &&
    scopes.status[slot] !== LIQUIDATING &&
    isKnown(state, slot) &&
    isPriced(state, slot)
  )
}

/** Score in doubles; below zero: not in profit by more than doubles can tell, or nothing left to lose. */
function approximateScore({ scopes, instruments }: State, leg: number, ticks: number): number {
  const { profit, notional, entry } = approximateLeg(scopes, instruments, { leg, ticks })
  if (profit <= TIE * notional || entry === 0) return -1
  const { equity } = approximateMargin(scopes, instruments, scopes.legScope[leg] as number)
  if (equity <= 0) return -1
  return (profit / Math.abs(entry)) * (notional / equity)
}

function candidateOf(
  state: State,
  { spec }: Instrument,
  { leg, event }: { leg: number; event: DeleveragingRequested },
): DeleveragingCandidate {
  const { scopes } = state
  const slot = scopes.legScope[leg] as number
  if (spec === null) throw new RangeError(`${event.instrument} has no rules yet`)
  const quantityLots = scopes.legLots[leg] as number
  const entryNotional = scopes.entryNotional(leg)
  const value = notionalOf(spec, quantityLots, event.priceTicks)
  const unrealisedProfit = value.minus(entryNotional)
  const score = deleveragingScore({
    unrealisedProfit,
    entryNotional,
    notional: value.abs(),
    equity: exactValue(state, slot).margin.equity,
  })
  return { scope: scopes.id(slot), quantityLots, unrealisedProfit, score }
}
