import type { ScopeHeld, ScopeReleased } from '@sluice/contracts/generated/events'
import { evaluate } from './margin-calls.ts'
import { HELD } from './scope-store.ts'
import type { MarginTurn, State } from './state.ts'

/** A person holds a scope: it is evaluated and called, but not triggered, until released or the hold lapses. */
export function onScopeHeld(state: State, event: ScopeHeld, turn: MarginTurn): void {
  if (event.expiresAt !== null && event.expiresAt <= turn.now) return
  state.holds.set(event.scope, event.expiresAt)
  setHeld(state, event.scope, { isHeld: true, turn })
}

export function onScopeReleased(state: State, event: ScopeReleased, turn: MarginTurn): void {
  state.holds.delete(event.scope)
  setHeld(state, event.scope, { isHeld: false, turn })
}

export function onHoldsLapsed(state: State, turn: MarginTurn): void {
  for (const scope of state.holds.takeLapsed(turn.now))
    setHeld(state, scope, { isHeld: false, turn })
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
