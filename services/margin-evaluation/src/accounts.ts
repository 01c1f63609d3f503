import type {
  AccountClosed,
  AccountUpdated,
  OpenOrderTotal,
  Position,
  SnapshotCompleted,
} from '@sluice/contracts/generated/events'
import { scopeIdOf } from '@sluice/contracts/scope'
import { beginCatchUp, leaveQueue } from './catch-up.ts'
import { areListed, faultOfContent, faultOfCurrency, unlisted } from './account-faults.ts'
import { reportAccountRecord } from './liquidating.ts'
import { evaluate } from './margin-calls.ts'
import type { Refusal } from './refusals.ts'
import { TRUSTED, type StoredLeg } from './scope-store.ts'
import { faultOfSnapshot } from './snapshot-check.ts'
import { type MarginTurn, occupiedSlots, type State } from './state.ts'
import { setAccountEventId } from './statements.ts'
import { distrust, restoreTrust, setParked, slotFor } from './trust.ts'

/**
 * A snapshot of one scope replaces all that was known of it, unless it is older. A repeat is ignored; one that breaks a
 * rule is refused and its scope distrusted; one that names an instrument not yet listed waits for it.
 */
export function onAccountUpdated(state: State, event: AccountUpdated, turn: MarginTurn): void {
  const scope = scopeIdOf(event.account, event.isolatedInstrument)
  const order = orderOf(state, scope, event)
  if (order === 'repeat') return
  if (order === 'behind') {
    refuseBehind(state, scope, { event, turn })
    return
  }
  const fault =
    order === 'conflict'
      ? conflictOf(scope, event)
      : (faultOfContent(event) ?? faultOfCurrency(state.instruments, event))
  if (fault !== undefined) {
    refuseAndDistrust(state, scope, { event, fault, turn })
    return
  }
  if (!areListed(state.instruments, event.positions)) {
    park(state, scope, { event, turn })
    return
  }
  applySnapshot(state, scope, { event, inputId: turn.inputId, turn })
}

type Order = 'next' | 'behind' | 'repeat' | 'conflict'

function orderOf(state: State, scope: string, event: AccountUpdated): Order {
  const { scopes } = state
  const parked = state.parking.get(scope)?.event.ledgerSequence
  if (parked !== undefined && event.ledgerSequence <= parked)
    return event.ledgerSequence === parked ? 'repeat' : 'behind'
  const slot = scopes.find(scope)
  if (slot === undefined) return 'next'
  const known = scopes.ledgerSequence[slot] as number
  if (!scopes.hasFlag(slot, TRUSTED))
    return event.ledgerSequence >= Math.max(known, scopes.sequenceNeeded[slot] as number)
      ? 'next'
      : 'behind'
  if (event.ledgerSequence > known) return 'next'
  if (event.ledgerSequence < known) return 'behind'
  return isSameContent(state, slot, event) ? 'repeat' : 'conflict'
}

function isSameContent(state: State, slot: number, event: AccountUpdated): boolean {
  const legs = legsOf(state, event.positions)
  const known = state.scopes.legs(slot)
  return (
    state.scopes.wallet(slot).eq(event.walletBalance) &&
    state.currencies.text(state.scopes.currency[slot] as number) === event.currency &&
    legs.length === known.length &&
    legs.every((leg, i) => isSameLeg(leg, known[i])) &&
    isSameOrders(event.openOrders, state.openOrders.get(slot) ?? [])
  )
}

function isSameLeg(leg: StoredLeg, known: StoredLeg | undefined): boolean {
  return (
    leg.instrument === known?.instrument &&
    leg.quantityLots === known.quantityLots &&
    leg.entryNotional.eq(known.entryNotional)
  )
}

function isSameOrders(a: readonly OpenOrderTotal[], b: readonly OpenOrderTotal[]): boolean {
  return (
    a.length === b.length &&
    a.every((order, i) => {
      const other = b[i]
      return (
        order.instrument === other?.instrument &&
        order.side === other.side &&
        order.quantityLots === other.quantityLots
      )
    })
  )
}

function conflictOf(scope: string, { ledgerSequence }: AccountUpdated): Refusal {
  const detail = `${scope} has another content at ledger sequence ${ledgerSequence}: raise the sequence with every change`
  return { reason: 'ledger_sequence_conflict', detail }
}

