import type { OperationsEvent, PriceEvent } from '@sluice/contracts/generated/events'
import type { Processor, Turn } from '@sluice/stream-runtime/processor'
import { deadlineOf, pricingDueAt } from './deadlines.ts'
import type { PriceHandlers, PriceInput } from './handlers.ts'
import { liquidityDueAt } from './liquidity.ts'
import { marketHandlers } from './market-handlers.ts'
import { price } from './pricing.ts'
import { publishLiquidity } from './publish-liquidity.ts'
import { referenceHandlers } from './reference-handlers.ts'
import type { PriceSettings } from './settings.ts'
import { settingsText } from './settings.ts'
import { restoreFrom, snapshotOf } from './snapshot.ts'
import type { Instrument, PriceState } from './state.ts'
import { initialPriceState, setDeadline } from './state.ts'

const LOGIC_VERSION = 1

/** The rules of the price service. Market data in; index, mark, quality and book liquidity out. */
export function priceProcessor(
  settings: PriceSettings,
): Processor<PriceState, PriceInput, PriceEvent> {
  return {
    service: 'price',
    logicVersion: LOGIC_VERSION,
    settings: settingsText(settings),
    handlers: {
      ...marketHandlers(settings),
      ...referenceHandlers(settings),
      ...OPERATIONS,
    },
    initialState: initialPriceState,
    nextDeadline: state => (state.deadline === Infinity ? null : state.deadline),
    onTick: (state, turn) => {
      for (const instrument of state.instruments) {
        if (instrument.deadline <= turn.now) onInstrumentDue(state, instrument, { settings, turn })
      }
    },
    // A record that could not be read said nothing: the source or book it was for ages by itself.
    onRefusedRecord: () => undefined,
    snapshot: snapshotOf,
    restore: restoreFrom,
  }
}

/** Prices are published whoever intervenes: what a person holds or releases is liquidation, not measurement. */
const OPERATIONS: PriceHandlers<OperationsEvent> = {
  KillSwitchEngaged: () => undefined,
  KillSwitchReleased: () => undefined,
  ScopeHeld: () => undefined,
  ScopeReleased: () => undefined,
  PolicyActivated: () => undefined,
  TriggerOverridden: () => undefined,
  ModeChanged: () => undefined,
  RecordRedriven: () => undefined,
}

interface Due {
  readonly settings: PriceSettings
  readonly turn: Turn<PriceEvent>
}

function onInstrumentDue(state: PriceState, instrument: Instrument, due: Due): void {
  const { settings, turn } = due
  if (liquidityDueAt(instrument) <= turn.now) publishLiquidity(instrument, settings, turn)
  if (pricingDueAt(instrument, settings) <= turn.now) price(instrument, settings, turn)
  setDeadline(state, instrument, deadlineOf(instrument, settings))
}
