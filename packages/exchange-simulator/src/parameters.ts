import { Decimal } from '@sluice/domain/decimal'
import type { LiquidationMode, LiquidationPolicySet } from '@sluice/contracts/generated/events'

/**
 * Everything about the simulated market that is a choice, in one table. The numbers were set before the pipeline was first
 * run on them and before the real days were read; they are round, and were not moved to favour a policy. The README says
 * where each comes from.
 */
export const MARKET = {
  /** One simulated step */
  stepMs: 1000,
  /** A request is answered so long after it was placed; shorter than a step is not resolved */
  answerLatencyMs: 1000,

  /** Depth per side within `depthDistanceRate` of the mid price, as a part of the instrument's open interest (one side) */
  depthShareOfOpenInterest: 0.03,
  depthDistanceRate: 0.01,
  /** Least depth within that distance [currency] */
  depthNotionalMin: 50_000,
  /** Price levels a side, and the distance of the furthest */
  bookLevels: 12,
  bookReachRate: 0.03,
  halfSpreadRate: 0.000_05,
  /** Makers at each level, in order of their time priority, and what each quotes of it */
  makerShares: [0.5, 0.3, 0.2],
  /** Half of what was eaten is quoted again after this */
  replenishHalfLifeMs: 10_000,
  /** Mean absolute one-second return up to which makers quote in full; beyond it depth falls in inverse proportion */
  calmReturn: 0.000_15,
  depthFactorMin: 0.25,
  /** Memory of that mean */
  volatilityHalfLifeMs: 60_000,

  /** A forced order that takes all the depth within `depthDistanceRate` moves the makers' centre by this part of it */
  impactShare: 0.6,
  /** Part of the gap between the venue's price and the others' that each second carries to the others */
  indexFollowPerSecond: 0.05,
  /** The venue's price returns to the others' */
  arbitrageHalfLifeMs: 15_000,
  /** What entered the index decays */
  indexDecayHalfLifeMs: 300_000,
  /** No displacement beyond this, as a logarithm */
  displacementMax: 0.5,

  /** Depth is published so often in calm, and every step for so long after a forced order */
  depthIntervalMs: 5_000,
  depthAlertMs: 10_000,
  /** A trade not forced is printed so often on average */
  tradeIntervalMs: 5_000,
  /** How far one index source strays from the fair price */
  sourceNoiseRate: 0.000_03,
  sources: ['atlas', 'borealis', 'cirrus'],

  fundingIntervalMs: 28_800_000,
  fundingRate: '0.0001',

  /** Insurance pool at the start, as a part of the open interest it stands for */
  poolShareOfOpenInterest: 0.01,
  /** A shared loss is paid by so many scopes in profit, the largest first; more are asked only if these cannot pay it */
  lossShareContributors: 25,
  /** Who is in profit is ranked so often */
  lossShareRankingMs: 10_000,

  /** What a fault 'late' adds */
  lateMs: 30_000,
} as const

/** How the simulated accounts are drawn. */
export const POPULATION = {
  /** Part of the accounts that holds one isolated position instead of a cross account, and in addition to one */
  isolatedShare: 0.25,
  bothShare: 0.05,
  longShare: 0.62,
  /** Legs of a cross account */
  legs: [
    { legs: 1, weight: 0.55 },
    { legs: 2, weight: 0.22 },
    { legs: 3, weight: 0.12 },
    { legs: 4, weight: 0.07 },
    { legs: 6, weight: 0.04 },
  ],
  /** Notional over equity when opened: most accounts use a part of what their limit allows */
  leverages: [
    { leverage: 1, weight: 0.15 },
    { leverage: 2, weight: 0.28 },
    { leverage: 3, weight: 0.26 },
    { leverage: 5, weight: 0.2 },
    { leverage: 10, weight: 0.08 },
    { leverage: 20, weight: 0.025 },
    { leverage: 50, weight: 0.005 },
  ],
  /** Equity is log-normal [currency] */
  equityMedian: 1_500,
  equitySigma: 1.5,
  equityMin: 25,
  equityMax: 2_000_000,
  /** Equity now over initial margin: what the position has won or lost since it was opened */
  equityDrift: 0.2,
  /** Accounts already near: equity over maintenance margin is drawn from this interval */
  nearShare: 0.005,
  nearRatio: [1.1, 1.5],
  /** Nobody starts below this multiple of maintenance margin */
  startRatioMin: 1.1,
  /** Distance of entry from the price now */
  entrySigma: 0.015,
  openOrderShare: 0.08,
} as const

const rate = (text: string): Decimal => new Decimal(text)

/** The liquidation policy of the simulated venue. `partial` and `full` differ in the mode alone. */
export function simulatedPolicy(mode: LiquidationMode): LiquidationPolicySet {
  return {
    type: 'LiquidationPolicySet',
    policy: 'standard',
    version: 1,
    author: 'exchange-simulator',
    reason: `built-in policy, ${mode} liquidation`,
    mode,
    triggerRatio: rate('1'),
    // To the ratio at which a margin call is issued: who has been reduced is not called at once.
    restoreBuffer: rate('0.5'),
    expectedSlippage: rate('0.001'),
    feeRate: rate('0.001'),
    bookFraction: rate('0.2'),
    bookDistanceRate: rate('0.01'),
    cooldownMs: 2_000,
    orderTimeoutMs: 10_000,
    triggerMaxAgeMs: 10_000,
    unfilledSlicesMax: 3,
    candidateDeadlineMs: 5_000,
    candidatesMax: 20,
    marginCallRatios: [rate('1.5'), rate('1.25'), rate('1.1')],
    marginCallHysteresis: rate('0.1'),
    marginCallDwellMs: 60_000,
    riskReportIntervalMs: 4_000,
    profileIntervalMs: 30_000,
    parkMs: 5_000,
  }
}