interface AccountRecord {
  readonly account: string
  readonly isolatedInstrument: string | null
  readonly ledgerSequence: number
}

/** An older record than the one known: nothing is missing, so nothing is distrusted. */
export function refuseBehind(
  state: State,
  scope: string,
  { event, turn }: { event: AccountRecord; turn: MarginTurn },
): void {
  const slot = state.scopes.find(scope)
  const known = slot === undefined ? undefined : state.scopes.ledgerSequence[slot]
  turn.refuse(
    'ledger_sequence_behind',
    `${scope}: record ${event.ledgerSequence} arrived after ${known ?? 'a newer one'}: it is skipped`,
  )
}

/** A record that breaks a rule changed something that is not known now. */
export function refuseAndDistrust(
  state: State,
  scope: string,
  { event, fault, turn }: { event: AccountRecord; fault: Refusal; turn: MarginTurn },
): void {
  turn.refuse(fault.reason, `${scope}: ${fault.detail}`)
  const parked = state.parking.get(scope)
  const slot = state.scopes.find(scope)
  if (slot !== undefined && parked === undefined && !state.scopes.hasFlag(slot, TRUSTED)) return
  const known = slot === undefined ? -1 : (state.scopes.ledgerSequence[slot] as number)
  const isConflict = event.ledgerSequence <= known
  unpark(state, scope)
  distrust(state, slotFor(state, scope), {
    reason: 'record_refused',
    sequenceNeeded: isConflict ? known + 1 : event.ledgerSequence,
    isNews: parked !== undefined,
    turn,
  })
}

function park(
  state: State,
  scope: string,
  { event, turn }: { event: AccountUpdated; turn: MarginTurn },
): void {
  const parkMs = state.policy?.record.parkMs ?? state.settings.parkMsWithoutPolicy
  const deadline = state.parking.get(scope)?.deadline ?? turn.now + parkMs
  state.parking.put({ scope, event, inputId: turn.inputId, deadline })
  setParked(state, scope, true)
}

export function unpark(state: State, scope: string): void {
  if (state.parking.delete(scope)) setParked(state, scope, false)
}

/** Makes a scope what its snapshot says. `inputId` is the record's own: it may have been parked. */
export function applySnapshot(
  state: State,
  scope: string,
  { event, inputId, turn }: { event: AccountUpdated; inputId: string; turn: MarginTurn },
): void {
  unpark(state, scope)
  const slot = slotFor(state, scope)
  state.scopes.currency[slot] = state.currencies.number(event.currency)
  const { walletBalance, openOrders, ledgerSequence } = event
  const legs = legsOf(state, event.positions)
  rewrite(state, slot, { walletBalance, openOrders, ledgerSequence, legs, inputId })
  restoreTrust(state, slot, { ledgerSequence, turn })
  lookAgain(state, slot, turn)
}

/** Legs in the order of their instruments' names. */
function legsOf({ instruments }: State, positions: readonly Position[]): StoredLeg[] {
  const inOrder =
    positions.length < 2
      ? positions
      : [...positions].sort((a, b) => (a.instrument < b.instrument ? -1 : 1))
  return inOrder.map(({ instrument, quantityLots, entryNotional }) => ({
    instrument: instruments.intern(instrument).index,
    quantityLots,
    entryNotional,
  }))
}

interface ScopeContent {
  readonly walletBalance: AccountUpdated['walletBalance']
  readonly openOrders: readonly OpenOrderTotal[]
  readonly ledgerSequence: number
  readonly legs: readonly StoredLeg[]
  readonly inputId: string
}

/**
 * Replaces a scope's content, and must be followed by `lookAgain`. Ladder entries and profile bins of the old legs go first; where a record
 * changes but money (a funding payment, a deposit), looking again moves them.
 */
export function rewrite(state: State, slot: number, content: ScopeContent): void {
  const { scopes } = state
  if (scopes.hasLots(slot, content.legs)) state.profile.touch(slot)
  else {
    state.watch.forget(slot)
    state.profile.forget(slot)
  }
  scopes.setWallet(slot, content.walletBalance)
  scopes.setLegs(slot, content.legs)
  scopes.ledgerSequence[slot] = content.ledgerSequence
  setAccountEventId(state, slot, content.inputId)
  if (content.openOrders.length === 0) state.openOrders.delete(slot)
  else state.openOrders.set(slot, content.openOrders)
}

