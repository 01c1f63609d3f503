import type { MarginEvaluationEvent, OpenOrderTotal } from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import type { Settings } from './settings.ts'
import { Deadlines } from './deadlines.ts'
import type { Decimal } from '@sluice/domain/decimal'
import type { CatchUp } from './catch-up.ts'
import { InstrumentTable } from './instruments.ts'
import { Interner } from './interner.ts'
import { Lapsing } from './lapsing.ts'
import { LadderWatch } from './ladder-watch.ts'
import { FullScan } from './naive.ts'
import { Parking } from './parking.ts'
import type { Policy } from './policy.ts'
import { PolicyBook } from './policy-book.ts'
import { Profile } from './profile.ts'
import { ScopeStore } from './scope-store.ts'
import { SlotSet } from './slot-set.ts'
import type { Watch } from './watch.ts'

export type MarginTurn = Turn<MarginEvaluationEvent>

/** A scope's liquidation as the evaluator sees it. */
export interface Liquidation {
  /** Id of its trigger; null: the executor is done, and the status waits for usable prices */
  id: string | null
  /** The mark change that the last report has seen */
  reportedChange: number
  /** An account record could not be reported yet: a price was missing or not usable */
  isReportOwed: boolean
  /** It waits for a person: no report but on account records */
  isHalted: boolean
}

/** What the task remembers. All of it is in the snapshot but `watch` and `waiting`, which are made from the rest. */
export interface State {
  readonly settings: Settings
  readonly instruments: InstrumentTable
  readonly scopes: ScopeStore
  readonly watch: Watch
  readonly profile: Profile
  readonly currencies: Interner
  /** What stands before the offset in the ids of account records */
  readonly eventPrefixes: Interner
  readonly openOrders: Map<number, readonly OpenOrderTotal[]>
  readonly liquidations: Map<number, Liquidation>
  /** When a scope in liquidation is next looked at for a report */
  readonly reports: Deadlines
  /** When a change of status that came too soon after the last is looked at again */
  readonly dwell: Deadlines
  /** Trusted scopes that cannot be evaluated now: looked at when a price becomes usable */
  readonly waiting: SlotSet
  /** Scopes held by a person */
  readonly holds: Lapsing<true>
  /** Trigger ratios that people gave to scopes */
  readonly overrides: Lapsing<Decimal>
  readonly parking: Parking
  readonly catchUp: CatchUp
  readonly policies: PolicyBook
  /** The one in force */
  policy: Policy | null
  /** The snapshot of all scopes has been read, or is not required */
  isReady: boolean
  /** Changes of mark prices so far, over all instruments */
  markChanges: number
}

export type WatchKind = 'ladders' | 'full-scan'

export function createState(settings: Settings, watch: WatchKind): State {
  const instruments = new InstrumentTable()
  const scopes = new ScopeStore()
  return {
    settings,
    instruments,
    scopes,
    watch: watch === 'ladders' ? new LadderWatch(scopes, instruments) : new FullScan(scopes),
    profile: new Profile(scopes, instruments, settings.profileBinWidth),
    currencies: new Interner(),
    eventPrefixes: new Interner(),
    openOrders: new Map(),
    liquidations: new Map(),
    reports: new Deadlines(),
    dwell: new Deadlines(),
    waiting: new SlotSet(),
    holds: new Lapsing(),
    overrides: new Lapsing(),
    parking: new Parking(),
    catchUp: { queued: new SlotSet(), releaseAt: null, snapshotId: '' },
    policies: new PolicyBook(),
    policy: null,
    isReady: !settings.requireSnapshot,
    markChanges: 0,
  }
}

/** Slots in use, ascending. */
export function* occupiedSlots(state: State): Generator<number> {
  for (let slot = 0; slot < state.scopes.slotCount; slot += 1) {
    if (state.scopes.isOccupied(slot)) yield slot
  }
}
