import type { InstrumentTable } from './instruments.ts'
import type { ScopeStore } from './scope-store.ts'
import { Screen, type Thresholds } from './screen.ts'
import { TriggerBook } from './trigger-book.ts'
import type { Watch } from './watch.ts'

/** The trigger book with its screen: a price visits only the scopes that it may have affected. */
export class LadderWatch implements Watch {
  readonly #instruments: InstrumentTable
  readonly #screen: Screen
  readonly #book: TriggerBook

  constructor(store: ScopeStore, instruments: InstrumentTable) {
    this.#instruments = instruments
    this.#screen = new Screen(store, instruments)
    this.#book = new TriggerBook(store)
  }

  settles(slot: number, thresholds: Thresholds): boolean {
    this.#screen.value(slot)
    if (!this.#screen.proves(thresholds)) return false
    this.#screen.certify(slot, thresholds, this.#book)
    return true
  }

  certify(slot: number, thresholds: Thresholds): void {
    this.#screen.value(slot)
    this.#screen.certify(slot, thresholds, this.#book)
  }

  forget(slot: number): void {
    this.#book.forget(slot)
  }

  crossed(instrument: number): Int32Array | null {
    return this.#book.crossed(instrument, this.#instruments.at(instrument).markTicks)
  }
}
