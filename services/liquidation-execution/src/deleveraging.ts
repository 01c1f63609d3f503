import type {
  DeleveragingCandidate,
  DeleveragingCandidatesRanked,
  DeleveragingExecuted,
  DeleveragingRejected,
} from '@sluice/contracts/generated/events'
import { allotDeleveraging, compareCandidates } from '@sluice/domain/deleveraging'
import type { Decimal } from '@sluice/domain/decimal'
import { notionalOf } from '@sluice/domain/instrument'
import { about } from './context.ts'
import type { Context } from './context.ts'
import { isRepeat } from './executions.ts'
import { repeatOrUnknown, unknownRequest } from './fund.ts'
import type { Leg } from './legs.ts'
import { becomeReady } from './orders.ts'
import { boundOf } from './slice.ts'
import { awaitLedger } from './state.ts'
import type {
  DeleveragingCause,
  DeleveragingRound,
  Liquidation,
  Pair,
  Stage,
  State,
} from './state.ts'

type Gathering = Extract<Stage, { name: 'gathering' }>
export type Deleveraging = Extract<Stage, { name: 'deleveraging' }>

/** Asks all evaluators who would be deleveraged against the position, at the price that uses up what stands behind it. */
export function requestCandidates(
  { turn }: Context,
  liquidation: Liquidation,
  { leg, cause }: { leg: Leg; cause: DeleveragingCause },
): void {
  const { instrument, quantityLots } = leg.risk
  const round: DeleveragingRound = {
    requestId: turn.nextEventId(),
    cause,
    instrument,
    side: quantityLots > 0 ? 'long' : 'short',
    quantityLots: Math.abs(quantityLots),
    priceTicks: boundOf(liquidation, leg),
    deadline: turn.now + liquidation.policy.candidateDeadlineMs,
  }
  const { requestId, side, priceTicks, deadline } = round
  turn.emit({
    type: 'DeleveragingRequested',
    ...about(liquidation),
    ...{ requestId, instrument, side, quantityLots: round.quantityLots, priceTicks, deadline },
  })
  liquidation.stage = { name: 'gathering', round, answers: new Map() }
  liquidation.pool = leg.instrument.pool
}

/** One evaluator's answer. One that comes after the deadline, or a second one of the same evaluator, changes nothing. */
export function onCandidatesRanked(
  { state }: Context,
  ranked: DeleveragingCandidatesRanked,
): Liquidation | undefined {
  const liquidation = [...state.liquidations.values()].find(({ id }) => id === ranked.liquidationId)
  if (liquidation?.stage.name !== 'gathering') return undefined
  const { stage } = liquidation
  if (stage.round.requestId !== ranked.requestId || stage.answers.has(ranked.evaluator)) {
    return undefined
  }
  const answers = new Map([...stage.answers, [ranked.evaluator, ranked.candidates]])
  liquidation.stage = { ...stage, answers }
  return liquidation
}

/** Whether all evaluators answered, or no more is waited for. */
export function isGathered(
  { answers, round }: Gathering,
  evaluators: number,
  now: number,
): boolean {
  return answers.size >= evaluators || now >= round.deadline
}

/**
 * All answers in one order: score, highest first, then scope. Left out: who stands on the same side, and who is being
 * liquidated, for an order of ours may be working on the very position.
 */
export function mergeCandidates(
  state: State,
  { answers, round }: Gathering,
): DeleveragingCandidate[] {
  const byScope = new Map<string, DeleveragingCandidate>()
  for (const evaluator of [...answers.keys()].sort()) {
    for (const candidate of answers.get(evaluator) ?? []) {
      const isOpposite =
        round.side === 'long' ? candidate.quantityLots < 0 : candidate.quantityLots > 0
      if (isOpposite && !state.liquidations.has(candidate.scope)) {
        byScope.set(candidate.scope, candidate)
      }
    }
  }
  return [...byScope.values()].sort((a, b) => compareCandidates(ranking(a), ranking(b)))
}

function ranking({ scope, score }: DeleveragingCandidate): { id: string; score: number } {
  return { id: scope, score }
}

export function beginDeleveraging(state: State, liquidation: Liquidation, stage: Gathering): void {
  const { round } = stage
  const ranked = mergeCandidates(state, stage)
  const openLots = round.quantityLots
  liquidation.stage = { name: 'deleveraging', round, openLots, ranked, nextRank: 1 }
}

/** Lots of the position that neither the statement shows gone nor a pair stands for. */
export function lotsToPlace(liquidation: Liquidation, { round, openLots }: Deleveraging): number {
  const position = liquidation.statement.positions.find(p => p.instrument === round.instrument)
  const lots = position?.quantityLots ?? 0
  const left = round.side === 'long' ? lots : -lots
  const pending = openPairs(liquidation).reduce((sum, pair) => sum + pair.quantityLots, 0)
  return Math.max(0, Math.min(openLots, left - pending))
}

export function openPairs({ pairs }: Liquidation): readonly Pair[] {
  return [...pairs.values()].filter(pair => !pair.answered)
}

