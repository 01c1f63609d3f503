import type { SnapshotCompleted } from '@sluice/contracts/generated/events'
import { snapshotHash, type SnapshotScope } from '@sluice/contracts/snapshot-hash'
import type { Refusal } from './refusals.ts'
import { TRUSTED } from './scope-store.ts'
import { occupiedSlots, type State } from './state.ts'

/** Why a snapshot is not what its end says, or undefined. One without a hash is taken at its word. */
export function faultOfSnapshot(state: State, event: SnapshotCompleted): Refusal | undefined {
  if (event.hash === null) return undefined
  const scopes = scopesOf(state)
  const known = `${scopes.length} scopes of this partition are known here`
  const whatToDo = 'write the scopes that are missing or differ, then SnapshotCompleted again'
  if (scopes.length !== event.scopeCount)
    return {
      reason: 'snapshot_incomplete',
      detail: `SnapshotCompleted says ${event.scopeCount}, ${known}: ${whatToDo}`,
    }
  if (Buffer.compare(snapshotHash(scopes), event.hash) === 0) return undefined
  return {
    reason: 'snapshot_incomplete',
    detail: `${known}, but not at the ledger sequences that the hash of SnapshotCompleted stands for: ${whatToDo}`,
  }
}

/** Scopes at the sequence of the latest record that said which scope it was of, be it applied, parked or refused. */
function scopesOf(state: State): SnapshotScope[] {
  const { scopes, parking } = state
  const found = new Map<string, number>()
  for (const slot of occupiedSlots(state)) {
    const known = scopes.ledgerSequence[slot] as number
    const needed = scopes.sequenceNeeded[slot] as number
    found.set(scopes.id(slot), scopes.hasFlag(slot, TRUSTED) ? known : Math.max(known, needed))
  }
  for (const { scope, event } of parking.all()) found.set(scope, event.ledgerSequence)
  return [...found].map(([scope, ledgerSequence]) => ({ scope, ledgerSequence }))
}
