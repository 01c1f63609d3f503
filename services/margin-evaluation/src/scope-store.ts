import type { Decimal } from '@sluice/domain/decimal'
import { fractionOf, moneyOf, wholeOf } from './money.ts'

export const HEALTHY = 0
export const MARGIN_CALL = 1
export const LIQUIDATING = 2
export type StatusCode = typeof HEALTHY | typeof MARGIN_CALL | typeof LIQUIDATING

export const TRUSTED = 1
export const HELD = 2
export const PARKED = 4
/** In the first snapshot, and not evaluated since */
export const CATCHING_UP = 8
/** Under water at its first look, and not released yet */
export const QUEUED = 16

/** One position as the store takes and gives it. */
export interface StoredLeg {
  /** Index of the instrument */
  readonly instrument: number
  readonly quantityLots: number
  readonly entryNotional: Decimal
}

const NONE = -1

/**
 * Margin scopes and their positions as a struct of typed arrays: no object per scope or position.
 *
 * A scope has a slot for life; a slot given back is used again, last in first out, and the snapshot keeps both, so slot
 * order is a function of the fold. A scope's legs lie side by side in a pool, in blocks of a few sizes with a free list per size.
 * Money is held exactly as whole units and a fraction in 10^-12 (see `money.ts`).
 */
export class ScopeStore {
  readonly ids: string[] = []
  readonly #slots = new Map<string, number>()
  readonly freeSlots: number[] = []

  status = new Uint8Array(0)
  flags = new Uint8Array(0)
  currency = new Uint8Array(0)
  eventPrefix = new Uint16Array(0)
  eventOffset = new Float64Array(0)
  walletWhole = new Float64Array(0)
  walletFraction = new Float64Array(0)
  ledgerSequence = new Float64Array(0)
  /** Least sequence of the snapshot that ends distrust */
  sequenceNeeded = new Float64Array(0)
  /** Task time of the last change of status; -Infinity: none */
  statusAt = new Float64Array(0)
  legStart = new Int32Array(0)
  legCount = new Int32Array(0)
  #legCapacity = new Int32Array(0)

  legScope = new Int32Array(0)
  legInstrument = new Uint16Array(0)
  legLots = new Float64Array(0)
  legEntryWhole = new Float64Array(0)
  legEntryFraction = new Float64Array(0)
  #legsUsed = 0
  readonly #freeBlocks = new Map<number, number[]>()

  /** Slots ever given, including those given back. */
  get slotCount(): number {
    return this.ids.length
  }

  get scopeCount(): number {
    return this.#slots.size
  }

  /** Legs of the pool ever given; their places are below this. */
  get legsUsed(): number {
    return this.#legsUsed
  }

  /** Room of the pool; arrays beside the pool (the trigger book's) follow it. */
  get legCapacity(): number {
    return this.legLots.length
  }

  find(id: string): number | undefined {
    return this.#slots.get(id)
  }

  isOccupied(slot: number): boolean {
    return this.ids[slot] !== ''
  }

  id(slot: number): string {
    return this.ids[slot] as string
  }

  hasFlag(slot: number, flag: number): boolean {
    return ((this.flags[slot] as number) & flag) !== 0
  }

  setFlag(slot: number, flag: number, on: boolean): void {
    const flags = this.flags[slot] as number
    this.flags[slot] = on ? flags | flag : flags & ~flag
  }

  /** Makes room for so many scopes and legs at once, so that loading does not copy over and over. */
  reserve(scopes: number, legs: number): void {
    this.#growScopes(scopes)
    this.#growLegs(legs)
  }

  /** A new scope: healthy, trusted, empty. */
  add(id: string): number {
    const slot = this.freeSlots.pop() ?? this.ids.length
    this.#growScopes(slot + 1)
    this.place(slot, id)
    return slot
  }

  /** Puts a new scope at a given slot: `add`, and the way back from a snapshot. '' keeps the slot free. */
  place(slot: number, id: string): void {
    this.#growScopes(slot + 1)
    this.ids[slot] = id
    if (id === '') return
    this.#slots.set(id, slot)
    this.status[slot] = HEALTHY
    this.flags[slot] = TRUSTED
    this.currency[slot] = 0
    this.eventPrefix[slot] = 0
    this.eventOffset[slot] = 0
    this.walletWhole[slot] = 0
    this.walletFraction[slot] = 0
    this.ledgerSequence[slot] = -1
    this.sequenceNeeded[slot] = 0
    this.statusAt[slot] = -Infinity
    this.legStart[slot] = NONE
    this.legCount[slot] = 0
    this.#legCapacity[slot] = 0
  }

  remove(slot: number): void {
    this.#giveBack(slot)
    this.#slots.delete(this.id(slot))
    this.ids[slot] = ''
    this.freeSlots.push(slot)
  }

  setWallet(slot: number, balance: Decimal): void {
    this.walletWhole[slot] = wholeOf(balance)
    this.walletFraction[slot] = fractionOf(balance)
  }

  wallet(slot: number): Decimal {
    return moneyOf(this.walletWhole[slot] as number, this.walletFraction[slot] as number)
  }

