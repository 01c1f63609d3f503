import type {
  InstrumentHalted,
  InstrumentResumed,
  MarkPriceUpdated,
  PriceQualityChanged,
} from '@sluice/contracts/generated/events'
import type { Instrument } from './instruments.ts'
import { evaluate } from './margin-calls.ts'
import type { MarginTurn, State } from './state.ts'

/** A new mark price puts in question only the scopes whose ladder entries it crosses. */
export function onMarkPrice(state: State, event: MarkPriceUpdated, turn: MarginTurn): void {
  const instrument = state.instruments.intern(event.instrument)
  const wasUsable = instrument.isUsable
  if (instrument.markTicks !== event.markTicks) {
    state.markChanges += 1
    instrument.markChange = state.markChanges
  }
  if (instrument.markTicks === 0) scheduleProfile(state, instrument, turn)
  instrument.markTicks = event.markTicks
  instrument.markEventId = turn.inputId
  instrument.quality = event.quality
  instrument.judge()
  touch(state, instrument, { wasUsable, turn })
}

export function onPriceQuality(state: State, event: PriceQualityChanged, turn: MarginTurn): void {
  changeUsability(state, event.instrument, {
    change: instrument => {
      instrument.quality = event.to
    },
    turn,
  })
}

/** No trigger while trading is halted; what crossed meanwhile is looked at when it goes on. */
export function onHalted(state: State, event: InstrumentHalted, turn: MarginTurn): void {
  changeUsability(state, event.instrument, {
    change: instrument => {
      instrument.halted = true
    },
    turn,
  })
}

export function onResumed(state: State, event: InstrumentResumed, turn: MarginTurn): void {
  changeUsability(state, event.instrument, {
    change: instrument => {
      instrument.halted = false
    },
    turn,
  })
}

function changeUsability(
  state: State,
  name: string,
  { change, turn }: { change: (instrument: Instrument) => void; turn: MarginTurn },
): void {
  const instrument = state.instruments.intern(name)
  const wasUsable = instrument.isUsable
  change(instrument)
  instrument.judge()
  touch(state, instrument, { wasUsable, turn })
}

/** Evaluates the scopes that an instrument's price or usability may have affected, ascending by slot. */
function touch(
  state: State,
  instrument: Instrument,
  { wasUsable, turn }: { wasUsable: boolean; turn: MarginTurn },
): void {
  if (!instrument.isUsable || !state.isReady) return
  const crossed = state.watch.crossed(instrument.index)
  const waiting = wasUsable || state.waiting.size === 0 ? null : state.waiting.ascending()
  const slots =
    crossed === null || waiting === null ? (crossed ?? waiting) : merge(crossed, waiting)
  if (slots === null) return
  for (let i = 0; i < slots.length; i += 1) evaluate(state, slots[i] as number, turn)
}

function merge(a: Int32Array, b: Int32Array): Int32Array {
  return Int32Array.from(new Set([...a, ...b])).sort()
}

function scheduleProfile(state: State, instrument: Instrument, turn: MarginTurn): void {
  const interval = state.policy?.record.profileIntervalMs
  if (interval !== undefined) state.profile.schedule(instrument.index, turn.now + interval)
}
