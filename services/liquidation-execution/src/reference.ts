import type {
  InstrumentListed,
  InsurancePoolSet,
  LiquidationPolicySet,
  RiskTiersSet,
} from '@sluice/contracts/generated/events'
import { faultOfTiers } from '@sluice/domain/tiers'
import type { Context } from './context.ts'
import { avertTrigger, startIfKnown } from './life.ts'
import { refuse } from './refusals.ts'
import { policyKey } from './state.ts'
import type { Liquidation, Policy } from './state.ts'

/** Whether a record of reference data is older than the one in force; refused if so. The same version again is a repeat. */
function isOutdated(
  context: Context,
  record: { readonly type: string; readonly version: number },
  inForce: { readonly version: number } | undefined,
): boolean {
  if (inForce === undefined || record.version > inForce.version) return false
  if (record.version < inForce.version) {
    const detail = `${record.type} ${record.version} comes after ${inForce.version}: publish a higher version`
    refuse(context.turn, 'version_behind', detail)
  }
  return true
}

export function onInstrumentListed(context: Context, listed: InstrumentListed): boolean {
  const { instruments } = context.state
  if (isOutdated(context, listed, instruments.get(listed.instrument))) return false
  const { instrument, lotSize, tickSize, orderLotsMin, orderLotsMax, version } = listed
  instruments.set(instrument, {
    version,
    spec: { instrument, lotSize, tickSize, orderLotsMin, orderLotsMax },
    currency: listed.settlementCurrency,
    pool: listed.insurancePool,
  })
  return true
}

export function onRiskTiersSet(context: Context, record: RiskTiersSet): boolean {
  const { tiers } = context.state
  const { instrument, version } = record
  if (isOutdated(context, record, tiers.get(instrument))) return false
  const fault = faultOfTiers(record.tiers)
  if (fault !== undefined) {
    const detail = `RiskTiersSet ${version} of ${instrument}: ${fault}; correct the table and publish it again`
    refuse(context.turn, 'tiers_unsound', detail)
    return false
  }
  tiers.set(instrument, { version, tiers: record.tiers })
  return true
}

/** What the pool holds is taken from its first record; from then on from the bookings. */
export function onInsurancePoolSet(context: Context, record: InsurancePoolSet): void {
  const { pools } = context.state
  const known = pools.get(record.pool)
  if (isOutdated(context, record, known)) return
  const { version, currency } = record
  pools.set(record.pool, { version, currency, balance: known?.balance ?? record.balance })
}

/** Policies are kept in every version: a liquidation keeps the one it started with. Triggers that waited for it start. */
export function onPolicySet(
  context: Context,
  record: LiquidationPolicySet,
): readonly Liquidation[] {
  const { policies, parked } = context.state
  const key = policyKey(record.policy, record.version)
  if (policies.has(key)) return []
  const fault = faultOfPolicy(record)
  if (fault !== undefined) {
    refuse(context.turn, 'policy_unsound', `LiquidationPolicySet ${key}: ${fault}`)
    return []
  }
  policies.set(key, policyOf(record))
  return [...parked.keys()].sort().flatMap(scope => {
    const trigger = parked.get(scope)
    const started = trigger === undefined ? undefined : startIfKnown(context, trigger)
    if (started === 'policy_unknown') return []
    parked.delete(scope)
    return started ?? []
  })
}

/** Triggers whose policy did not come in time are called off: the evaluator looks again. */
export function dropParked(context: Context): void {
  const { state, turn } = context
  for (const scope of [...state.parked.keys()].sort()) {
    const trigger = state.parked.get(scope)
    if (trigger === undefined || trigger.deadline > turn.now) continue
    state.parked.delete(scope)
    avertTrigger(context, trigger, 'policy_unknown')
  }
}

function faultOfPolicy(policy: Policy): string | undefined {
  const rates = [policy.restoreBuffer, policy.expectedSlippage, policy.feeRate, policy.bookFraction]
  if (rates.some(rate => rate.lt(0))) return 'a rate is below zero'
  if (policy.expectedSlippage.gte(1)) return 'expectedSlippage must be below 1'
  if (policy.triggerRatio.lte(0)) return 'triggerRatio must be above zero'
  if (policy.unfilledSlicesMax < 1) return 'unfilledSlicesMax must be at least 1'
  const times = [policy.cooldownMs, policy.candidateDeadlineMs, policy.triggerMaxAgeMs]
  if (times.some(ms => ms < 0)) return 'a time is below zero'
  return policy.orderTimeoutMs < 1 ? 'orderTimeoutMs must be at least 1' : undefined
}

function policyOf(record: LiquidationPolicySet): Policy {
  const { policy, version, mode, triggerRatio, restoreBuffer, expectedSlippage, feeRate } = record
  const { bookFraction, bookDistanceRate, cooldownMs, orderTimeoutMs, triggerMaxAgeMs } = record
  const { unfilledSlicesMax, candidateDeadlineMs } = record
  return {
    ...{ policy, version, mode, triggerRatio, restoreBuffer, expectedSlippage, feeRate },
    ...{ bookFraction, bookDistanceRate, cooldownMs, orderTimeoutMs, triggerMaxAgeMs },
    ...{ unfilledSlicesMax, candidateDeadlineMs },
  }
}
