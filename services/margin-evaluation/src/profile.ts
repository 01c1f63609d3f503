import type { ProfileBin } from '@sluice/contracts/generated/events'
import { liquidationPriceApprox } from '@sluice/domain/liquidation-price'
import { approximateLeg, approximateMargin } from './approximate.ts'
import { Bits } from './bits.ts'
import type { Instrument, InstrumentTable } from './instruments.ts'
import { approximateMoney } from './money.ts'
import { tierAt } from './screen.ts'
import { LIQUIDATING, type ScopeStore } from './scope-store.ts'

/** A leg that is in no bin: its liquidation price is unknown, or there is none. */
const NO_BIN = -(2 ** 31)

/** How far inside a bin's bounds a leg must be to be known to stay, relative to its numbers: a million times what doubles err. */
const BOUND_MARGIN = 1e-9

interface Side {
  /** Lots, without sign, by bin: whole numbers, so that sums do not depend on the order of additions */
  readonly lots: Map<number, number>
  isDirty: boolean
}

/**
 * Where positions liquidate: lots by the true liquidation price of this instrument alone, in bins of log price, per instrument and
 * side. A leg's bin is set when its account changes. With several legs it moves with the other legs' marks, too: those slots are gone
 * through once per report interval, and most are found inside the bounds of the bin they are in. The price of a single leg moves with no mark: once computed it stands until account or rules change.
 * It is computed in doubles and decides nothing.
 */
export class Profile {
  readonly #store: ScopeStore
  readonly #instruments: InstrumentTable
  readonly binWidth: number
  #bins = new Int32Array(0)
  /** Between these a leg's `fixed` (see ApproxLeg) leaves it in its bin; equal where that is unknown. */
  #staysFrom = new Float64Array(0)
  #staysTo = new Float64Array(0)
  readonly #sides: Side[] = []
  readonly #dueAt: number[] = []
  #nextDue: number | null = null
  /** Slots whose bins are as computed for good */
  readonly #fixed = new Bits()
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

  /**
   * Puts a leg into a bin without looking at its price: the way back from a snapshot. A leg in no bin is not told apart there from one
   * whose price is unknown: it is computed once more, and without a price it stays without.
   */
  putBin(slot: number, leg: number, bin: number): void {
    this.#grow()
    this.#move(leg, bin)
    this.#fixed.set(slot, this.#store.legCount[slot] === 1 && bin !== NO_BIN)
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
    this.#fixed.set(slot, false)
  }

