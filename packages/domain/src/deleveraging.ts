import { ZERO, type Decimal } from './decimal.ts'
import { InvalidRiskInputError, requireWhole } from './invalid-risk-input.ts'

/** How candidates are compared: venues' published rules as data. */
export type DeleveragingRanking =
  | 'profit_leverage'
  | 'price_ratio_leverage'
  | 'profit_to_equity'
  | 'profit_notional'
  | 'position_size'

/** One position that may be deleveraged; money in the settlement currency. */
export interface DeleveragingScoreInput {
  /** At the price of the deleveraging */
  readonly unrealisedProfit: Decimal
  /** Signed cost */
  readonly entryNotional: Decimal
  /** Absolute value at that price */
  readonly notional: Decimal
  /** Of the whole scope */
  readonly equity: Decimal
  readonly ranking?: DeleveragingRanking
  /** Without sign; for `position_size` */
  readonly quantityLots?: number
}

/**
 * Rank score of a candidate; the highest is deleveraged first.
 *
 *   profit_leverage        (U/|e|)·(N/E) in profit,  (U/|e|)/(N/E) in loss: who gained most with most leverage
 *   price_ratio_leverage   (N/|e|)·(N/E): the same from the price ratio
 *   profit_to_equity       U/E
 *   profit_notional        U·N/E
 *   position_size          lots
 *
 *   U unrealised profit, e entry notional, N notional, E equity of the scope
 *
 * A scope without equity gets 0: it has nothing to give and comes after every one in profit. Computed exactly to 34 digits,
 * returned as the nearest double (the wire's form): ties are broken by scope, so a rank never hangs on the last digit alone.
 *
 * A position that cost nothing has gained without bound where its cost divides: it gets the largest double.
 *
 * @throws InvalidRiskInputError if the notional is not above zero
 */
export function deleveragingScore(input: DeleveragingScoreInput): number {
  const { notional, equity, ranking = 'profit_leverage' } = input
  if (notional.lte(0)) {
    const detail = `notional is ${notional.toString()}; give an open position at a price above 0`
    throw new InvalidRiskInputError('deleveragingScore', detail)
  }
  if (equity.lte(0)) return 0
  const score = SCORES[ranking](input).toNumber()
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, score))
}

const SCORES: Record<DeleveragingRanking, (input: DeleveragingScoreInput) => Decimal> = {
  profit_leverage({ unrealisedProfit, entryNotional, notional, equity }) {
    const ratio = unrealisedProfit.div(entryNotional.abs())
    return unrealisedProfit.gt(0)
      ? ratio.times(notional).div(equity)
      : ratio.times(equity).div(notional)
  },
  price_ratio_leverage({ entryNotional, notional, equity }) {
    return notional.times(notional).div(entryNotional.abs().times(equity))
  },
  profit_to_equity: ({ unrealisedProfit, equity }) => unrealisedProfit.div(equity),
  profit_notional: ({ unrealisedProfit, notional, equity }) =>
    unrealisedProfit.times(notional).div(equity),
  position_size: ({ quantityLots = 0 }) => ZERO.plus(quantityLots),
}

/** A ranked candidate. */
export interface RankedCandidate {
  readonly id: string
  readonly score: number
  /** Its position; the sign does not matter here */
  readonly quantityLots: number
}

/** Best first: by score, highest first, then by id. A total order, so every reader ranks alike. */
export function compareCandidates(
  a: Pick<RankedCandidate, 'id' | 'score'>,
  b: Pick<RankedCandidate, 'id' | 'score'>,
): number {
  if (a.score !== b.score) return b.score - a.score
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** How much of one candidate's position is offset. */
export interface DeleveragingAllotment {
  readonly id: string
  readonly quantityLots: number
  /** Place in the ranking, from 1 */
  readonly rank: number
}

/**
 * Takes from the top of the ranking until the quantity is placed: each whole position in turn, the last one in part.
 * What exceeds all candidates is not placed: compare the sum.
 *
 * @param quantityLots without sign
 * @param ranked best first
 */
export function allotDeleveraging(
  quantityLots: number,
  ranked: readonly Pick<RankedCandidate, 'id' | 'quantityLots'>[],
): DeleveragingAllotment[] {
  requireWhole('allotDeleveraging', { quantityLots }, 0)
  const allotments: DeleveragingAllotment[] = []
  let left = quantityLots
  for (const [at, candidate] of ranked.entries()) {
    if (left === 0) break
    const taken = Math.min(left, Math.abs(candidate.quantityLots))
    if (taken === 0) continue
    allotments.push({ id: candidate.id, quantityLots: taken, rank: at + 1 })
    left -= taken
  }
  return allotments
}

/**
 * Light of each ranked candidate, 1 to 5, 1 at the head of the queue: the fifth of the ranked quantity its own last lot
 * falls into.
 *
 *   light = ⌈5 · cumulative quantity / total⌉
 */
export function deleveragingLights(
  ranked: readonly Pick<RankedCandidate, 'quantityLots'>[],
): number[] {
  const total = ranked.reduce((sum, { quantityLots }) => sum + Math.abs(quantityLots), 0)
  let cumulative = 0
  return ranked.map(({ quantityLots }) => {
    cumulative += Math.abs(quantityLots)
    return Math.ceil((5 * cumulative) / total)
  })
}
