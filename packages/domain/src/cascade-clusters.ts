import { ZERO, type Decimal } from './decimal.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'

/** A forced reduction on one instrument and side. */
export interface ForcedReduction {
  readonly id: string
  readonly time: number
  readonly notional: Decimal
}

/** Forced reductions of one instrument and side, each within the gap of the one before. */
export interface CascadeCluster {
  /** Id of its first reduction */
  readonly id: string
  readonly openedAt: number
  /** Time of the latest reduction */
  readonly lastAt: number
  readonly reductions: number
  readonly notional: Decimal
}

/** What a reduction did to the clusters of its instrument and side. */
export interface ClusterStep {
  /** The cluster that had ended before this reduction, if one was open */
  readonly closed: CascadeCluster | undefined
  /** The cluster the reduction belongs to */
  readonly current: CascadeCluster
  readonly opened: boolean
}

/**
 * Takes a reduction into the open cluster if it comes within the gap of the latest one, else opens a new cluster.
 *
 *   joins ⇔ time − lastAt ≤ gap
 *
 * For Poisson arrivals at rate λ the mean cluster has e^{λ·gap} reductions and a share e^{−λ·gap} of clusters has one: the
 * null model against which real clustering is read. O(1). A reduction earlier than the latest joins and moves no time back.
 *
 * @throws InvalidRiskInputError if the gap is not a number ≥ 0
 */
export function stepCluster(
  open: CascadeCluster | undefined,
  reduction: ForcedReduction,
  gapMs: number,
): ClusterStep {
  if (!(gapMs >= 0)) {
    throw new InvalidRiskInputError('stepCluster', `gap is ${gapMs} ms; give a number ≥ 0`)
  }
  if (open !== undefined && !isClusterOver(open, reduction.time, gapMs)) {
    return { closed: undefined, current: extended(open, reduction), opened: false }
  }
  const { id, time } = reduction
  const fresh = { id, openedAt: time, lastAt: time, reductions: 0, notional: ZERO }
  return { closed: open, current: extended(fresh, reduction), opened: true }
}

/** Whether a cluster has ended at a time: the gap has passed, not merely been reached. */
export function isClusterOver(cluster: CascadeCluster, time: number, gapMs: number): boolean {
  return time - cluster.lastAt > gapMs
}

/** First millisecond at which the cluster is over if nothing joins it: the deadline to ask a tick for. */
export function clusterOverAt(cluster: CascadeCluster, gapMs: number): number {
  return cluster.lastAt + gapMs + 1
}

function extended(cluster: CascadeCluster, { time, notional }: ForcedReduction): CascadeCluster {
  return {
    ...cluster,
    lastAt: Math.max(cluster.lastAt, time),
    reductions: cluster.reductions + 1,
    notional: cluster.notional.plus(notional),
  }
}
