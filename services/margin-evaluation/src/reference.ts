import type {
  InstrumentListed,
  LiquidationPolicySet,
  RiskTiersSet,
} from '@sluice/contracts/generated/events'
import { MONEY_SCALE } from '@sluice/domain/decimal'
import { tickValue } from '@sluice/domain/instrument'
import { faultOfTiers } from '@sluice/domain/tiers'
import { onInstrumentKnown } from './accounts.ts'
import type { Instrument } from './instruments.ts'
import { evaluate } from './margin-calls.ts'
import { faultOfPolicy, policyOf } from './policy.ts'
import { type MarginTurn, occupiedSlots, type State } from './state.ts'

/** Lot, tick and currency of an instrument. A new version values every position in it anew. */
export function onInstrumentListed(state: State, event: InstrumentListed, turn: MarginTurn): void {
  const instrument = state.instruments.intern(event.instrument)
  if (isOld(instrument.specVersion, event, turn)) return
  const detail = faultOfListing(instrument, event)
  if (detail !== undefined) {
    turn.refuse('listing_unsound', `${event.instrument}: ${detail}`)
    return
  }
  const isNew = instrument.spec === null
  const { lotSize, tickSize, orderLotsMin, orderLotsMax } = event
  instrument.setSpec({
    instrument: event.instrument,
    lotSize,
    tickSize,
    orderLotsMin,
    orderLotsMax,
  })
  instrument.specVersion = event.version
  instrument.currency = event.settlementCurrency
  instrument.judge()
  if (isNew) onInstrumentKnown(state, turn)
  lookAtHolders(state, instrument, turn)
}

function faultOfListing(instrument: Instrument, event: InstrumentListed): string | undefined {
  const { lotSize, tickSize, settlementCurrency } = event
  if (lotSize.lte(0) || tickSize.lte(0)) return 'lotSize and tickSize must be above zero'
  const digits = tickValue({ ...event, lotSize, tickSize }).decimalPlaces()
  if (digits > MONEY_SCALE)
    return `lotSize × tickSize has ${digits} digits after the point, money has ${MONEY_SCALE}: use coarser lots or ticks`
  if (instrument.spec !== null && instrument.currency !== settlementCurrency)
    return `it settles in ${instrument.currency}: list a new instrument for another currency`
  return undefined
}

/** Maintenance brackets. A table with a fault is refused and the old one stays; a good one concerns the holders only. */
export function onRiskTiersSet(state: State, event: RiskTiersSet, turn: MarginTurn): void {
  const instrument = state.instruments.intern(event.instrument)
  if (isOld(instrument.tiersVersion, event, turn)) return
  const fault = faultOfTiers(event.tiers)
  if (fault !== undefined) {
    turn.refuse('tiers_unsound', `${event.instrument}: ${fault}; the table before stays in force`)
    return
  }
  instrument.setTiers(event.tiers)
  instrument.tiersVersion = event.version
  instrument.judge()
  state.profile.refreshAll(state.policy?.trigger ?? 1)
  lookAtHolders(state, instrument, turn)
}

/** A policy version. It comes into force at once, unless a person activated another one. */
export function onLiquidationPolicySet(
  state: State,
  event: LiquidationPolicySet,
  turn: MarginTurn,
): void {
  const { policy } = state.settings
  if (policy !== null && policy !== event.policy) return
  const known = state.policies.latest
  if (known !== null && known.policy === event.policy && isOld(known.version, event, turn)) return
  const detail = faultOfPolicy(event)
  if (detail !== undefined) {
    turn.refuse('policy_unsound', `${event.policy}: ${detail}`)
    return
  }
  state.policies.add(event)
  followPolicy(state, turn)
}

/** Brings the policy that should be in force into force. Thresholds may all have moved, so every scope is looked at. */
export function followPolicy(state: State, turn: MarginTurn): void {
  const record = state.policies.inForce()
  if (record === null || record === state.policy?.record) return
  state.policy = policyOf(record)
  state.profile.refreshAll(state.policy.trigger)
  reschedule(state, record, turn)
  if (!state.isReady) return
  for (const slot of occupiedSlots(state)) evaluate(state, slot, turn)
}

/** Deadlines made with the old policy's intervals move to the new one's. */
function reschedule(state: State, policy: LiquidationPolicySet, turn: MarginTurn): void {
  for (const slot of state.dwell.slots()) {
    const changed = state.scopes.statusAt[slot] as number
    state.dwell.set(slot, changed + policy.marginCallDwellMs)
  }
  for (const slot of state.reports.slots())
    state.reports.set(slot, turn.now + policy.riskReportIntervalMs)
  for (const { index, markTicks } of state.instruments.all())
    if (markTicks > 0) state.profile.schedule(index, turn.now + policy.profileIntervalMs)
}

function isOld(known: number, event: { readonly version: number }, turn: MarginTurn): boolean {
  if (event.version > known) return false
  if (event.version < known)
    turn.refuse('version_behind', `version ${event.version} arrived after ${known}: it is skipped`)
  return true
}

function lookAtHolders(state: State, instrument: Instrument, turn: MarginTurn): void {
  if (!state.isReady) return
  const { scopes } = state
  const holders = new Set<number>()
  for (let leg = 0; leg < scopes.legsUsed; leg += 1) {
    const slot = scopes.legScope[leg] as number
    if (slot >= 0 && scopes.legInstrument[leg] === instrument.index) holders.add(slot)
  }
  for (const slot of Int32Array.from(holders).sort()) evaluate(state, slot, turn)
}