  /** A scope's legs are as they were, and are to be reported again. */
  touch(slot: number): void {
    const start = this.#store.legStart[slot] as number
    const end = start + (this.#store.legCount[slot] as number)
    for (let leg = start; leg < end; leg += 1) {
      if (this.bin(leg) !== NO_BIN) this.#sideOf(leg).isDirty = true
    }
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
    this.#fixed.set(slot, end - start <= 1)
    if (end - start === 1) {
      this.#move(start, this.#binOf(start, { fixed: this.#costOf(slot, start), triggerRatio }))
      return
    }
    const { equity, maintenance } = approximateMargin(store, this.#instruments, slot)
    for (let leg = start; leg < end; leg += 1) {
      const own = approximateLeg(store, this.#instruments, { leg })
      const otherMaintenance = maintenance - own.maintenance
      const fixed = equity - own.profit - own.entry - triggerRatio * otherMaintenance
      if (fixed > (this.#staysFrom[leg] as number) && fixed < (this.#staysTo[leg] as number))
        continue
      const bin = this.#binOf(leg, { fixed, triggerRatio })
      this.#move(leg, bin)
      this.#bound(leg, bin, triggerRatio)
    }
  }

  /**
   * Where `fixed` may go until the leg's price leaves its bin: the price falls with it for a long and rises for a short, so the bin's two
   * edges are the ends. They are drawn in by more than doubles err, so inside them `#binOf` could only answer the same.
   */
  #bound(leg: number, bin: number, triggerRatio: number): void {
    if (bin === NO_BIN) return
    const low = this.#fixedAtEdge(leg, bin, triggerRatio)
    const high = this.#fixedAtEdge(leg, bin + 1, triggerRatio)
    const [from, to] = low.fixed < high.fixed ? [low, high] : [high, low]
    this.#staysFrom[leg] = from.fixed + from.margin
    this.#staysTo[leg] = to.fixed - to.margin
  }

  /** The `fixed` with which a leg's liquidation price lies on the lower edge of a bin. */
  #fixedAtEdge(leg: number, bin: number, triggerRatio: number): { fixed: number; margin: number } {
    const { legInstrument, legLots } = this.#store
    const instrument = this.#instruments.at(legInstrument[leg] as number)
    const worth = (legLots[leg] as number) * instrument.tickValue * Math.exp(bin * this.binWidth)
    const notional = Math.abs(worth)
    const tier = tierAt(instrument, notional)
    const rate = instrument.tierRates[tier] as number
    const deduction = instrument.tierDeductions[tier] as number
    const fixed = triggerRatio * (notional * rate - deduction) - worth
    const margin = BOUND_MARGIN * (notional + triggerRatio * (notional * rate + deduction))
    return { fixed, margin }
  }

  /** Wallet less entry notional: all that a single leg's price hangs on besides its lots and rules, and no mark in it. */
  #costOf(slot: number, leg: number): number {
    const { walletWhole, walletFraction, legEntryWhole, legEntryFraction } = this.#store
    const wallet = approximateMoney(walletWhole[slot] as number, walletFraction[slot] as number)
    return wallet - approximateMoney(legEntryWhole[leg] as number, legEntryFraction[leg] as number)
  }

  /** Refreshes the next slots of the round trip: all of them, once all instruments have reported. */
  refreshNext(triggerRatio: number): void {
    const { slotCount } = this.#store
    if (slotCount === 0) return
    const steps = Math.ceil(slotCount / Math.max(1, this.#instruments.size))
    const start = this.cursor < slotCount ? this.cursor : 0
    const end = start + steps
    this.#refreshBetween(start, Math.min(end, slotCount), triggerRatio)
    if (end > slotCount) this.#refreshBetween(0, end - slotCount, triggerRatio)
    this.cursor = end > slotCount ? end - slotCount : end
  }

  #refreshBetween(start: number, end: number, triggerRatio: number): void {
    for (
      let slot = this.#fixed.nextClear(start);
      slot < end;
      slot = this.#fixed.nextClear(slot + 1)
    )
      this.#refreshListed(slot, triggerRatio)
  }

  /** Refreshes every scope: after a change of rules, which moves all liquidation prices. */
  refreshAll(triggerRatio: number): void {
    this.#staysTo.set(this.#staysFrom)
    for (let slot = 0; slot < this.#store.slotCount; slot += 1)
      this.#refreshListed(slot, triggerRatio)
  }

  #refreshListed(slot: number, triggerRatio: number): void {
    if (this.#store.isOccupied(slot) && this.#store.status[slot] !== LIQUIDATING)
      this.refresh(slot, triggerRatio)
  }

  /** Bins of one side, ascending, valued at the present mark, or null if nothing changed since they were last taken. */
  takeBins(instrument: Instrument, isLong: boolean): readonly ProfileBin[] | null {
    const lotValue = instrument.tickValue * instrument.markTicks
    const side = this.#side(instrument.index, isLong)
    if (!side.isDirty || instrument.spec === null) return null
    side.isDirty = false
    return [...side.lots]
      .sort(([a], [b]) => a - b)
      .map(([index, lots]) => ({ index, notional: lots * lotValue }))
  }

  #binOf(leg: number, { fixed, triggerRatio }: { fixed: number; triggerRatio: number }): number {
    const { legInstrument, legLots } = this.#store
    const { tickValue, approximateTiers } = this.#instruments.at(legInstrument[leg] as number)
    const quantityLots = legLots[leg] as number
    const price = liquidationPriceApprox(
      { quantityLots, tickValue, fixed, triggerRatio },
      approximateTiers,
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
    const side = this.#sideOf(leg)
    const size = Math.abs(this.#store.legLots[leg] as number)
    side.isDirty = true
    this.#bins[leg] = bin
    this.#staysTo[leg] = this.#staysFrom[leg] as number
    if (bin !== NO_BIN) side.lots.set(bin, (side.lots.get(bin) ?? 0) + size)
    if (before === NO_BIN) return
    const left = (side.lots.get(before) ?? 0) - size
    if (left > 0) side.lots.set(before, left)
    else side.lots.delete(before)
  }

  #sideOf(leg: number): Side {
    const { legInstrument, legLots } = this.#store
    return this.#side(legInstrument[leg] as number, (legLots[leg] as number) > 0)
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
    this.#staysFrom = grown(this.#staysFrom, bins.length)
    this.#staysTo = grown(this.#staysTo, bins.length)
  }
}

function grown(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length)
  larger.set(values)
  return larger
}
