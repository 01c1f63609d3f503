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

  equity = 0
  maintenance = 0
  equityError = 0
  maintenanceError = 0
  /** Σ N and Σ N·r₁ over the longs */
  #longs = 0
  #longsAtFirst = 0
  /** Σ N and Σ N·r over the shorts */
  #shorts = 0
  #shortsAtRate = 0
  /** The least relative rise of notional that takes a short into its next tier */
  #reach = Infinity
  /** The largest rate of any tier of any leg */
  #rateMax = 0

  constructor(store: ScopeStore, instruments: InstrumentTable) {
    this.#store = store
    this.#instruments = instruments
  }

  /** Values a scope at the current marks. */
  value(slot: number): void {
    const { legStart, legCount, legInstrument, legLots, legEntryWhole, legEntryFraction } =
      this.#store
    const count = legCount[slot] as number
    const start = legStart[slot] as number
    const wallet = this.#start(slot)
    let equity = wallet
    let equitySize = Math.abs(wallet)
    let maintenance = 0
    let maintenanceSize = 0
    for (let leg = start; leg < start + count; leg += 1) {
      const instrument = this.#instruments.at(legInstrument[leg] as number)
      const worth = (legLots[leg] as number) * instrument.tickValue * instrument.markTicks
      const entry = approximateMoney(legEntryWhole[leg] as number, legEntryFraction[leg] as number)
      const notional = Math.abs(worth)
      const tier = tierAt(instrument, notional)
      const deduction = instrument.tierDeductions[tier] as number
      const required = notional * (instrument.tierRates[tier] as number)
      equity += worth - entry
      equitySize += notional + Math.abs(entry)
      maintenance += required - deduction
      maintenanceSize += notional + deduction
      if (worth > 0) this.#addLong(instrument, notional)
      else this.#addShort(instrument, { notional, tier, required })
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
   * in the notional, so its slope lies between r₁ and r̄. With a threshold times a rate at or above one a move in either direction
   * may hurt: then every weight is 1 + threshold × the largest rate, and both sides of every leg are entered.
   */
  certify(slot: number, thresholds: Thresholds, book: TriggerBook): void {
    const { watchLower, lower, upper } = thresholds
    const room = watchLower ? Math.max(0, this.#roomBelow(lower)) : Infinity
    const headroom = upper === Infinity ? Infinity : Math.max(0, this.#roomAbove(upper))
    const steepest = Math.max(watchLower ? lower : 0, upper === Infinity ? 0 : upper)
    let against = this.#radiusAgainst(slot, room, lower)
    let towards = this.#radiusTowards(headroom, upper)
    if (steepest * this.#rateMax >= 1) {
      const weight = (this.#longs + this.#shorts) * (1 + steepest * this.#rateMax)
      against = (Math.min(room, headroom) / weight) * RADIUS_SLACK
      towards = against
    }
    this.#enter(slot, { against, towards, book })
  }

  /** Forgets the sums of the scope valued before; answers the wallet. */
  #start(slot: number): number {
    this.#longs = 0
    this.#longsAtFirst = 0
    this.#shorts = 0
    this.#shortsAtRate = 0
    this.#reach = Infinity
    this.#rateMax = 0
    const { walletWhole, walletFraction } = this.#store
    return approximateMoney(walletWhole[slot] as number, walletFraction[slot] as number)
  }

  #addLong({ tierRates, rateMax }: Instrument, notional: number): void {
    this.#longs += notional
    this.#longsAtFirst += notional * (tierRates[0] as number)
    if (rateMax > this.#rateMax) this.#rateMax = rateMax
  }

  #addShort(
    { tierCaps, rateMax }: Instrument,
    { notional, tier, required }: { notional: number; tier: number; required: number },
  ): void {
    this.#shorts += notional
    this.#shortsAtRate += required
    const reach = (tierCaps[tier] as number) / notional - 1
    if (reach < this.#reach) this.#reach = reach
    if (rateMax > this.#rateMax) this.#rateMax = rateMax
  }

  #roomBelow(threshold: number): number {
    const room = this.equity - threshold * this.maintenance
    return room - this.#errorAt(threshold)
  }

  #roomAbove(threshold: number): number {
    const room = threshold * this.maintenance - this.equity
    return room - this.#errorAt(threshold)
  }

  #errorAt(threshold: number): number {
    const terms = Math.abs(this.equity) + threshold * Math.abs(this.maintenance)
    return this.equityError + threshold * this.maintenanceError + 4 * ROUNDING * terms
  }

  #radiusAgainst(slot: number, room: number, threshold: number): number {
    if (room === Infinity) return Infinity
    const longs = this.#longs - threshold * this.#longsAtFirst
    const first = room / (longs + this.#shorts + threshold * this.#shortsAtRate)
    if (first < this.#reach * RADIUS_SLACK) return first * RADIUS_SLACK
    const shorts = this.#shorts + threshold * this.#shortsAtReach(slot, first)
    return (room / (longs + shorts)) * RADIUS_SLACK
  }

  /** Σ N·r̄ over the shorts: the rates that they reach within `radius`. */
  #shortsAtReach(slot: number, radius: number): number {
    const { legStart, legCount, legInstrument, legLots } = this.#store
    const start = legStart[slot] as number
    const end = start + (legCount[slot] as number)
    let sum = 0
    for (let leg = start; leg < end; leg += 1) {
      const lots = legLots[leg] as number
      if (lots > 0) continue
      const instrument = this.#instruments.at(legInstrument[leg] as number)
      const notional = -lots * instrument.tickValue * instrument.markTicks
      const reached = tierAt(instrument, notional * (1 + radius) * (1 + 1e-12))
      sum += notional * (instrument.tierRates[reached] as number)
    }
    return sum
  }

  #radiusTowards(room: number, threshold: number): number {
    if (room === Infinity) return Infinity
    const longs = this.#longs - threshold * this.#longsAtFirst
    return (room / (longs + this.#shorts + threshold * this.#shortsAtRate)) * RADIUS_SLACK
  }

  #enter(
    slot: number,
    { against, towards, book }: { against: number; towards: number; book: TriggerBook },
  ): void {
    const { legStart, legCount, legInstrument, legLots } = this.#store
    const start = legStart[slot] as number
    const end = start + (legCount[slot] as number)
    for (let leg = start; leg < end; leg += 1) {
      const { markTicks } = this.#instruments.at(legInstrument[leg] as number)
      const isLong = (legLots[leg] as number) > 0
      const falls = isLong ? against : towards
      const rises = isLong ? towards : against
      const below = Math.min(markTicks, Math.ceil(markTicks * (1 - falls)))
      const above = Math.max(markTicks, Math.floor(markTicks * (1 + rises)))
      book.wait(leg, { below, above })
    }
  }
}

/** Place of a notional's tier, in doubles. */
export function tierAt(instrument: Instrument, notional: number): number {
  const caps = instrument.tierCaps
  let tier = 0
  while (tier < caps.length - 1 && notional > (caps[tier] as number)) tier += 1
  return tier
}
