import type { Decimal } from '@sluice/domain/decimal'
import type { Policy } from './policy.ts'
import type { State } from './state.ts'

/** The trigger ratio that a person gave the scope, or null. */
export function overrideOf({ overrides, scopes }: State, slot: number): Decimal | null {
  return overrides.size === 0 ? null : (overrides.get(scopes.id(slot)) ?? null)
}

/** Below this multiple of its maintenance margin the scope is liquidated. */
export function triggerRatioOf(state: State, slot: number, policy: Policy): Decimal {
  return overrideOf(state, slot) ?? policy.record.triggerRatio
}

/** As `triggerRatioOf`, as a double for the screen. */
export function approximateTrigger(state: State, slot: number, policy: Policy): number {
  return overrideOf(state, slot)?.toNumber() ?? policy.trigger
}
