import type { RefusedRecord } from '@sluice/stream-runtime/processor'
import { HELD, PARKED, TRUSTED } from './scope-store.ts'
import type { MarginTurn, State } from './state.ts'

/** Why what is known of a scope is incomplete. */
export type DistrustReason =
  'ledger_gap' | 'record_refused' | 'record_undecodable' | 'instrument_unknown'

/**
 * From now on nothing is triggered for this scope, until a snapshot with at least `sequenceNeeded` arrives.
 * A scope already distrusted is not announced again.
 */
export function distrust(
  state: State,
  slot: number,
  { reason, sequenceNeeded, turn, isNews = false }: DistrustOrder,
): void {
  const { scopes } = state
  if (scopes.hasFlag(slot, TRUSTED) || isNews)
    turn.emit({ type: 'ScopeDistrusted', scope: scopes.id(slot), reason })
  scopes.setFlag(slot, TRUSTED, false)
  scopes.sequenceNeeded[slot] = Math.max(scopes.sequenceNeeded[slot] as number, sequenceNeeded)
  state.watch.forget(slot)
  state.waiting.delete(slot)
}

interface DistrustOrder {
  readonly reason: DistrustReason
  readonly sequenceNeeded: number
  readonly turn: MarginTurn
  /** Announced even if the scope was distrusted already: a record that waited for it is dropped */
  readonly isNews?: boolean
}

/** A good snapshot arrived. */
export function restoreTrust(
  state: State,
  slot: number,
  { ledgerSequence, turn }: { ledgerSequence: number; turn: MarginTurn },
): void {
  const { scopes } = state
  if (scopes.hasFlag(slot, TRUSTED)) return
  turn.emit({ type: 'ScopeTrusted', scope: scopes.id(slot), ledgerSequence })
  scopes.setFlag(slot, TRUSTED, true)
  scopes.sequenceNeeded[slot] = 0
}

/** The scope's slot; one never seen gets an empty scope, held if a person has said so before. */
export function slotFor(state: State, scope: string): number {
  const known = state.scopes.find(scope)
  if (known !== undefined) return known
  const slot = state.scopes.add(scope)
  state.scopes.setFlag(slot, HELD, state.holds.has(scope))
  return slot
}

export function setParked(state: State, scope: string, isParked: boolean): void {
  const slot = state.scopes.find(scope)
  if (slot !== undefined) state.scopes.setFlag(slot, PARKED, isParked)
  if (slot !== undefined && isParked) {
    state.watch.forget(slot)
    state.waiting.delete(slot)
  }
}

/** An account record could not be read: whatever it said, each scope of that account may have changed. */
export function onUndecodableAccount(state: State, record: RefusedRecord, turn: MarginTurn): void {
  if (record.source !== 'accounts' || record.key === null) return
  for (const slot of slotsOfAccount(state, record.key)) {
    const sequenceNeeded = (state.scopes.ledgerSequence[slot] as number) + 1
    distrust(state, slot, { reason: 'record_undecodable', sequenceNeeded, turn })
  }
}

function slotsOfAccount({ scopes, instruments }: State, account: string): number[] {
  const ids = [account, ...instruments.all().map(({ name }) => `${account}/${name}`)]
  return ids
    .map(id => scopes.find(id))
    .filter(slot => slot !== undefined)
    .sort((a, b) => a - b)
}