  /** Replaces the legs. Whatever refers to the old ones (ladder entries, profile bins) must be taken back before. */
  setLegs(slot: number, legs: readonly StoredLeg[]): void {
    this.makeRoom(slot, legs.length)
    const start = this.legStart[slot] as number
    legs.forEach((leg, i) => {
      this.writeLeg(start + i, leg.instrument, leg.quantityLots)
      this.legEntryWhole[start + i] = wholeOf(leg.entryNotional)
      this.legEntryFraction[start + i] = fractionOf(leg.entryNotional)
    })
  }

  /** Whether the scope has legs in these instruments, in this order, with as many lots. */
  hasLots(slot: number, legs: readonly StoredLeg[]): boolean {
    if (this.legCount[slot] !== legs.length) return false
    const start = this.legStart[slot] as number
    return legs.every(
      ({ instrument, quantityLots }, i) =>
        this.legInstrument[start + i] === instrument && this.legLots[start + i] === quantityLots,
    )
  }

  /** Gives the scope a block for `count` legs, whose content is then written leg by leg. */
  makeRoom(slot: number, count: number): void {
    if (count > 0 && count === this.legCount[slot]) return
    if (count > (this.#legCapacity[slot] as number) || count === 0) this.#giveBack(slot)
    if (count > 0 && this.#legCapacity[slot] === 0) this.#take(slot, count)
    this.legCount[slot] = count
    if (count === 0) return
    const start = this.legStart[slot] as number
    this.legScope.fill(slot, start, start + count)
    this.legScope.fill(NONE, start + count, start + (this.#legCapacity[slot] as number))
  }

  writeLeg(leg: number, instrument: number, quantityLots: number): void {
    this.legInstrument[leg] = instrument
    this.legLots[leg] = quantityLots
  }

  entryNotional(leg: number): Decimal {
    return moneyOf(this.legEntryWhole[leg] as number, this.legEntryFraction[leg] as number)
  }

  legs(slot: number): StoredLeg[] {
    const start = this.legStart[slot] as number
    return Array.from({ length: this.legCount[slot] as number }, (_, i) => ({
      instrument: this.legInstrument[start + i] as number,
      quantityLots: this.legLots[start + i] as number,
      entryNotional: this.entryNotional(start + i),
    }))
  }

  #take(slot: number, count: number): void {
    const capacity = blockSize(count)
    let start = this.#freeBlocks.get(capacity)?.pop()
    if (start === undefined) {
      start = this.#legsUsed
      this.#growLegs(start + capacity)
      this.#legsUsed = start + capacity
    }
    this.legStart[slot] = start
    this.#legCapacity[slot] = capacity
  }

  #giveBack(slot: number): void {
    const capacity = this.#legCapacity[slot] as number
    if (capacity === 0) return
    const start = this.legStart[slot] as number
    this.legScope.fill(NONE, start, start + capacity)
    const blocks = this.#freeBlocks.get(capacity)
    if (blocks === undefined) this.#freeBlocks.set(capacity, [start])
    else blocks.push(start)
    this.legStart[slot] = NONE
    this.legCount[slot] = 0
    this.#legCapacity[slot] = 0
  }

  #growScopes(least: number): void {
    if (least <= this.status.length) return
    const length = roomFor(least, this.status.length)
    this.status = longer(this.status, new Uint8Array(length))
    this.flags = longer(this.flags, new Uint8Array(length))
    this.currency = longer(this.currency, new Uint8Array(length))
    this.eventPrefix = longer(this.eventPrefix, new Uint16Array(length))
    this.eventOffset = longer(this.eventOffset, new Float64Array(length))
    this.walletWhole = longer(this.walletWhole, new Float64Array(length))
    this.walletFraction = longer(this.walletFraction, new Float64Array(length))
    this.ledgerSequence = longer(this.ledgerSequence, new Float64Array(length))
    this.sequenceNeeded = longer(this.sequenceNeeded, new Float64Array(length))
    this.statusAt = longer(this.statusAt, new Float64Array(length))
    this.legStart = longer(this.legStart, new Int32Array(length))
    this.legCount = longer(this.legCount, new Int32Array(length))
    this.#legCapacity = longer(this.#legCapacity, new Int32Array(length))
  }

  #growLegs(least: number): void {
    if (least <= this.legLots.length) return
    const length = roomFor(least, this.legLots.length)
    this.legScope = longer(this.legScope, new Int32Array(length).fill(NONE))
    this.legInstrument = longer(this.legInstrument, new Uint16Array(length))
    this.legLots = longer(this.legLots, new Float64Array(length))
    this.legEntryWhole = longer(this.legEntryWhole, new Float64Array(length))
    this.legEntryFraction = longer(this.legEntryFraction, new Float64Array(length))
  }
}

/** Blocks of 1, 2, 3, 4, 6, 8, 12, 16, … legs: at most a third is left unused, and blocks of a size fit each other. */
function blockSize(count: number): number {
  if (count <= 4) return count
  const power = 2 ** (32 - Math.clz32(count - 1))
  return count <= power * 0.75 ? power * 0.75 : power
}

function roomFor(least: number, now: number): number {
  return Math.max(least, 64, Math.ceil(now * 1.5))
}

interface Settable<Self> {
  readonly length: number
  set(from: Self): void
}

/** `to`, beginning with what `from` holds. */
function longer<Numbers extends Settable<Numbers>>(from: Numbers, to: Numbers): Numbers {
  to.set(from)
  return to
}
