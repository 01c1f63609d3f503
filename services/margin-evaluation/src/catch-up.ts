import { CATCHING_UP, HELD, QUEUED } from './scope-store.ts'
import type { SlotSet } from './slot-set.ts'
import { type MarginTurn, occupiedSlots, type State } from './state.ts'
import { setParked, slotFor } from './trust.ts'

/**
 * How the scopes that are under water when the first snapshot is complete are triggered: without this all at once, with it a few at a
 * time, the worst first. A scope's first look is the first time it can be evaluated after the snapshot; if it is under water
 * then, it queues. Whoever falls under water later is triggered at once, as ever.
 *
 *   in the snapshot ──▶ catching up ──first look──▶ healthy ──▶ (as ever)
 *                                        └────────▶ queued ──released──▶ triggered, or healthy by now
 */
export interface StagedCatchUp {
  /** Released at a time */
  readonly scopesPerInterval: number
  readonly intervalMs: number
}

/** The queue. `queued` is made from the scopes' flags after a restore. */
export interface CatchUp {
  readonly queued: SlotSet
  /** When the next are released; null: nobody queues */
  releaseAt: number | null
  /** Id of the record that completed the snapshot: a cause of every trigger from the queue */
  snapshotId: string
}

/** Every scope known has its first look ahead of it, those that wait for their instrument too. */
export function beginCatchUp(state: State, turn: MarginTurn): void {
  if (state.settings.catchUp === null) return
  state.catchUp.snapshotId = turn.inputId
  for (const { scope } of state.parking.all()) {
    slotFor(state, scope)
    setParked(state, scope, true)
  }
  for (const slot of occupiedSlots(state)) state.scopes.setFlag(slot, CATCHING_UP, true)
}

/** Takes note of a scope's first look; a held scope has its first look when it is released. */
export function takeFirstLook(
  state: State,
  slot: number,
  { isUnderWater, turn }: { isUnderWater: boolean; turn: MarginTurn },
): void {
  const { scopes, catchUp, settings } = state
  if (!scopes.hasFlag(slot, CATCHING_UP) || scopes.hasFlag(slot, HELD)) return
  scopes.setFlag(slot, CATCHING_UP, false)
  if (!isUnderWater || settings.catchUp === null) return
  scopes.setFlag(slot, QUEUED, true)
  catchUp.queued.add(slot)
  catchUp.releaseAt ??= turn.now + settings.catchUp.intervalMs
}

export function leaveQueue(state: State, slot: number): void {
  state.scopes.setFlag(slot, QUEUED, false)
  state.catchUp.queued.delete(slot)
}
