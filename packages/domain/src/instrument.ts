import { decimalOf, ROUND_HALF_EVEN, type Decimal } from './decimal.ts'
import { InvalidRiskInputError } from './invalid-risk-input.ts'

/** What turns lots and ticks into money, for a linear contract settled in one currency. */
export interface InstrumentSpec {
  readonly instrument: string
  /** Base units of one lot */
  readonly lotSize: Decimal
  /** Settlement currency of one tick, per base unit */
  readonly tickSize: Decimal
  /** Smallest order, and smallest remainder a liquidation may leave */
  readonly orderLotsMin: number
  readonly orderLotsMax: number
}

/** Largest price a codec admits: 15 digits. */
export const PRICE_TICKS_MAX = 999_999_999_999_999

/** By record: every valuation asks for it, and a record never changes. */
const tickValues = new WeakMap<InstrumentSpec, Decimal>()

/** Money that one lot gains per tick: lotSize × tickSize [settlement currency]. Exact. */
export function tickValue(spec: InstrumentSpec): Decimal {
  const known = tickValues.get(spec)
  if (known !== undefined) return known
  const value = spec.lotSize.times(spec.tickSize)
  tickValues.set(spec, value)
  return value
}

/**
 * Value of a position at a price: lots × lotSize × ticks × tickSize [settlement currency].
 *
 * SIGNED with the lots: a short's is negative; its notional is the absolute value. Exact within the codecs' limits.
 */
export function notionalOf(
  spec: InstrumentSpec,
  quantityLots: number,
  priceTicks: number,
): Decimal {
  const product = quantityLots * priceTicks
  if (Number.isSafeInteger(product)) return tickValue(spec).times(decimalOf(product))
  return tickValue(spec).times(quantityLots).times(priceTicks)
}

/** A tick value as coefficient / divisor, both doubles that are exact. */
interface TickFraction {
  readonly coefficient: number
  readonly divisor: number
}

const EXACT_POWER_OF_TEN_MAX = 22

const tickFractions = new WeakMap<InstrumentSpec, TickFraction>()

/** Places beyond what doubles hold give a coefficient that no product with it is safe with. */
function tickFraction(spec: InstrumentSpec): TickFraction {
  const known = tickFractions.get(spec)
  if (known !== undefined) return known
  const value = tickValue(spec)
  const places = value.decimalPlaces()
  const divisor = Number(`1e${places}`)
  const isExact = places <= EXACT_POWER_OF_TEN_MAX
  const fraction = { coefficient: isExact ? value.times(divisor).toNumber() : Infinity, divisor }
  tickFractions.set(spec, fraction)
  return fraction
}

/**
 * The double nearest to `notionalOf`, for reports: the same number as its `toNumber`, without the way through text. Where the product of
 * whole numbers is below 2^53 only the one division rounds, and IEEE 754 rounds it to the nearest.
 */
export function nearestNotional(
  spec: InstrumentSpec,
  quantityLots: number,
  priceTicks: number,
): number {
  const { coefficient, divisor } = tickFraction(spec)
  const product = quantityLots * priceTicks
  const units = product * coefficient
  if (Number.isSafeInteger(product) && Number.isSafeInteger(units)) return units / divisor
  return notionalOf(spec, quantityLots, priceTicks).toNumber()
}

/** A price in the settlement currency per base unit: ticks × tickSize. Exact. */
export function priceOf(spec: InstrumentSpec, ticks: number): Decimal {
  return spec.tickSize.times(ticks)
}

/** The price in whole ticks, rounded down. @throws InvalidRiskInputError beyond 2^53 ticks. */
export function ticksAtOrBelow(spec: InstrumentSpec, price: Decimal): number {
  return wholeTicks(floorQuotient(price, spec.tickSize), price)
}

/** The price in whole ticks, rounded up. @throws InvalidRiskInputError beyond 2^53 ticks. */
export function ticksAtOrAbove(spec: InstrumentSpec, price: Decimal): number {
  return wholeTicks(ceilQuotient(price, spec.tickSize), price)
}

/** The price in whole ticks, to the nearest, half to even. @throws InvalidRiskInputError beyond 2^53 ticks. */
export function ticksNearest(spec: InstrumentSpec, price: Decimal): number {
  return wholeTicks(price.div(spec.tickSize).toDecimalPlaces(0, ROUND_HALF_EVEN), price)
}

/** ⌊dividend / divisor⌋, exactly (no intermediate quotient is rounded). Divisor above zero. */
export function floorQuotient(dividend: Decimal, divisor: Decimal): Decimal {
  const whole = dividend.divToInt(divisor)
  return whole.times(divisor).gt(dividend) ? whole.minus(1) : whole
}

/** ⌈dividend / divisor⌉, exactly. Divisor above zero. */
export function ceilQuotient(dividend: Decimal, divisor: Decimal): Decimal {
  const whole = dividend.divToInt(divisor)
  return whole.times(divisor).lt(dividend) ? whole.plus(1) : whole
}

function wholeTicks(ticks: Decimal, price: Decimal): number {
  const whole = ticks.toNumber()
  if (Number.isSafeInteger(whole)) return whole
  throw new InvalidRiskInputError('ticks', `price ${price.toString()} is beyond 2^53 ticks`)
}
