import type {
  PolicyActivated,
  ScopeHeld,
  ScopeReleased,
  TriggerOverridden,
} from '@sluice/contracts/generated/events'
import { evaluate } from './margin-calls.ts'
import { followPolicy } from './reference.ts'
import type { Refusal } from './refusals.ts'
import { HELD } from './scope-store.ts'
import type { MarginTurn, State } from './state.ts'

/** A person holds a scope: it is evaluated and called, but not triggered, until released or the hold lapses. */
export function onScopeHeld(state: State, event: ScopeHeld, turn: MarginTurn): void {
  const { scope, expiresAt } = event
  if (expiresAt !== null && expiresAt <= turn.now) return
  state.holds.set(scope, { value: true, expiresAt })
  setHeld(state, scope, { isHeld: true, turn })
}

export function onScopeReleased(state: State, event: ScopeReleased, turn: MarginTurn): void {
  state.holds.delete(event.scope)
  setHeld(state, event.scope, { isHeld: false, turn })
}

/** A person gives a scope a trigger ratio of its own, or takes it back. One in liquidation keeps what it was triggered with. */
export function onTriggerOverridden(
  state: State,
  event: TriggerOverridden,
  turn: MarginTurn,
): void {
  const { scope, triggerRatio, expiresAt } = event
  if (isRefused(event, turn)) return
  if (triggerRatio === null) state.overrides.delete(scope)
  else state.overrides.set(scope, { value: triggerRatio, expiresAt })
  lookAt(state, scope, turn)
}

/** A person puts a version of a policy in force. Of another policy than the one followed it is none of this task's business. */
export function onPolicyActivated(state: State, event: PolicyActivated, turn: MarginTurn): void {
  const { policy, version, expiresAt } = event
  if (state.settings.policy !== null && state.settings.policy !== policy) return
  if (isRefused(event, turn)) return
  state.policies.activation = { policy, version, expiresAt }
  followPolicy(state, turn)
}

/** What people decided for a time is over when that time is. */
export function onDecisionsLapsed(state: State, turn: MarginTurn): void {
  for (const scope of state.holds.takeLapsed(turn.now))
    setHeld(state, scope, { isHeld: false, turn })
  for (const scope of state.overrides.takeLapsed(turn.now)) lookAt(state, scope, turn)
  if (state.policies.lapse(turn.now)) followPolicy(state, turn)
}

interface Decision {
  readonly type: string
  readonly actor: string
  readonly approver: string | null
  readonly expiresAt: number | null
}

function isRefused(decision: Decision, turn: MarginTurn): boolean {
  const fault = faultOf(decision, turn.now)
  if (fault !== undefined) turn.refuse(fault.reason, fault.detail)
  return fault !== undefined
}

function faultOf({ type, actor, approver, expiresAt }: Decision, now: number): Refusal | undefined {
  if (approver === actor)
    return {
      reason: 'approver_is_actor',
      detail: `${type}: ${actor} both decided and approved; somebody else has to approve`,
    }
  if (expiresAt === null || expiresAt > now) return undefined
  return {
    reason: 'intervention_expired',
    detail: `${type} by ${actor} lapsed at ${expiresAt}: give it again`,
  }
}

function setHeld(
  state: State,
  scope: string,
  { isHeld, turn }: { isHeld: boolean; turn: MarginTurn },
): void {
  const slot = state.scopes.find(scope)
  if (slot === undefined) return
  state.scopes.setFlag(slot, HELD, isHeld)
  evaluate(state, slot, turn)
}

function lookAt(state: State, scope: string, turn: MarginTurn): void {
  const slot = state.scopes.find(scope)
  if (slot !== undefined) evaluate(state, slot, turn)
}
