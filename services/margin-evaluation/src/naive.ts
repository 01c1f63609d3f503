import type { ScopeStore } from './scope-store.ts'
import type { Watch } from './watch.ts'

/**
 * The full scan: every price puts every holder of the instrument in question, and every one of them is evaluated in
 * decimals. It is what the trigger book must agree with, event for event.
 */
export class FullScan implements Watch {
  readonly #store: ScopeStore

  constructor(store: ScopeStore) {
    this.#store = store
  }

  settles(): boolean {
    return false
  }

  certify(): void {
    // Nothing is remembered: the next price looks at everybody again.
  }

  forget(): void {
    // Nothing is remembered.
  }

  crossed(instrument: number): Int32Array {
    const store = this.#store
    const holders = new Set<number>()
    for (let leg = 0; leg < store.legsUsed; leg += 1) {
      const slot = store.legScope[leg] as number
      if (slot >= 0 && store.legInstrument[leg] === instrument) holders.add(slot)
    }
    return Int32Array.from(holders).sort()
  }
}
