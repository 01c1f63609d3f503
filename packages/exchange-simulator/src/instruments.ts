import { Decimal, ZERO } from '@sluice/domain/decimal'
import type { RiskTier } from '@sluice/contracts/generated/events'
import { InvalidSimulatorOptionsError } from './errors.ts'
import { unitsOf } from './money.ts'

/** How deep a market is, which decides its brackets, its pool and how far it follows the common move. */
export type LiquidityClass = 'major' | 'large' | 'alt'

/** One linear perpetual of the simulated venue. */
export interface VenueInstrument {
  readonly instrument: string
  readonly liquidity: LiquidityClass
  readonly lotSize: Decimal
  readonly tickSize: Decimal
  readonly orderLotsMin: number
  readonly orderLotsMax: number
  readonly pool: string
  readonly tiers: readonly RiskTier[]
  /** Price at the start [ticks] */
  readonly startTicks: number
  /** Return of this instrument for one of the common factor */
  readonly beta: number
  /** Standard deviation of its own one-second return */
  readonly volatility: number
  /** How often accounts choose it */
  readonly popularity: number
  /** lotSize × tickSize, in the ledger's units: exact */
  readonly tickValueUnits: bigint
  /** The same as a double [currency], for statistics and screening */
  readonly tickValue: number
}

/** A bracket: up to `cap`, at `rate`, with at most `leverage`. */
type Bracket = readonly [cap: number | null, rate: string, leverage: number]

const BRACKETS: Record<LiquidityClass, readonly Bracket[]> = {
  major: [
    [300_000, '0.005', 100],
    [800_000, '0.0065', 75],
    [3_000_000, '0.01', 50],
    [12_000_000, '0.02', 25],
    [70_000_000, '0.025', 20],
    [null, '0.05', 10],
  ],
  large: [
    [50_000, '0.0075', 75],
    [250_000, '0.01', 50],
    [1_000_000, '0.02', 25],
    [5_000_000, '0.05', 10],
    [null, '0.1', 5],
  ],
  alt: [
    [10_000, '0.01', 50],
    [50_000, '0.015', 40],
    [200_000, '0.025', 20],
    [1_000_000, '0.05', 10],
    [null, '0.125', 4],
  ],
}

const POOLS: Record<LiquidityClass, string> = {
  major: 'usd-majors',
  large: 'usd-alts',
  alt: 'usd-alts',
}

/** Follow of the common factor and own volatility per second, where nothing better is known. */
const MOVEMENT: Record<LiquidityClass, { beta: number; volatility: number; popularity: number }> = {
  major: { beta: 1, volatility: 0.000_05, popularity: 20 },
  large: { beta: 1.4, volatility: 0.000_09, popularity: 6 },
  alt: { beta: 1.7, volatility: 0.000_12, popularity: 3 },
}

interface BuiltIn {
  readonly instrument: string
  readonly liquidity: LiquidityClass
  readonly lotSize: string
  readonly tickSize: string
  readonly orderLotsMin: number
  readonly startTicks: number
  readonly beta: number
  readonly popularity: number
}

const BUILT_IN: readonly BuiltIn[] = [
  {
    instrument: 'BTC-PERP',
    liquidity: 'major',
    lotSize: '0.0001',
    tickSize: '0.1',
    orderLotsMin: 1,
    startTicks: 612_500,
    beta: 1,
    popularity: 38,
  },
  {
    instrument: 'ETH-PERP',
    liquidity: 'major',
    lotSize: '0.001',
    tickSize: '0.01',
    orderLotsMin: 2,
    startTicks: 312_000,
    beta: 1.2,
    popularity: 24,
  },
  {
    instrument: 'SOL-PERP',
    liquidity: 'large',
    lotSize: '0.01',
    tickSize: '0.001',
    orderLotsMin: 5,
    startTicks: 148_500,
    beta: 1.45,
    popularity: 13,
  },
  {
    instrument: 'XRP-PERP',
    liquidity: 'large',
    lotSize: '1',
    tickSize: '0.0001',
    orderLotsMin: 5,
    startTicks: 18_400,
    beta: 1.4,
    popularity: 8,
  },
  {
    instrument: 'BNB-PERP',
    liquidity: 'large',
    lotSize: '0.01',
    tickSize: '0.01',
    orderLotsMin: 1,
    startTicks: 58_400,
    beta: 1.1,
    popularity: 6,
  },
  {
    instrument: 'DOGE-PERP',
    liquidity: 'large',
    lotSize: '1',
    tickSize: '0.00001',
    orderLotsMin: 50,
    startTicks: 16_250,
    beta: 1.6,
    popularity: 5,
  },
  {
    instrument: 'AVAX-PERP',
    liquidity: 'alt',
    lotSize: '0.1',
    tickSize: '0.001',
    orderLotsMin: 2,
    startTicks: 24_600,
    beta: 1.7,
    popularity: 3,
  },
  {
    instrument: 'SUI-PERP',
    liquidity: 'alt',
    lotSize: '0.1',
    tickSize: '0.0001',
    orderLotsMin: 20,
    startTicks: 28_300,
    beta: 1.85,
    popularity: 3,
  },
]