/** Lots of each counterparty that pairs of any liquidation stand for and that the venue has not answered. */
function promisedLots(state: State, instrument: string): ReadonlyMap<string, number> {
  const promised = new Map<string, number>()
  for (const liquidation of state.liquidations.values()) {
    if (liquidation.stage.name !== 'deleveraging') continue
    for (const pair of openPairs(liquidation)) {
      if (pair.instrument !== instrument) continue
      const before = promised.get(pair.counterparty) ?? 0
      promised.set(pair.counterparty, before + pair.quantityLots)
    }
  }
  return promised
}

/** Orders the offset against the best candidates that have not been asked. */
export function orderPairs(context: Context, liquidation: Liquidation, stage: Deleveraging): void {
  const { round, ranked, nextRank } = stage
  const quantity = lotsToPlace(liquidation, stage)
  const promised = promisedLots(context.state, round.instrument)
  const candidates = ranked.map(({ scope, quantityLots }) => ({
    id: scope,
    quantityLots: Math.max(0, Math.abs(quantityLots) - (promised.get(scope) ?? 0)),
  }))
  const allotments = allotDeleveraging(quantity, candidates)
  for (const { id, quantityLots, rank } of allotments) {
    orderPair(context, liquidation, {
      ...{ requestId: context.turn.nextEventId(), askedAt: context.turn.now },
      ...{ counterparty: id, instrument: round.instrument, priceTicks: round.priceTicks },
      ...{ quantityLots, rank: nextRank + rank - 1, answered: false },
      side: round.side === 'long' ? 'sell' : 'buy',
      score: ranked[rank - 1]?.score ?? 0,
    })
  }
  const used = allotments.at(-1)?.rank ?? ranked.length
  const placed = allotments.reduce((sum, { quantityLots }) => sum + quantityLots, 0)
  liquidation.stage = {
    ...stage,
    openLots: quantity - placed,
    ranked: ranked.slice(used),
    nextRank: nextRank + used,
  }
}

function orderPair(context: Context, liquidation: Liquidation, pair: Pair): void {
  emitPair(context, liquidation, pair)
  liquidation.pairs.set(pair.requestId, pair)
}

export function emitPair({ turn }: Context, liquidation: Liquidation, pair: Pair): void {
  const { requestId, counterparty, instrument, side, quantityLots, priceTicks, rank, score } = pair
  turn.emit({
    type: 'DeleveragingOrdered',
    ...about(liquidation),
    ...{ requestId, counterparty, instrument, side, quantityLots, priceTicks, rank, score },
  })
}

/** A position was offset: as much of a fact as a fill. What the pair fell short of goes to the next candidate. */
export function onDeleveragingExecuted(
  context: Context,
  executed: DeleveragingExecuted,
): Liquidation | undefined {
  const { state } = context
  if (isRepeat(state, executed)) return undefined
  const liquidation = state.liquidations.get(executed.scope)
  const pair = liquidation?.pairs.get(executed.requestId)
  const spec = state.instruments.get(executed.instrument)?.spec
  if (liquidation === undefined || pair === undefined || spec === undefined) {
    return unknownRequest(context, executed)
  }
  const notional = notionalOf(spec, executed.quantityLots, executed.priceTicks)
  emitDeleveraged(context, executed, { liquidationId: liquidation.id, notional })
  const deleveragedNotional = liquidation.totals.deleveragedNotional.plus(notional)
  liquidation.totals = { ...liquidation.totals, deleveragedNotional }
  liquidation.executions.add(executed.executionId)
  awaitLedger(liquidation, executed.ledgerSequence)
  answerPair(liquidation, pair, executed.quantityLots)
  return liquidation
}

function emitDeleveraged(
  { state, turn }: Context,
  executed: DeleveragingExecuted,
  facts: { readonly liquidationId: string; readonly notional: Decimal },
): void {
  const { requestId, executionId, scope, instrument, side } = executed
  const { priceTicks, quantityLots, ledgerSequence } = executed
  turn.emit({
    type: 'PositionReduced',
    ...facts,
    ...{ requestId, executionId, scope, instrument, side, priceTicks, quantityLots },
    ledgerSequence,
    markTicks: state.marks.get(instrument)?.markTicks ?? priceTicks,
    mechanism: 'deleveraging',
  })
}

/** The venue could not offset the pair: the next candidate is asked. */
export function onDeleveragingRejected(
  context: Context,
  rejected: DeleveragingRejected,
): Liquidation | undefined {
  const liquidation = context.state.liquidations.get(rejected.scope)
  const pair = liquidation?.pairs.get(rejected.requestId)
  if (liquidation === undefined || pair === undefined) return repeatOrUnknown(context, rejected)
  if (pair.answered) return undefined
  answerPair(liquidation, pair, 0)
  return liquidation
}

function answerPair(liquidation: Liquidation, pair: Pair, executedLots: number): void {
  if (pair.answered) return
  liquidation.pairs.set(pair.requestId, { ...pair, answered: true })
  liquidation.noAnswer = false
  const { stage } = liquidation
  if (stage.name !== 'deleveraging') return
  const shortLots = Math.max(0, pair.quantityLots - executedLots)
  liquidation.stage = { ...stage, openLots: stage.openLots + shortLots }
}

/** The round is over. If somebody is missing, the loss is shared. */
export function endDeleveraging(liquidation: Liquidation, openLots: number): void {
  becomeReady(liquidation)
  liquidation.lossShareDue = openLots > 0
  liquidation.fundRefused = false
  if (openLots === 0) liquidation.unfilledSlices = 0
}
