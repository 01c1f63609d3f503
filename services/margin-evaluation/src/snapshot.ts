import type {
  LiquidationPolicySet,
  OpenOrderTotal,
  PriceQuality,
} from '@sluice/contracts/generated/events'
import type { Decimal } from '@sluice/domain/decimal'
import type { InstrumentSpec } from '@sluice/domain/instrument'
import type { RiskTier } from '@sluice/domain/tiers'
import { BinaryReader, BinaryWriter } from './binary.ts'
import type { Settings } from './settings.ts'
import type { Deadlines } from './deadlines.ts'
import type { Instrument } from './instruments.ts'
import type { Interner } from './interner.ts'
import type { Decided } from './lapsing.ts'
import { certifyAll } from './margin-calls.ts'
import type { ParkedRecord } from './parking.ts'
import { policyOf } from './policy.ts'
import type { Activation } from './policy-book.ts'
import { recordOf, recordText } from './record-text.ts'
import { QUEUED } from './scope-store.ts'
import {
  createState,
  occupiedSlots,
  type Liquidation,
  type State,
  type WatchKind,
} from './state.ts'

const FORM = 2
/** Before people could override a trigger or activate a policy, and before scopes could queue. */
const FIRST_FORM = 1

/** A snapshot of another form, or of other settings, than this version writes. */
export class SnapshotFormError extends Error {
  override readonly name = 'SnapshotFormError'
}

/** The state as canonical bytes: instruments by index, scopes and all that belongs to them by slot, ascending. */
export function snapshotOf(state: State): Uint8Array {
  const out = new BinaryWriter()
  out.byte(FORM)
  out.byte(state.isReady ? 1 : 0)
  out.double(state.markChanges)
  out.text(state.policy === null ? '' : recordText(state.policy.record))
  writeInstruments(out, state)
  writeTexts(out, state.currencies)
  writeTexts(out, state.eventPrefixes)
  writeScopes(out, state)
  writeBySlot(out, state)
  writeDeadlines(out, state.reports)
  writeDeadlines(out, state.dwell)
  writeRecords(out, state)
  out.double(state.profile.cursor)
  return out.bytes()
}

/**
 * The state that a snapshot was made from, certified anew.
 * @throws SnapshotFormError if another version wrote it
 */
export function stateOf(
  snapshot: Uint8Array,
  { settings, watch }: { settings: Settings; watch: WatchKind },
): State {
  const from = new BinaryReader(snapshot)
  const form = from.byte()
  if (form !== FORM && form !== FIRST_FORM)
    throw new SnapshotFormError(
      `snapshot of form ${form}, this version reads ${FIRST_FORM} and ${FORM}: start from an older receipt, or replay`,
    )
  const state = createState(settings, watch)
  state.isReady = from.byte() === 1
  state.markChanges = from.double()
  const policy = from.text()
  if (policy !== '') state.policy = policyOf(recordOf(policy) as LiquidationPolicySet)
  const dirty = readInstruments(from, state)
  readTexts(from, state.currencies)
  readTexts(from, state.eventPrefixes)
  readScopes(from, state)
  readBySlot(from, state)
  readDeadlines(from, state.reports)
  readDeadlines(from, state.dwell)
  readRecords(from, state)
  if (state.policies.latest === null && state.policy !== null)
    state.policies.add(state.policy.record)
  state.profile.cursor = from.double()
  for (const { instrument, isLong, isDirty } of dirty)
    state.profile.setDirty(instrument, isLong, isDirty)
  certifyAll(state)
  return state
}

function writeInstruments(out: BinaryWriter, { instruments, profile }: State): void {
  out.integer(instruments.size)
  for (const instrument of instruments.all()) {
    out.text(recordText(rulesOf(instrument)))
    out.double(instrument.markTicks)
    out.double(instrument.markChange)
    out.double(profile.dueAt(instrument.index))
    out.byte(profile.isDirty(instrument.index, true) ? 1 : 0)
    out.byte(profile.isDirty(instrument.index, false) ? 1 : 0)
  }
}

/** What of an instrument is not a number that changes with every price. */
interface InstrumentRules {
  readonly name: string
  readonly spec: InstrumentSpec | null
  readonly specVersion: number
  readonly currency: string
  readonly tiers: readonly RiskTier[] | null
  readonly tiersVersion: number
  readonly markEventId: string
  readonly quality: PriceQuality
  readonly halted: boolean
}

