import type { AccountChanged } from '@sluice/contracts/generated/events'
import { scopeIdOf } from '@sluice/contracts/scope'
import { faultOfContent, unlisted } from './account-faults.ts'
import { lookAgain, refuseAndDistrust, refuseBehind, rewrite, unpark } from './accounts.ts'
import type { Refusal } from './refusals.ts'
import { TRUSTED, type StoredLeg } from './scope-store.ts'
import type { MarginTurn, State } from './state.ts'
import { distrust, slotFor } from './trust.ts'

/** A change is applied to exactly the record before it; any other makes the scope distrusted until its next snapshot. */
export function onAccountChanged(state: State, event: AccountChanged, turn: MarginTurn): void {
  const scope = scopeIdOf(event.account, event.isolatedInstrument)
  const slot = state.scopes.find(scope)
  if (slot === undefined || state.parking.get(scope) !== undefined) {
    onGap(state, scope, { event, turn })
    return
  }
  const known = state.scopes.ledgerSequence[slot] as number
  if (!state.scopes.hasFlag(slot, TRUSTED)) {
    missAnother(state, slot, event)
    return
  }
  if (event.ledgerSequence === known) return
  if (event.ledgerSequence < known) {
    refuseBehind(state, scope, { event, turn })
    return
  }
  if (event.previousLedgerSequence !== known) {
    onGap(state, scope, { event, turn })
    return
  }
  const fault = faultOfChange(state, event)
  if (fault !== undefined) {
    refuseAndDistrust(state, scope, { event, fault, turn })
    return
  }

  rewrite(state, slot, {
    walletBalance: event.walletBalance,
    openOrders: event.openOrders ?? state.openOrders.get(slot) ?? [],
    ledgerSequence: event.ledgerSequence,
    legs: legsAfter(state, slot, event),
    inputId: turn.inputId,
  })
  lookAgain(state, slot, turn)
}

function onGap(
  state: State,
  scope: string,
  { event, turn }: { event: AccountChanged; turn: MarginTurn },
): void {
  unpark(state, scope)
  distrust(state, slotFor(state, scope), {
    reason: 'ledger_gap',
    sequenceNeeded: event.ledgerSequence,
    turn,
  })
}

/** Changes of a distrusted scope only say how new its next snapshot must be. */
function missAnother({ scopes }: State, slot: number, { ledgerSequence }: AccountChanged): void {
  const needed = scopes.sequenceNeeded[slot] as number
  scopes.sequenceNeeded[slot] = Math.max(needed, ledgerSequence)
}

function faultOfChange(state: State, event: AccountChanged): Refusal | undefined {
  const { isolatedInstrument, walletBalance } = event
  const positions = event.position === null ? [] : [event.position]
  const fault = faultOfContent({ isolatedInstrument, walletBalance, positions })
  if (fault !== undefined) return fault
  const missing = unlisted(state.instruments, positions)
  if (missing.length === 0) return undefined
  const detail = `${missing.join(', ')} is not listed: list it, then send a snapshot of the scope`
  return { reason: 'instrument_unknown', detail }
}

function legsAfter({ scopes, instruments }: State, slot: number, event: AccountChanged) {
  const gone = event.position?.instrument ?? event.closedInstrument
  const legs: StoredLeg[] = scopes
    .legs(slot)
    .filter(({ instrument }) => instruments.at(instrument).name !== gone)
  if (event.position !== null) {
    const { instrument, quantityLots, entryNotional } = event.position
    legs.push({ instrument: instruments.intern(instrument).index, quantityLots, entryNotional })
  }
  const nameOf = (leg: StoredLeg): string => instruments.at(leg.instrument).name
  return legs
    .filter(leg => nameOf(leg) !== event.closedInstrument)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}
