import { Decimal as DecimalJs } from 'decimal.js'

/**
 * The one constructor every decision is computed with: 34 significant digits, half-even. A clone, so that nobody's global
 * settings reach it. Inputs are bounded by the codecs (price ≤ 15 digits, quantity ≤ 2^53 lots, rates ≤ 9 digits, money
 * scale ≤ 12), so that sums and products of them are exact; only quotients round, and each says which way.
 */
export const Decimal = DecimalJs.clone({
  precision: 34,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -40,
  toExpPos: 40,
})
export type Decimal = DecimalJs

export const ZERO = new Decimal(0)
export const ONE = new Decimal(1)

export const ROUND_UP = DecimalJs.ROUND_UP
export const ROUND_DOWN = DecimalJs.ROUND_DOWN
export const ROUND_CEIL = DecimalJs.ROUND_CEIL
export const ROUND_FLOOR = DecimalJs.ROUND_FLOOR
export const ROUND_HALF_EVEN = DecimalJs.ROUND_HALF_EVEN

/** Digits after the point that money has on the wire. */
export const MONEY_SCALE = 12
/** Digits after the point that rates have on the wire. */
export const RATE_SCALE = 9
