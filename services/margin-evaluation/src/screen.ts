import { PRICE_TICKS_MAX } from '@sluice/domain/instrument'
import type { Instrument, InstrumentTable } from './instruments.ts'
import { approximateMoney } from './money.ts'
import type { ScopeStore } from './scope-store.ts'
import type { TriggerBook } from './trigger-book.ts'

/** Half a unit in the last place of a double, relative. */
const ROUNDING = 2 ** -53
/** What a maintenance requirement may be above its formula: one unit of money's scale per position. */
const MAINTENANCE_ROUNDING = 1e-12
/** Taken off each radius for the rounding of the few operations that make a key from it. */
const RADIUS_SLACK = 1 - 1e-12

/**
 * Between which multiples of its maintenance margin a scope's equity must stay to need no look.
 * `lower` 0 with `watchLower` false: nothing is watched below. `upper` Infinity: nothing is watched above.
 */
export interface Thresholds {
  watchLower: boolean
  lower: number
  upper: number
}

/**
 * The float64 screen: equity and maintenance margin in doubles with a bound on their rounding error, and the certificate made from
 * them. It may only prove that a scope needs no look; whatever it cannot prove is computed in decimals.
 *
 *   E = W + Σ (q·v·m − e),  M = Σ (N·r − c),  N = |q|·v·m
 *   |error of E| ≤ (n + 32)·u·(|W| + Σ (N + |e|)),  |error of M| ≤ (n + 32)·u·Σ (N + c) + n·10⁻¹²
 *
 *   W wallet, e entry notional, c deduction [settlement currency]; q lots; v tick value; m mark [ticks]; r rate; n legs; u = 2⁻⁵³
 *
 * Each term is made of fewer than eight roundings and a sum adds one per addend; rates are below one, and at a tier's edge the requirement
 * does not jump, so a notional rounded into the next tier changes it by less than its own error.
 */
export class Screen {
  readonly #store: ScopeStore
  readonly #instruments: InstrumentTable
  #notional = new Float64Array(64)
  #tier = new Uint8Array(64)

  equity = 0
  maintenance = 0
  equityError = 0
  maintenanceError = 0

  constructor(store: ScopeStore, instruments: InstrumentTable) {
    this.#store = store
    this.#instruments = instruments
  }

  /** Values a scope at the current marks. */
  value(slot: number): void {
    const store = this.#store
    const count = store.legCount[slot] as number
    const start = store.legStart[slot] as number
    this.#makeRoom(count)
    const wallet = approximateMoney(
      store.walletWhole[slot] as number,
      store.walletFraction[slot] as number,
    )
    let equity = wallet
    let equitySize = Math.abs(wallet)
    let maintenance = 0
    let maintenanceSize = 0
    for (let i = 0; i < count; i += 1) {
      const leg = start + i
      const instrument = this.#instruments.at(store.legInstrument[leg] as number)
      const worth = (store.legLots[leg] as number) * instrument.tickValue * instrument.markTicks
      const entry = approximateMoney(
        store.legEntryWhole[leg] as number,
        store.legEntryFraction[leg] as number,
      )
      const notional = Math.abs(worth)
      const tier = tierAt(instrument, notional)
      const deduction = instrument.tierDeductions[tier] as number
      this.#notional[i] = notional
      this.#tier[i] = tier
      equity += worth - entry
      equitySize += notional + Math.abs(entry)
      maintenance += notional * (instrument.tierRates[tier] as number) - deduction
      maintenanceSize += notional + deduction
    }
    this.equity = equity
    this.maintenance = maintenance
    this.equityError = (count + 32) * ROUNDING * equitySize
    this.maintenanceError = (count + 32) * ROUNDING * maintenanceSize + count * MAINTENANCE_ROUNDING
  }

