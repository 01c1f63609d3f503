import { Decimal } from '@sluice/domain/decimal'
import {
  isLiquidatable,
  marginOf,
  type MarginState,
  type PositionInput,
} from '@sluice/domain/margin'
import type { InstrumentTable } from '@sluice/margin-evaluation/instruments'
import { LadderWatch } from '@sluice/margin-evaluation/ladder-watch'
import { HEALTHY, LIQUIDATING, type ScopeStore } from '@sluice/margin-evaluation/scope-store'
import type { Thresholds } from '@sluice/margin-evaluation/screen'

const HYSTERESIS = 1.05

/**
 * The trigger book as margin-evaluation drives it, without events: a tick visits who is crossed, the screen proves health or
 * decimals decide, and the scope is certified anew or taken out. With bands, every band's edge is watched on both sides and
 * each crossing is decided in decimals too.
 */
export class TriggerEngine {
  readonly #store: ScopeStore
  readonly #instruments: InstrumentTable
  readonly #watch: LadderWatch
  /** Ratios, descending; the last is the trigger */
  readonly #edges: readonly number[]
  readonly #exactEdges: readonly Decimal[]
  readonly #exactClears: readonly Decimal[]
  /** How many edges a scope is below */
  readonly #level: Uint8Array
  readonly #thresholds: Thresholds = { watchLower: true, lower: 1, upper: Infinity }
  visits = 0
  decisions = 0
  triggered = 0
  crossings = 0

  constructor(store: ScopeStore, instruments: InstrumentTable, edges: readonly string[]) {
    this.#store = store
    this.#instruments = instruments
    this.#watch = new LadderWatch(store, instruments)
    this.#edges = edges.map(Number)
    this.#exactEdges = edges.map(edge => new Decimal(edge))
    this.#exactClears = this.#exactEdges.map(edge => edge.times(HYSTERESIS))
    this.#level = new Uint8Array(store.slotCount)
  }

  /** Certifies every scope at the present marks. */
  open(): void {
    for (let slot = 0; slot < this.#store.slotCount; slot += 1) this.#visit(slot)
    this.visits = 0
    this.decisions = 0
    this.triggered = 0
    this.crossings = 0
  }

  tick(instrument: number, markTicks: number): void {
    this.#instruments.at(instrument).markTicks = markTicks
    const crossed = this.#watch.crossed(instrument)
    if (crossed === null) return
    for (let i = 0; i < crossed.length; i += 1) this.#visit(crossed[i] as number)
  }

  #visit(slot: number): void {
    this.visits += 1
    if (this.#watch.settles(slot, this.#around(slot))) return
    this.decisions += 1
    this.#decide(slot, exactMargin(this.#store, this.#instruments, slot))
    if (this.#store.status[slot] === HEALTHY) this.#watch.certify(slot, this.#around(slot))
    else this.#watch.forget(slot)
  }

  #around(slot: number): Thresholds {
    const level = this.#level[slot] as number
    this.#thresholds.lower = this.#edges[level] ?? 0
    this.#thresholds.upper = level === 0 ? Infinity : (this.#edges[level - 1] ?? 0) * HYSTERESIS
    return this.#thresholds
  }

  #decide(slot: number, margin: MarginState): void {
    let level = this.#level[slot] as number
    while (level > 0 && !isLiquidatable(margin, this.#exactClears[level - 1] as Decimal)) level -= 1
    while (level < this.#edges.length && isLiquidatable(margin, this.#exactEdges[level] as Decimal))
      level += 1
    if (level !== this.#level[slot]) this.crossings += 1
    this.#level[slot] = level
    if (level < this.#edges.length) return
    this.#store.status[slot] = LIQUIDATING
    this.triggered += 1
  }
}

/** Margin of a scope in decimals. */
export function exactMargin(
  store: ScopeStore,
  instruments: InstrumentTable,
  slot: number,
): MarginState {
  const start = store.legStart[slot] as number
  const positions = Array.from(
    { length: store.legCount[slot] as number },
    (_, i): PositionInput => {
      const { spec, tiers, markTicks } = instruments.at(store.legInstrument[start + i] as number)
      if (spec === null || tiers === null) throw new RangeError('an instrument has no rules')
      const quantityLots = store.legLots[start + i] as number
      return { spec, tiers, quantityLots, entryNotional: store.entryNotional(start + i), markTicks }
    },
  )
  return marginOf(store.wallet(slot), positions)
}
