import type { Thresholds } from './screen.ts'

/**
 * Who notices that a price has put a scope in question. Two implementations give the same events: the ladders
 * (`ladder-watch.ts`) and the full scan (`naive.ts`), which a property test drives side by side.
 */
export interface Watch {
  /** True if it is proven that the scope is strictly within its thresholds; it is then certified. */
  settles(slot: number, thresholds: Thresholds): boolean
  /** Certifies a scope that was evaluated exactly. */
  certify(slot: number, thresholds: Thresholds): void
  /** The scope is not watched any more, until it is certified again. Its legs may then change. */
  forget(slot: number): void
  /** Scopes that the present price of an instrument puts in question, ascending; null: none. */
  crossed(instrument: number): Int32Array | null
}