  /** Whether the scope valued last is proven to be strictly within its thresholds. */
  proves(thresholds: Thresholds): boolean {
    return (
      (!thresholds.watchLower || this.#roomBelow(thresholds.lower) > 0) &&
      (thresholds.upper === Infinity || this.#roomAbove(thresholds.upper) > 0)
    )
  }

  /**
   * Certifies the scope valued last: enters, for each leg, the prices up to which the thresholds cannot be reached.
   *
   *   below: r·Σ N·(1 − ρ·r₁ for a long, 1 + ρ·r̄ for a short) ≤ E − ρ·M,  ρ the lower threshold
   *   above: s·Σ N·(1 − κ·r₁ for a long, 1 + κ·r for a short) ≤ κ·M − E,  κ the upper threshold
   *
   *   N notional; r₁ rate of the first tier, r of the present one, r̄ the largest that N·(1 + r) can reach
   *
   * While no price moves against the scope by r nor for it by s, relative to now, neither threshold is reached: the requirement is convex
   * in the notional, so its slope lies between r₁ and r̄. With a threshold times a rate above one a move in either direction may
   * hurt: then the weights are 1 + threshold × the largest rate, and both sides of every leg are entered.
   */
  certify(slot: number, thresholds: Thresholds, book: TriggerBook): void {
    const { watchLower, lower, upper } = thresholds
    const room = watchLower ? Math.max(0, this.#roomBelow(lower)) : Infinity
    const headroom = upper === Infinity ? Infinity : Math.max(0, this.#roomAbove(upper))
    const steep = this.#isSteep(slot, watchLower ? lower : 0, upper)
    if (steep) {
      const against = this.#radiusSteep(slot, room, lower)
      const radius = Math.min(against, this.#radiusSteep(slot, headroom, upper))
      this.#enter(slot, { against: radius, towards: radius, book })
      return
    }
    const against = this.#radiusAgainst(slot, room, lower)
    const towards = this.#radiusTowards(slot, headroom, upper)
    this.#enter(slot, { against, towards, book })
  }

  #roomBelow(threshold: number): number {
    const room = this.equity - threshold * this.maintenance
    const error = this.equityError + threshold * this.maintenanceError
    return room - error - 4 * ROUNDING * (Math.abs(this.equity) + threshold * this.maintenance)
  }

  #roomAbove(threshold: number): number {
    const room = threshold * this.maintenance - this.equity
    const error = this.equityError + threshold * this.maintenanceError
    return room - error - 4 * ROUNDING * (Math.abs(this.equity) + threshold * this.maintenance)
  }

  #isSteep(slot: number, lower: number, upper: number): boolean {
    const store = this.#store
    const threshold = upper === Infinity ? lower : Math.max(lower, upper)
    const start = store.legStart[slot] as number
    const end = start + (store.legCount[slot] as number)
    for (let leg = start; leg < end; leg += 1) {
      const instrument = this.#instruments.at(store.legInstrument[leg] as number)
      if (threshold * instrument.rateMax >= 1) return true
    }
    return false
  }

  #radiusSteep(slot: number, room: number, threshold: number): number {
    if (room === Infinity) return Infinity
    const store = this.#store
    const start = store.legStart[slot] as number
    const count = store.legCount[slot] as number
    let weight = 0
    for (let i = 0; i < count; i += 1) {
      const instrument = this.#instruments.at(store.legInstrument[start + i] as number)
      weight += (this.#notional[i] as number) * (1 + threshold * instrument.rateMax)
    }
    return (room / weight) * RADIUS_SLACK
  }

  #radiusAgainst(slot: number, room: number, threshold: number): number {
    if (room === Infinity) return Infinity
    const first = room / this.#weightAgainst(slot, 0, threshold)
    if (!this.#reachesNextTier(slot, first)) return first * RADIUS_SLACK
    return (room / this.#weightAgainst(slot, first, threshold)) * RADIUS_SLACK
  }

  /** Loss of excess per relative move, with the rates that the shorts reach within `radius`. */
  #weightAgainst(slot: number, radius: number, threshold: number): number {
    const store = this.#store
    const start = store.legStart[slot] as number
    const count = store.legCount[slot] as number
    let weight = 0
    for (let i = 0; i < count; i += 1) {
      const instrument = this.#instruments.at(store.legInstrument[start + i] as number)
      const notional = this.#notional[i] as number
      if ((store.legLots[start + i] as number) > 0) {
        weight += notional * (1 - threshold * (instrument.tierRates[0] as number))
      } else {
        const reached = tierAt(instrument, notional * (1 + radius) * (1 + 1e-12))
        weight += notional * (1 + threshold * (instrument.tierRates[reached] as number))
      }
    }
    return weight
  }

  #reachesNextTier(slot: number, radius: number): boolean {
    const store = this.#store
    const start = store.legStart[slot] as number
    const count = store.legCount[slot] as number
    for (let i = 0; i < count; i += 1) {
      if ((store.legLots[start + i] as number) > 0) continue
      const instrument = this.#instruments.at(store.legInstrument[start + i] as number)
      const cap = instrument.tierCaps[this.#tier[i] as number] as number
      if ((this.#notional[i] as number) * (1 + radius) * (1 + 1e-12) > cap) return true
    }
    return false
  }

  #radiusTowards(slot: number, room: number, threshold: number): number {
    if (room === Infinity) return Infinity
    const store = this.#store
    const start = store.legStart[slot] as number
    const count = store.legCount[slot] as number
    let weight = 0
    for (let i = 0; i < count; i += 1) {
      const instrument = this.#instruments.at(store.legInstrument[start + i] as number)
      const notional = this.#notional[i] as number
      weight +=
        (store.legLots[start + i] as number) > 0
          ? notional * (1 - threshold * (instrument.tierRates[0] as number))
          : notional * (1 + threshold * (instrument.tierRates[this.#tier[i] as number] as number))
    }
    return (room / weight) * RADIUS_SLACK
  }

  #enter(
    slot: number,
    { against, towards, book }: { against: number; towards: number; book: TriggerBook },
  ): void {
    const store = this.#store
    const start = store.legStart[slot] as number
    const end = start + (store.legCount[slot] as number)
    book.forget(slot)
    for (let leg = start; leg < end; leg += 1) {
      const { markTicks } = this.#instruments.at(store.legInstrument[leg] as number)
      const isLong = (store.legLots[leg] as number) > 0
      const falls = isLong ? against : towards
      const rises = isLong ? towards : against
      if (falls < 1) book.waitBelow(leg, Math.min(markTicks, Math.ceil(markTicks * (1 - falls))))
      const above = Math.max(markTicks, Math.floor(markTicks * (1 + rises)))
      if (above <= PRICE_TICKS_MAX) book.waitAbove(leg, above)
    }
  }

  #makeRoom(count: number): void {
    if (count <= this.#notional.length) return
    this.#notional = new Float64Array(count * 2)
    this.#tier = new Uint8Array(count * 2)
  }
}

/** Place of a notional's tier, in doubles. */
export function tierAt(instrument: Instrument, notional: number): number {
  const caps = instrument.tierCaps
  let tier = 0
  while (tier < caps.length - 1 && notional > (caps[tier] as number)) tier += 1
  return tier
}
