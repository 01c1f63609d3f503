import { Decimal } from '@sluice/domain/decimal'
import type { RiskTier } from '@sluice/domain/tiers'
import { InstrumentTable } from '@sluice/margin-evaluation/instruments'
import { ScopeStore } from '@sluice/margin-evaluation/scope-store'
import { Screen } from '@sluice/margin-evaluation/screen'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Size and mixture of the measured world; the parts are the issue's. */
export interface UniverseOptions {
  readonly scopes: number
  readonly legs: number
  readonly instruments: number
  readonly seed: number
}

export interface Universe {
  readonly store: ScopeStore
  readonly instruments: InstrumentTable
}

/** Share of scopes within 1 % of their trigger, in warning bands, and with many hedged legs. */
export const NEAR_SHARE = 0.02
export const WARNING_SHARE = 0.1
export const HEDGED_SHARE = 0.001
const HEDGED_LEGS_MIN = 50
const HEDGED_LEGS_MAX = 200

const TIER_CAPS = [50_000, 250_000, 1_000_000, 5_000_000, null]
const TIER_RATES = ['0.004', '0.005', '0.01', '0.025', '0.1']
const MARK_TICKS = 1_000_000

/** Uniform numbers in [0, 1) from a seed. */
export class Randoms {
  readonly #generator

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed)
  }

  next(): number {
    return (this.#generator.next() >>> 0) / 2 ** 32
  }

  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  /** Standard normal. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    return radius * Math.cos(2 * Math.PI * this.next())
  }
}

/**
 * A seeded world: instruments at 100,000.0 with five tiers, cross scopes of 1 to 6 legs with log-normal sizes, and a few with 50 to
 * 200 legs long and short (hedge mode: several legs may share an instrument). Wallets are then set so that the stated shares stand
 * near their trigger and in the warning bands; the rest has three to forty times its maintenance margin.
 */
export function createUniverse(options: UniverseOptions): Universe {
  const randoms = new Randoms(options.seed)
  const instruments = createInstruments(options.instruments)
  const store = new ScopeStore()
  store.reserve(options.scopes, Math.ceil(options.legs * 1.15))
  const mean = options.legs / options.scopes
  const screen = new Screen(store, instruments)
  for (let i = 0; i < options.scopes; i += 1) {
    const slot = store.add(`scope-${String(i).padStart(16, '0')}`)
    const isHedged = randoms.next() < HEDGED_SHARE
    setLegs(store, slot, legsOf(randoms, { isHedged, mean, instruments: options.instruments }))
    fund(store, slot, { screen, randoms })
  }
  return { store, instruments }
}

function createInstruments(count: number): InstrumentTable {
  const instruments = new InstrumentTable()
  for (let i = 0; i < count; i += 1) {
    const instrument = instruments.intern(`PERP-${String(i).padStart(3, '0')}`)
    instrument.setSpec({
      instrument: instrument.name,
      lotSize: new Decimal('0.00001'),
      tickSize: new Decimal('0.1'),
      orderLotsMin: 1,
      orderLotsMax: 1e9,
    })
    instrument.setTiers(tiers())
    instrument.markTicks = MARK_TICKS
    instrument.quality = 'good'
    instrument.judge()
  }
  return instruments
}

function tiers(): RiskTier[] {
  let floor = new Decimal(0)
  let deduction = new Decimal(0)
  return TIER_CAPS.map((cap, i) => {
    const maintenanceRate = new Decimal(TIER_RATES[i] ?? 0)
    const before = new Decimal(TIER_RATES[i - 1] ?? maintenanceRate)
    deduction = deduction.plus(floor.times(maintenanceRate.minus(before)))
    const notionalCap = cap === null ? null : new Decimal(cap)
    const tier = { notionalFloor: floor, notionalCap, maintenanceRate, deduction, leverageMax: 100 }
    floor = notionalCap ?? floor
    return tier
  })
}

interface LegsWanted {
  readonly isHedged: boolean
  readonly mean: number
  readonly instruments: number
}

/** A leg in whole numbers: money of this world is whole units of 10^-6, so millions of legs are made without a decimal. */
interface WholeLeg {
  readonly instrument: number
  readonly quantityLots: number
  readonly entryTicks: number
}

function setLegs(store: ScopeStore, slot: number, legs: readonly WholeLeg[]): void {
  store.makeRoom(slot, legs.length)
  const start = store.legStart[slot] as number
  legs.forEach(({ instrument, quantityLots, entryTicks }, i) => {
    const entry = quantityLots * entryTicks
    store.writeLeg(start + i, instrument, quantityLots)
    store.legEntryWhole[start + i] = Math.trunc(entry / 1e6)
    store.legEntryFraction[start + i] = (entry % 1e6) * 1e6
  })
}

function legsOf(randoms: Randoms, { isHedged, mean, instruments }: LegsWanted): WholeLeg[] {
  if (isHedged) return hedgedLegs(randoms, instruments)
  const count = Math.min(6, randoms.whole(1, Math.round(2 * mean - 1.25)))
  const first = randoms.whole(0, instruments - 1)
  return Array.from({ length: count }, (_, i) =>
    leg(randoms, (first + i * 7) % instruments, randoms.next() < 0.55 ? 1 : -1),
  )
}

function hedgedLegs(randoms: Randoms, instruments: number): WholeLeg[] {
  const count = randoms.whole(HEDGED_LEGS_MIN, HEDGED_LEGS_MAX)
  return Array.from({ length: count }, (_, i) =>
    leg(randoms, i % instruments, i % 2 === 0 ? 1 : -1),
  )
}

function leg(randoms: Randoms, instrument: number, sign: number): WholeLeg {
  const lots = Math.max(1, Math.round(Math.exp(7 + 1.3 * randoms.normal())))
  const entryTicks = Math.round(MARK_TICKS * (1 + 0.01 * randoms.normal()))
  return { instrument, quantityLots: sign * lots, entryTicks }
}

/**
 * Sets a scope's wallet. "Within 1 % of its trigger": all its prices moving against it by at most 1 % put it there, so its excess is
 * up to 1 % of its value. "In warning bands": an equity of 1.05 to 2 times the maintenance margin.
 */
function fund(
  store: ScopeStore,
  slot: number,
  { screen, randoms }: { screen: Screen; randoms: Randoms },
): void {
  screen.value(slot)
  const { equity, maintenance } = screen
  const value = grossValue(store, slot)
  const draw = randoms.next()
  let wanted = maintenance * (3 + 37 * randoms.next() ** 2)
  if (draw < NEAR_SHARE) wanted = maintenance + value * 0.01 * (0.02 + 0.98 * randoms.next())
  else if (draw < NEAR_SHARE + WARNING_SHARE) wanted = maintenance * (1.05 + 0.95 * randoms.next())
  store.walletWhole[slot] = Math.round(wanted - equity)
}

function grossValue(store: ScopeStore, slot: number): number {
  const start = store.legStart[slot] as number
  const end = start + (store.legCount[slot] as number)
  let value = 0
  for (let at = start; at < end; at += 1)
    value += (Math.abs(store.legLots[at] as number) * MARK_TICKS) / 1_000_000
  return value
}
