import type {
  InstrumentListed,
  PriceEvent,
  PriceSourcesSet,
  ReferenceDataEvent,
} from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import { deadlineOf } from './deadlines.ts'
import { price } from './pricing.ts'
import type { PriceHandlers } from './handlers.ts'
import type { PriceRefusal } from './refusals.ts'
import type { PriceSettings } from './settings.ts'
import { faultOfPriceSources, noteSourceChange, rulesOf, sourcesAfter } from './sources.ts'
import type { Instrument, PriceState } from './state.ts'
import { addInstrument, forgetMarket, setDeadline } from './state.ts'

type PriceTurn = Turn<PriceEvent>

interface Context {
  readonly settings: PriceSettings
  readonly turn: PriceTurn
}

export function referenceHandlers(settings: PriceSettings): PriceHandlers<ReferenceDataEvent> {
  return {
    InstrumentListed: (state, event, turn) => {
      onListed(state, event, { settings, turn })
    },
    PriceSourcesSet: (state, event, turn) => {
      onPriceSources(state, event, { settings, turn })
    },
    InstrumentHalted: (state, event, turn) => {
      onHalt(state, { instrument: event.instrument, halted: true }, { settings, turn })
    },
    InstrumentResumed: (state, event, turn) => {
      onHalt(state, { instrument: event.instrument, halted: false }, { settings, turn })
    },
    // Tiers, policies and pools are for those who value accounts.
    RiskTiersSet: () => undefined,
    LiquidationPolicySet: () => undefined,
    InsurancePoolSet: () => undefined,
  }
}

/** A new lot or tick size makes every number we hold mean something else: the instrument starts anew. */
function onListed(state: PriceState, record: InstrumentListed, { settings, turn }: Context): void {
  const known = state.byName.get(record.instrument)
  if (known?.listing && notNewer(turn, record, known.listing.version)) return

  const instrument = known ?? addInstrument(state, record.instrument)
  const { version, lotSize, tickSize } = record
  const { listing } = instrument
  instrument.listing = { version, lotSize, tickSize }
  if (listing === null || (listing.lotSize.eq(lotSize) && listing.tickSize.eq(tickSize))) return
  forgetMarket(instrument)
  instrument.pricedAt = turn.now
  noteSourceChange(instrument, turn.now)
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

function onPriceSources(state: PriceState, record: PriceSourcesSet, context: Context): void {
  const { settings, turn } = context
  const instrument = listedOrRefused(state, record.instrument, turn)
  if (instrument === undefined) return
  if (instrument.rules !== null && notNewer(turn, record, instrument.rules.version)) return
  const fault = faultOfPriceSources(record)
  if (fault !== undefined) {
    refuse(turn, 'sources_unsound', `PriceSourcesSet of ${record.instrument}: ${fault}`)
    return
  }

  instrument.sources = sourcesAfter(instrument, record)
  instrument.rules = rulesOf(record)
  noteSourceChange(instrument, turn.now)
  // The first round of sources has one interval to come in before those missing count as stale.
  instrument.pricedAt = turn.now
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

/** A halt is known at once, whatever the mark interval. */
function onHalt(
  state: PriceState,
  { instrument: name, halted }: { readonly instrument: string; readonly halted: boolean },
  { settings, turn }: Context,
): void {
  const instrument = listedOrRefused(state, name, turn)
  if (instrument === undefined || instrument.halted === halted) return
  instrument.halted = halted
  price(instrument, settings, turn)
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}

function listedOrRefused(state: PriceState, name: string, turn: PriceTurn): Instrument | undefined {
  const instrument = state.byName.get(name)
  if (instrument === undefined) {
    refuse(turn, 'instrument_unknown', `${name} is not listed: publish InstrumentListed first`)
  }
  return instrument
}

function notNewer(
  turn: PriceTurn,
  record: { readonly type: string; readonly instrument: string; readonly version: number },
  known: number,
): boolean {
  if (record.version > known) return false
  const detail =
    `${record.type} of ${record.instrument}: version ${String(record.version)} is not above ` +
    `${String(known)}, which is in force: publish a higher version`
  refuse(turn, 'version_behind', detail)
  return true
}

function refuse(turn: PriceTurn, reason: PriceRefusal, detail: string): void {
  turn.refuse(reason, detail)
}
