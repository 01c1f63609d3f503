import type { LiquidationPolicySet } from '@sluice/contracts/generated/events'
import { type Decimal, ONE } from '@sluice/domain/decimal'

/** The policy in force, with the thresholds that are made from it. */
export interface Policy {
  readonly record: LiquidationPolicySet
  /** The first margin-call ratio; null: this policy makes no margin calls */
  readonly callRatio: Decimal | null
  /** A call clears at this multiple of the maintenance margin: callRatio × (1 + hysteresis) */
  readonly clearRatio: Decimal | null
  readonly trigger: number
  readonly call: number
  readonly clear: number
}

/** Derives the thresholds, as decimals for decisions and as doubles for the screen. */
export function policyOf(record: LiquidationPolicySet): Policy {
  const callRatio = record.marginCallRatios[0] ?? null
  const clearRatio = callRatio?.times(ONE.plus(record.marginCallHysteresis)) ?? null
  return {
    record,
    callRatio,
    clearRatio,
    trigger: record.triggerRatio.toNumber(),
    call: callRatio?.toNumber() ?? 0,
    clear: clearRatio?.toNumber() ?? 0,
  }
}

/** Why a policy is refused, or undefined if it is sound for margin evaluation. */
export function faultOfPolicy(record: LiquidationPolicySet): string | undefined {
  const { marginCallRatios, triggerRatio } = record
  if (triggerRatio.lte(0)) return `triggerRatio is ${triggerRatio.toFixed()}; give one above zero`
  if (record.marginCallHysteresis.lt(0)) return 'marginCallHysteresis is below zero'
  for (const [i, ratio] of marginCallRatios.entries()) {
    const above = marginCallRatios[i - 1]
    if (above !== undefined && ratio.gte(above)) return 'marginCallRatios must descend'
    if (ratio.lt(triggerRatio)) return 'a margin-call ratio lies below triggerRatio'
  }
  const durations = [
    record.marginCallDwellMs,
    record.riskReportIntervalMs,
    record.profileIntervalMs,
    record.parkMs,
  ]
  if (durations.some(duration => duration < 0)) return 'a duration is below zero'
  if (record.riskReportIntervalMs === 0 || record.profileIntervalMs === 0)
    return 'riskReportIntervalMs and profileIntervalMs must be above zero'
  return undefined
}