function rulesOf(instrument: Instrument): InstrumentRules {
  const { name, spec, specVersion, currency, tiers, tiersVersion } = instrument
  const { markEventId, quality, halted } = instrument
  return {
    name,
    spec,
    specVersion,
    currency,
    tiers,
    tiersVersion,
    markEventId,
    quality,
    halted,
  }
}

interface DirtySide {
  readonly instrument: number
  readonly isLong: boolean
  readonly isDirty: boolean
}

function readInstruments(from: BinaryReader, state: State): DirtySide[] {
  const dirty: DirtySide[] = []
  const count = from.integer()
  for (let index = 0; index < count; index += 1) {
    const rules = recordOf(from.text()) as InstrumentRules
    const instrument = state.instruments.intern(rules.name)
    if (rules.spec !== null) instrument.setSpec(rules.spec)
    if (rules.tiers !== null) instrument.setTiers(rules.tiers)
    instrument.specVersion = rules.specVersion
    instrument.currency = rules.currency
    instrument.tiersVersion = rules.tiersVersion
    instrument.markEventId = rules.markEventId
    instrument.quality = rules.quality
    instrument.halted = rules.halted
    instrument.markTicks = from.double()
    instrument.markChange = from.double()
    instrument.judge()
    const dueAt = from.double()
    if (dueAt !== Infinity) state.profile.schedule(index, dueAt)
    dirty.push({ instrument: index, isLong: true, isDirty: from.byte() === 1 })
    dirty.push({ instrument: index, isLong: false, isDirty: from.byte() === 1 })
  }
  return dirty
}

function writeTexts(out: BinaryWriter, texts: Interner): void {
  out.integer(texts.all().length)
  for (const text of texts.all()) out.text(text)
}

function readTexts(from: BinaryReader, texts: Interner): void {
  for (let left = from.integer(); left > 0; left -= 1) texts.number(from.text())
}

function writeScopes(out: BinaryWriter, state: State): void {
  const { scopes } = state
  out.integer(scopes.slotCount)
  for (let slot = 0; slot < scopes.slotCount; slot += 1) {
    out.text(scopes.id(slot))
    if (scopes.isOccupied(slot)) writeScope(out, state, slot)
  }
  out.integer(scopes.freeSlots.length)
  for (const slot of scopes.freeSlots) out.integer(slot)
}

function writeScope(out: BinaryWriter, { scopes, profile }: State, slot: number): void {
  out.byte(scopes.status[slot] as number)
  out.byte(scopes.flags[slot] as number)
  out.byte(scopes.currency[slot] as number)
  out.integer(scopes.eventPrefix[slot] as number)
  out.double(scopes.eventOffset[slot] as number)
  out.double(scopes.walletWhole[slot] as number)
  out.double(scopes.walletFraction[slot] as number)
  out.double(scopes.ledgerSequence[slot] as number)
  out.double(scopes.sequenceNeeded[slot] as number)
  out.double(scopes.statusAt[slot] as number)
  const start = scopes.legStart[slot] as number
  const count = scopes.legCount[slot] as number
  out.integer(count)
  for (let leg = start; leg < start + count; leg += 1) {
    out.integer(scopes.legInstrument[leg] as number)
    out.double(scopes.legLots[leg] as number)
    out.double(scopes.legEntryWhole[leg] as number)
    out.double(scopes.legEntryFraction[leg] as number)
    out.integer(profile.bin(leg))
  }
}

function readScopes(from: BinaryReader, state: State): void {
  const slots = from.integer()
  for (let slot = 0; slot < slots; slot += 1) {
    const id = from.text()
    state.scopes.place(slot, id)
    if (id !== '') readScope(from, state, slot)
  }
  for (let left = from.integer(); left > 0; left -= 1) state.scopes.freeSlots.push(from.integer())
}

