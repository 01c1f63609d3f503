import type { ProfileBin } from '@sluice/contracts/generated/events'
import { liquidationPriceApprox } from '@sluice/domain/liquidation-price'
import { notionalOf } from '@sluice/domain/instrument'
import { approximateLeg, approximateMargin } from './approximate.ts'
import type { Instrument, InstrumentTable } from './instruments.ts'
import { LIQUIDATING, type ScopeStore } from './scope-store.ts'

/** A leg that is in no bin: its liquidation price is unknown, or there is none. */
export const NO_BIN = -(2 ** 31)

interface Side {
  /** Lots, without sign, by bin: whole numbers, so that sums do not depend on the order of additions */
  readonly lots: Map<number, number>
  isDirty: boolean
}

/**
 * Where positions liquidate: lots by the true liquidation price of this instrument alone, in bins of log price, per instrument and
 * side. A leg's bin is set when its account changes, and all slots with several legs are gone through once per report interval. It is
 * computed in doubles and decides nothing.
 */
export class Profile {
  readonly #store: ScopeStore
  readonly #instruments: InstrumentTable
  readonly binWidth: number
  #bins = new Int32Array(0)
  readonly #sides: Side[] = []
  readonly #dueAt: number[] = []
  #nextDue: number | null = null
  /** Next slot that the round trip refreshes */
  cursor = 0

  constructor(store: ScopeStore, instruments: InstrumentTable, binWidth: number) {
    this.#store = store
    this.#instruments = instruments
    this.binWidth = binWidth
  }

  /** When the next report is due, or null. */
  next(): number | null {
    return this.#nextDue
  }

  dueAt(instrument: number): number {
    return this.#dueAt[instrument] ?? Infinity
  }

  schedule(instrument: number, time: number): void {
    while (this.#dueAt.length <= instrument) this.#dueAt.push(Infinity)
    this.#dueAt[instrument] = time
    const next = Math.min(...this.#dueAt)
    this.#nextDue = next === Infinity ? null : next
  }

  bin(leg: number): number {
    return this.#bins[leg] ?? NO_BIN
  }

  /** Puts a leg into a bin without looking at its price: the way back from a snapshot. */
  putBin(leg: number, bin: number): void {
    this.#grow()
    this.#move(leg, bin)
  }

  isDirty(instrument: number, isLong: boolean): boolean {
    return this.#side(instrument, isLong).isDirty
  }

  setDirty(instrument: number, isLong: boolean, isDirty: boolean): void {
    this.#side(instrument, isLong).isDirty = isDirty
  }

  /** Takes a scope's legs out. Must come before they change. */
  forget(slot: number): void {
    const start = this.#store.legStart[slot] as number
    const end = start + (this.#store.legCount[slot] as number)
    for (let leg = start; leg < end; leg += 1) this.#move(leg, NO_BIN)
  }

  /** Computes the bins of a scope's legs at the present marks. */
  refresh(slot: number, triggerRatio: number): void {
    this.#grow()
    const store = this.#store
    const start = store.legStart[slot] as number
    const end = start + (store.legCount[slot] as number)
    if (!this.#isPriced(start, end)) {
      this.forget(slot)
      return
    }
    const { equity, maintenance } = approximateMargin(store, this.#instruments, slot)
    for (let leg = start; leg < end; leg += 1)
      this.#move(leg, this.#binOf(leg, { equity, maintenance, triggerRatio }))
  }

  /** Refreshes the next slots of the round trip: all of them, once all instruments have reported. */
  refreshNext(triggerRatio: number): void {
    const { slotCount } = this.#store
    const steps = Math.ceil(slotCount / Math.max(1, this.#instruments.size))
    for (let step = 0; step < steps; step += 1) {
      const slot = this.cursor < slotCount ? this.cursor : 0
      this.cursor = slot + 1
      if (!this.#isFixed(slot)) this.#refreshListed(slot, triggerRatio)
    }
  }

  /** Refreshes every scope: after a change of rules, which moves all liquidation prices. */
  refreshAll(triggerRatio: number): void {
    for (let slot = 0; slot < this.#store.slotCount; slot += 1)
      this.#refreshListed(slot, triggerRatio)
  }

  #refreshListed(slot: number, triggerRatio: number): void {
    if (this.#store.isOccupied(slot) && this.#store.status[slot] !== LIQUIDATING)
      this.refresh(slot, triggerRatio)
  }

  /** The liquidation price of a single leg does not move with any mark: once it is known only account and rules change it. */
  #isFixed(slot: number): boolean {
    const { legCount, legStart } = this.#store
    return legCount[slot] === 1 && this.bin(legStart[slot] as number) !== NO_BIN
  }

  /** Bins of one side, ascending, valued at the present mark, or null if nothing changed since they were last taken. */
  takeBins(instrument: Instrument, isLong: boolean): readonly ProfileBin[] | null {
    const { spec, markTicks } = instrument
    const side = this.#side(instrument.index, isLong)
    if (!side.isDirty || spec === null) return null
    side.isDirty = false
    return [...side.lots]
      .sort(([a], [b]) => a - b)
      .map(([index, lots]) => ({ index, notional: notionalOf(spec, lots, markTicks).toNumber() }))
  }

  #binOf(
    leg: number,
    scope: { equity: number; maintenance: number; triggerRatio: number },
  ): number {
    const store = this.#store
    const instrument = this.#instruments.at(store.legInstrument[leg] as number)
    const own = approximateLeg(store, this.#instruments, { leg })
    const otherMaintenance = scope.maintenance - own.maintenance
    const price = liquidationPriceApprox(
      {
        quantityLots: store.legLots[leg] as number,
        tickValue: instrument.tickValue,
        fixed: scope.equity - own.profit - own.entry - scope.triggerRatio * otherMaintenance,
        triggerRatio: scope.triggerRatio,
      },
      instrument.approximateTiers,
    )
    return price > 0 ? Math.floor(Math.log(price) / this.binWidth) : NO_BIN
  }

  #isPriced(start: number, end: number): boolean {
    for (let leg = start; leg < end; leg += 1) {
      if (!this.#instruments.at(this.#store.legInstrument[leg] as number).isPriced) return false
    }
    return true
  }

  #move(leg: number, bin: number): void {
    const before = this.bin(leg)
    if (before === bin) return
    const lots = this.#store.legLots[leg] as number
    const side = this.#side(this.#store.legInstrument[leg] as number, lots > 0)
    const size = Math.abs(lots)
    side.isDirty = true
    this.#bins[leg] = bin
    if (bin !== NO_BIN) side.lots.set(bin, (side.lots.get(bin) ?? 0) + size)
    if (before === NO_BIN) return
    const left = (side.lots.get(before) ?? 0) - size
    if (left > 0) side.lots.set(before, left)
    else side.lots.delete(before)
  }

  #side(instrument: number, isLong: boolean): Side {
    while (this.#sides.length <= 2 * instrument + 1)
      this.#sides.push({ lots: new Map(), isDirty: false })
    return this.#sides[2 * instrument + (isLong ? 0 : 1)] as Side
  }

  #grow(): void {
    if (this.#bins.length >= this.#store.legCapacity) return
    const bins = new Int32Array(this.#store.legCapacity).fill(NO_BIN)
    bins.set(this.#bins)
    this.#bins = bins
  }
}