/** After a scope's content changed: a report if it is in liquidation, its status otherwise. */
export function lookAgain(state: State, slot: number, turn: MarginTurn): void {
  const liquidation = state.liquidations.get(slot)
  if (liquidation !== undefined && liquidation.id !== null) {
    reportAccountRecord(state, slot, { liquidation, turn })
    return
  }
  state.profile.refresh(slot, state.policy?.trigger ?? 1)
  evaluate(state, slot, turn)
}

/** The scope is gone. A scope in liquidation, or one that still has positions, cannot go. */
export function onAccountClosed(state: State, event: AccountClosed, turn: MarginTurn): void {
  const scope = scopeIdOf(event.account, event.isolatedInstrument)
  const slot = state.scopes.find(scope)
  if (slot === undefined) {
    state.parking.delete(scope)
    return
  }
  const { scopes } = state
  if (event.ledgerSequence < (scopes.ledgerSequence[slot] as number)) {
    refuseBehind(state, scope, { event, turn })
    return
  }
  const isOpen = scopes.hasFlag(slot, TRUSTED) && (scopes.legCount[slot] as number) > 0
  if (isOpen || state.liquidations.has(slot)) {
    const detail = 'it has positions or is in liquidation: close an account when both are over'
    const fault: Refusal = { reason: 'account_not_flat', detail }
    refuseAndDistrust(state, scope, { event, fault, turn })
    return
  }
  removeScope(state, slot)
}

function removeScope(state: State, slot: number): void {
  state.watch.forget(slot)
  state.profile.forget(slot)
  state.waiting.delete(slot)
  state.dwell.delete(slot)
  leaveQueue(state, slot)
  state.openOrders.delete(slot)
  state.parking.delete(state.scopes.id(slot))
  state.scopes.remove(slot)
}

/**
 * All scopes are known now, if they are those that the record says: whoever is under water already is triggered, in slot order, or
 * queues. Otherwise the record is refused, and nothing is triggered before a later one that is right.
 */
export function onSnapshotCompleted(
  state: State,
  event: SnapshotCompleted,
  turn: MarginTurn,
): void {
  const fault = faultOfSnapshot(state, event)
  if (fault !== undefined) {
    turn.refuse(fault.reason, fault.detail)
    return
  }
  if (state.isReady) return
  state.isReady = true
  beginCatchUp(state, turn)
  for (const slot of occupiedSlots(state)) evaluate(state, slot, turn)
}

/** An instrument was listed: records that waited for it, and for no other, are applied. */
export function onInstrumentKnown(state: State, turn: MarginTurn): void {
  for (const { scope, event, inputId } of state.parking.all()) {
    if (!areListed(state.instruments, event.positions)) continue
    const fault = faultOfCurrency(state.instruments, event)
    if (fault === undefined) applySnapshot(state, scope, { event, inputId, turn })
    else giveUp(state, { scope, inputId, event, fault, turn })
  }
}

/** Records whose instrument did not come in time are refused, and their scopes distrusted. */
export function onParkingOver(state: State, turn: MarginTurn): void {
  for (const { scope, event, inputId, deadline } of state.parking.all()) {
    if (deadline > turn.now) continue
    const missing = unlisted(state.instruments, event.positions).join(', ')
    const fault: Refusal = {
      reason: 'instrument_unknown',
      detail: `${scope}: ${missing} was not listed in time: list it, then send the snapshot again`,
    }
    giveUp(state, { scope, inputId, event, fault, turn })
  }
}

interface GivenUp {
  readonly scope: string
  readonly inputId: string
  readonly event: AccountUpdated
  readonly fault: Refusal
  readonly turn: MarginTurn
}

const RECORD_ID = /^(?<source>.*)-(?<partition>\d+)@(?<offset>\d+)$/

function giveUp(state: State, { scope, inputId, event, fault, turn }: GivenUp): void {
  const { source = inputId, partition = 0, offset = 0 } = RECORD_ID.exec(inputId)?.groups ?? {}
  turn.emit({
    type: 'InputRefused',
    source,
    partition: Number(partition),
    offset: Number(offset),
    ...fault,
  })
  unpark(state, scope)
  distrust(state, slotFor(state, scope), {
    reason: 'instrument_unknown',
    sequenceNeeded: event.ledgerSequence,
    turn,
  })
}
