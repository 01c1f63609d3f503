import type { PriceQuality } from '@sluice/contracts/generated/events'
import type { InstrumentSpec } from '@sluice/domain/instrument'
import { tickValue } from '@sluice/domain/instrument'
import { approximateTiersOf, type ApproxTier, type RiskTier } from '@sluice/domain/tiers'

/**
 * One instrument: its rules as they decide (decimals) and as they screen (doubles), and its mark price.
 * Everything a screen reads stands in doubles beside the exact value it was made from.
 */
export class Instrument {
  readonly index: number
  readonly name: string
  spec: InstrumentSpec | null = null
  specVersion = 0
  currency = ''
  tiers: readonly RiskTier[] | null = null
  tiersVersion = 0
  /** 0: no mark price yet */
  markTicks = 0
  markEventId = ''
  quality: PriceQuality = 'stale'
  halted = false
  /** Rules and a mark price are known: a margin can be computed */
  isPriced = false
  /** Priced, the price may be trusted and trading goes on: a margin may decide something */
  isUsable = false
  /** Number of the mark change, over all instruments, that set the mark price */
  markChange = 0

  /** Settlement currency that one lot gains per tick, as a double */
  tickValue = 0
  tierCaps = new Float64Array(0)
  tierRates = new Float64Array(0)
  tierDeductions = new Float64Array(0)
  rateMax = 0
  approximateTiers: readonly ApproxTier[] = []

  constructor(index: number, name: string) {
    this.index = index
    this.name = name
  }

  setSpec(spec: InstrumentSpec): void {
    this.spec = spec
    this.tickValue = tickValue(spec).toNumber()
  }

  setTiers(tiers: readonly RiskTier[]): void {
    this.tiers = tiers
    const inDoubles = approximateTiersOf(tiers)
    this.approximateTiers = inDoubles
    this.tierCaps = Float64Array.from(inDoubles, tier => tier.notionalCap)
    this.tierRates = Float64Array.from(inDoubles, tier => tier.maintenanceRate)
    this.tierDeductions = Float64Array.from(inDoubles, tier => tier.deduction)
    this.rateMax = Math.max(...this.tierRates)
  }

  /** To be called after any change of rules, price, quality or trading. */
  judge(): void {
    const trusted = this.quality === 'good' || this.quality === 'degraded'
    this.isPriced = this.spec !== null && this.tiers !== null && this.markTicks > 0
    this.isUsable = this.isPriced && trusted && !this.halted
  }
}

/** Instruments by name and by index; an index is given at first mention and kept for life. */
export class InstrumentTable {
  readonly #byName = new Map<string, Instrument>()
  readonly #byIndex: Instrument[] = []

  get size(): number {
    return this.#byIndex.length
  }

  all(): readonly Instrument[] {
    return this.#byIndex
  }

  find(name: string): Instrument | undefined {
    return this.#byName.get(name)
  }

  /** @throws RangeError for an index never given: a fault of this program. */
  at(index: number): Instrument {
    const instrument = this.#byIndex[index]
    if (instrument === undefined) throw new RangeError(`no instrument has index ${index}`)
    return instrument
  }

  /** The instrument of that name, made known by its name alone if it was not. */
  intern(name: string): Instrument {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const instrument = new Instrument(this.#byIndex.length, name)
    this.#byName.set(name, instrument)
    this.#byIndex.push(instrument)
    return instrument
  }
}
