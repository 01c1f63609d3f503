import { valueScope, type PositionInput, type ValuedScope } from '@sluice/domain/margin'
import type { Instrument } from './instruments.ts'
import { TRUSTED, PARKED } from './scope-store.ts'
import type { State } from './state.ts'

/** Whether the scope's margin may decide anything: rules and usable prices for every leg, and its own record trusted. */
export function isEvaluable(state: State, slot: number): boolean {
  return (
    state.isReady &&
    state.policy !== null &&
    isKnown(state, slot) &&
    everyInstrument(state, slot, instrument => instrument.isUsable)
  )
}

/** Whether what is known of the scope is complete. */
export function isKnown(state: State, slot: number): boolean {
  return ((state.scopes.flags[slot] as number) & (TRUSTED | PARKED)) === TRUSTED
}

/** Whether every leg has rules and a price, of whatever quality. */
export function isPriced(state: State, slot: number): boolean {
  return everyInstrument(state, slot, instrument => instrument.isPriced)
}

/** The scope's positions with the exact numbers that value them. @throws RangeError if one has no rules yet. */
function positionsOf({ scopes, instruments }: State, slot: number): PositionInput[] {
  const start = scopes.legStart[slot] as number
  const end = start + (scopes.legCount[slot] as number)
  const positions: PositionInput[] = []
  for (let leg = start; leg < end; leg += 1) {
    const { name, spec, tiers, markTicks } = instruments.at(scopes.legInstrument[leg] as number)
    if (spec === null || tiers === null) throw new RangeError(`${name} has no rules yet`)
    const quantityLots = scopes.legLots[leg] as number
    positions.push({
      spec,
      tiers,
      quantityLots,
      entryNotional: scopes.entryNotional(leg),
      markTicks,
    })
  }
  return positions
}

/** A scope valued at the present marks, exactly. */
export function exactValue(state: State, slot: number): ValuedScope {
  return valueScope(state.scopes.wallet(slot), positionsOf(state, slot))
}

/** Instruments of a scope's legs, in their order. */
export function instrumentsOf({ scopes, instruments }: State, slot: number): Instrument[] {
  const start = scopes.legStart[slot] as number
  const end = start + (scopes.legCount[slot] as number)
  const held: Instrument[] = []
  for (let leg = start; leg < end; leg += 1)
    held.push(instruments.at(scopes.legInstrument[leg] as number))
  return held
}

function everyInstrument(
  { scopes, instruments }: State,
  slot: number,
  holds: (instrument: Instrument) => boolean,
): boolean {
  const start = scopes.legStart[slot] as number
  const end = start + (scopes.legCount[slot] as number)
  for (let leg = start; leg < end; leg += 1) {
    if (!holds(instruments.at(scopes.legInstrument[leg] as number))) return false
  }
  return true
}