function readScope(from: BinaryReader, { scopes, profile }: State, slot: number): void {
  scopes.status[slot] = from.byte()
  scopes.flags[slot] = from.byte()
  scopes.currency[slot] = from.byte()
  scopes.eventPrefix[slot] = from.integer()
  scopes.eventOffset[slot] = from.double()
  scopes.walletWhole[slot] = from.double()
  scopes.walletFraction[slot] = from.double()
  scopes.ledgerSequence[slot] = from.double()
  scopes.sequenceNeeded[slot] = from.double()
  scopes.statusAt[slot] = from.double()
  const count = from.integer()
  scopes.makeRoom(slot, count)
  const start = scopes.legStart[slot] as number
  for (let leg = start; leg < start + count; leg += 1) {
    const instrument = from.integer()
    scopes.writeLeg(leg, instrument, from.double())
    scopes.legEntryWhole[leg] = from.double()
    scopes.legEntryFraction[leg] = from.double()
    profile.putBin(slot, leg, from.integer())
  }
}

/** What few scopes have: open orders and liquidations. */
function writeBySlot(out: BinaryWriter, { openOrders, liquidations }: State): void {
  for (const records of [openOrders, liquidations]) {
    const entries: [number, object][] = [...records]
    entries.sort(([a], [b]) => a - b)
    out.integer(entries.length)
    for (const [slot, record] of entries) {
      out.integer(slot)
      out.text(recordText(record))
    }
  }
}

function readBySlot(from: BinaryReader, { openOrders, liquidations }: State): void {
  for (let left = from.integer(); left > 0; left -= 1)
    openOrders.set(from.integer(), recordOf(from.text()) as OpenOrderTotal[])
  for (let left = from.integer(); left > 0; left -= 1)
    liquidations.set(from.integer(), recordOf(from.text()) as Liquidation)
}

function writeDeadlines(out: BinaryWriter, deadlines: Deadlines): void {
  const slots = deadlines.slots()
  out.integer(slots.length)
  for (const slot of slots) {
    out.integer(slot)
    out.double(deadlines.at(slot) ?? 0)
  }
}

function readDeadlines(from: BinaryReader, deadlines: Deadlines): void {
  for (let left = from.integer(); left > 0; left -= 1) deadlines.set(from.integer(), from.double())
}

/** What people decided, and what waits. The first form has holds and parked records only. */
interface SmallRecords {
  readonly holds: readonly (readonly [string, number | null])[]
  readonly parked: readonly ParkedRecord[]
  readonly overrides?: readonly (readonly [string, Decided<Decimal>])[]
  readonly policies?: readonly LiquidationPolicySet[]
  readonly latestPolicy?: { readonly policy: string; readonly version: number } | null
  readonly activation?: Activation | null
  readonly catchUp?: { readonly releaseAt: number | null; readonly snapshotId: string }
}

function writeRecords(out: BinaryWriter, state: State): void {
  const { holds, parking, overrides, policies, catchUp } = state
  const { latest, activation } = policies
  const { releaseAt, snapshotId } = catchUp
  const records: SmallRecords = {
    holds: holds.entries().map(([scope, { expiresAt }]) => [scope, expiresAt] as const),
    parked: parking.all(),
    overrides: overrides.entries(),
    policies: policies.versions(),
    latestPolicy: latest && { policy: latest.policy, version: latest.version },
    activation,
    catchUp: { releaseAt, snapshotId },
  }
  out.text(recordText(records))
}

function readRecords(from: BinaryReader, state: State): void {
  const records = recordOf(from.text()) as SmallRecords
  for (const [scope, expiresAt] of records.holds) state.holds.set(scope, { value: true, expiresAt })
  for (const record of records.parked) state.parking.put(record)
  for (const [scope, decided] of records.overrides ?? []) state.overrides.set(scope, decided)
  readPolicies(state, records)
  Object.assign(state.catchUp, records.catchUp)
  for (const slot of occupiedSlots(state))
    if (state.scopes.hasFlag(slot, QUEUED)) state.catchUp.queued.add(slot)
}

/** The book holds the one in force as the very object that `state.policy` is made from. */
function readPolicies(
  state: State,
  { policies = [], latestPolicy = null, activation = null }: SmallRecords,
): void {
  const inForce = state.policy?.record
  const isSame = (a: PolicyVersion, b: PolicyVersion): boolean =>
    a.policy === b.policy && a.version === b.version
  for (const record of policies)
    state.policies.add(inForce !== undefined && isSame(record, inForce) ? inForce : record)
  if (latestPolicy !== null)
    state.policies.latest =
      state.policies.versions().find(record => isSame(record, latestPolicy)) ?? null
  state.policies.activation = activation
}

interface PolicyVersion {
  readonly policy: string
  readonly version: number
}