const MAJORS = /^(?:BTC|XBT|ETH)/
const LARGE = /^(?:SOL|XRP|BNB|DOGE|ADA|TRX|LTC|BCH|LINK|XLM|HYPE|AVAX|TON|SUI|HBAR|DOT|UNI|LUNA)/

/** The first `count` of the built-in instruments, best known first. */
export function builtInInstruments(count: number): VenueInstrument[] {
  if (!Number.isInteger(count) || count < 1 || count > BUILT_IN.length) {
    throw new InvalidSimulatorOptionsError(
      `instruments: ${count} asked for; give a whole number from 1 to ${BUILT_IN.length}`,
    )
  }
  return BUILT_IN.slice(0, count).map(builtIn => ({
    ...sizesOf(builtIn.lotSize, builtIn.tickSize),
    instrument: builtIn.instrument,
    liquidity: builtIn.liquidity,
    orderLotsMin: builtIn.orderLotsMin,
    orderLotsMax: 1_000_000_000,
    pool: POOLS[builtIn.liquidity],
    tiers: tiersOf(builtIn.liquidity),
    startTicks: builtIn.startTicks,
    beta: builtIn.beta,
    volatility: MOVEMENT[builtIn.liquidity].volatility,
    popularity: builtIn.popularity,
  }))
}

/**
 * An instrument for a price series of a symbol: the tick leaves at least five significant digits at the first price and three
 * at the lowest; one lot is worth between a tenth of a unit of currency and one at the first price.
 */
export function instrumentOfSeries(symbol: string, first: number, lowest: number): VenueInstrument {
  const tickExponent = Math.min(exponentOf(first) - 4, exponentOf(lowest) - 2)
  const lotExponent = Math.max(-1 - exponentOf(first), -12 - tickExponent)
  const sizes = sizesOf(`1e${lotExponent}`, `1e${tickExponent}`)
  const liquidity = liquidityOf(symbol)
  const startTicks = new Decimal(first).div(sizes.tickSize).round().toNumber()
  return {
    ...sizes,
    ...MOVEMENT[liquidity],
    instrument: symbol,
    liquidity,
    orderLotsMin: Math.max(1, Math.ceil(1 / (startTicks * sizes.tickValue))),
    orderLotsMax: 1_000_000_000_000,
    pool: POOLS[liquidity],
    tiers: tiersOf(liquidity),
    startTicks,
  }
}

/** ⌊log10⌋ of a price, read off its decimal digits so that no logarithm is rounded. */
function exponentOf(price: number): number {
  return new Decimal(price).e
}

function liquidityOf(symbol: string): LiquidityClass {
  if (MAJORS.test(symbol)) return 'major'
  return LARGE.test(symbol) ? 'large' : 'alt'
}

function sizesOf(lot: string, tick: string) {
  const lotSize = new Decimal(lot)
  const tickSize = new Decimal(tick)
  const tickValue = lotSize.times(tickSize)
  if (tickValue.decimalPlaces() > 12) {
    throw new InvalidSimulatorOptionsError(
      `lot ${lot} × tick ${tick} has more than 12 decimals: money could not be exact; use a larger lot`,
    )
  }
  return { lotSize, tickSize, tickValueUnits: unitsOf(tickValue), tickValue: tickValue.toNumber() }
}

/** Continuous brackets: each deduction is the one before plus floor × (rate − rate before). */
function tiersOf(liquidity: LiquidityClass): RiskTier[] {
  let notionalFloor = ZERO
  let rateBefore = ZERO
  let deduction = ZERO
  return BRACKETS[liquidity].map(([cap, rate, leverageMax]) => {
    const maintenanceRate = new Decimal(rate)
    deduction = deduction.plus(notionalFloor.times(maintenanceRate.minus(rateBefore)))
    const notionalCap = cap === null ? null : new Decimal(cap)
    const tier = { notionalFloor, notionalCap, maintenanceRate, deduction, leverageMax }
    rateBefore = maintenanceRate
    notionalFloor = notionalCap ?? notionalFloor
    return tier
  })
}

/** Maintenance margin in doubles [currency]: for drawing accounts and statistics, never for a decision. */
export function maintenanceApprox(instrument: VenueInstrument, notional: number): number {
  const tier = tierApprox(instrument, notional)
  return notional * tier.maintenanceRate.toNumber() - tier.deduction.toNumber()
}

/** Largest leverage admitted for a notional [currency]. */
export function leverageMaxOf(instrument: VenueInstrument, notional: number): number {
  return tierApprox(instrument, notional).leverageMax
}

function tierApprox(instrument: VenueInstrument, notional: number): RiskTier {
  const found = instrument.tiers.find(
    tier => tier.notionalCap === null || tier.notionalCap.gte(notional),
  )
  if (found === undefined)
    throw new InvalidSimulatorOptionsError(`${instrument.instrument}: no tiers`)
  return found
}
