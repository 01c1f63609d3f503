import { ONE } from '@sluice/domain/decimal'
import { isLiquidatable } from '@sluice/domain/margin'
import type { InstrumentTable } from '@sluice/margin-evaluation/instruments'
import { HEALTHY, type ScopeStore } from '@sluice/margin-evaluation/scope-store'
import { Screen } from '@sluice/margin-evaluation/screen'
import { exactMargin } from './trigger-engine.ts'

/**
 * What the trigger book is measured against: after a tick, every holder of the instrument is valued, all its legs, in doubles. Holders
 * are listed per instrument beforehand, which a full scan over accounts would not even have.
 */
export class FloatScan {
  readonly #store: ScopeStore
  readonly #instruments: InstrumentTable
  readonly #screen: Screen
  readonly #holders: readonly Int32Array[]

  constructor(store: ScopeStore, instruments: InstrumentTable) {
    this.#store = store
    this.#instruments = instruments
    this.#screen = new Screen(store, instruments)
    this.#holders = holdersOf(store, instruments.size)
  }

  holders(instrument: number): Int32Array {
    return this.#holders[instrument] ?? new Int32Array(0)
  }

  /** Healthy holders whose equity in doubles is below their maintenance margin. */
  scan(instrument: number): number {
    let below = 0
    for (const slot of this.holders(instrument)) {
      if (this.#store.status[slot] !== HEALTHY) continue
      this.#screen.value(slot)
      if (this.#screen.equity < this.#screen.maintenance) below += 1
    }
    return below
  }

  /** As `scan`, in decimals, over the first `sample` holders. */
  scanExactly(instrument: number, sample: number): number {
    let below = 0
    for (const slot of this.holders(instrument).subarray(0, sample)) {
      if (this.#store.status[slot] !== HEALTHY) continue
      if (this.#isBelow(slot)) below += 1
    }
    return below
  }

  /** Scopes that are under water, exactly, and that nobody has noticed: there must be none. */
  misses(instrument: number): number {
    const screen = this.#screen
    let misses = 0
    for (const slot of this.holders(instrument)) {
      if (this.#store.status[slot] !== HEALTHY) continue
      screen.value(slot)
      const error = screen.equityError + screen.maintenanceError
      if (screen.equity - screen.maintenance > error) continue
      if (this.#isBelow(slot)) misses += 1
    }
    return misses
  }

  #isBelow(slot: number): boolean {
    return isLiquidatable(exactMargin(this.#store, this.#instruments, slot), ONE)
  }
}

function holdersOf(store: ScopeStore, instruments: number): Int32Array[] {
  const holders = Array.from({ length: instruments }, (): number[] => [])
  for (let slot = 0; slot < store.slotCount; slot += 1) {
    const start = store.legStart[slot] as number
    const end = start + (store.legCount[slot] as number)
    for (let leg = start; leg < end; leg += 1) {
      const list = holders[store.legInstrument[leg] as number]
      if (list?.at(-1) !== slot) list?.push(slot)
    }
  }
  return holders.map(list => Int32Array.from(list))
}
