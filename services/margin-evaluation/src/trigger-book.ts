import { PRICE_TICKS_MAX } from '@sluice/domain/instrument'
import { Ladder } from './ladder.ts'
import { Links } from './links.ts'
import type { ScopeStore } from './scope-store.ts'
import { SlotSet } from './slot-set.ts'

interface Ladders {
  readonly falling: Ladder
  readonly rising: Ladder
}

/**
 * Which scopes does a price put in question? Each certified scope has, per position, a price below and a price above
 * between which it needs no look; the book keeps those prices in ladders per instrument and direction, and a tick visits only
 * what it crosses.
 *
 * Prices are whole ticks, rounded towards the current price: a scope is looked at early, never late. The book decides
 * nothing and no output depends on its inside; it is not in the snapshot but certified anew.
 */
export class TriggerBook {
  readonly #store: ScopeStore
  readonly #below = new Links()
  readonly #above = new Links()
  readonly #ladders: Ladders[] = []
  readonly #met = new SlotSet()
  readonly #meet: (leg: number) => void

  constructor(store: ScopeStore) {
    this.#store = store
    this.#meet = leg => this.#met.add(store.legScope[leg] as number)
  }

  /**
   * A leg is met when the price falls to `below` or rises to `above`. A price at or below zero, or beyond 15 digits, cannot be
   * reached and is not entered. Replaces what the leg waited for before.
   */
  wait(leg: number, { below, above }: { below: number; above: number }): void {
    if (this.#store.legCapacity > this.#below.key.length) this.#grow()
    const { falling, rising } = this.#laddersAt(this.#store.legInstrument[leg] as number)
    if (this.#below.has(leg)) falling.remove(leg)
    if (this.#above.has(leg)) rising.remove(leg)
    if (below > 0) falling.insert(leg, below)
    if (above <= PRICE_TICKS_MAX) rising.insert(leg, above)
  }

  /** Takes all entries of a scope out; does nothing for one that has none. */
  forget(slot: number): void {
    const start = this.#store.legStart[slot] as number
    const end = start + (this.#store.legCount[slot] as number)
    for (let leg = start; leg < end; leg += 1) {
      const { falling, rising } = this.#laddersAt(this.#store.legInstrument[leg] as number)
      if (this.#below.has(leg)) falling.remove(leg)
      if (this.#above.has(leg)) rising.remove(leg)
    }
  }

  /**
   * Scopes that the price of an instrument puts in question, ascending, or null for none. Each must then be certified anew or
   * forgotten.
   */
  crossed(instrument: number, markTicks: number): Int32Array | null {
    const ladders = this.#ladders[instrument]
    if (ladders === undefined) return null
    const falls = ladders.falling.isClearOf(markTicks)
    const rises = ladders.rising.isClearOf(markTicks)
    if (falls && rises) return null
    this.#met.clear()
    if (!falls) ladders.falling.collect(markTicks, this.#meet)
    if (!rises) ladders.rising.collect(markTicks, this.#meet)
    return this.#met.size === 0 ? null : this.#met.ascending()
  }

  #grow(): void {
    this.#below.grow(this.#store.legCapacity)
    this.#above.grow(this.#store.legCapacity)
  }

  #laddersAt(instrument: number): Ladders {
    for (let next = this.#ladders.length; next <= instrument; next += 1) {
      this.#ladders.push({
        falling: new Ladder(1, this.#below),
        rising: new Ladder(-1, this.#above),
      })
    }
    return this.#ladders[instrument] as Ladders
  }
}
