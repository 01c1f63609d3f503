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

const WORD = 10_000_000
const WORD_DIGITS = 7

/**
 * A whole number as a decimal. decimal.js reads numbers from 10^7 on by way of text; this puts its words of seven digits together
 * directly, several times as fast.
 *
 * @param value A safe integer.
 */
export function decimalOf(value: number): Decimal {
  const size = Math.abs(value)
  if (size < WORD) return new Decimal(value)
  const words = [size % WORD]
  let rest = Math.floor(size / WORD)
  let digits = WORD_DIGITS
  while (rest >= WORD) {
    words.unshift(rest % WORD)
    rest = Math.floor(rest / WORD)
    digits += WORD_DIGITS
  }
  words.unshift(rest)
  while (words[words.length - 1] === 0) words.pop()
  const decimal: DecimalJs & { d: number[]; e: number; s: number } = new Decimal(0)
  decimal.d = words
  decimal.e = digits + digitsOf(rest) - 1
  decimal.s = value < 0 ? -1 : 1
  return decimal
}

function digitsOf(word: number): number {
  let digits = 1
  for (let power = 10; word >= power; power *= 10) digits += 1
  return digits
}

/** Digits after the point that money has on the wire. */
export const MONEY_SCALE = 12
/** Digits after the point that rates have on the wire. */
export const RATE_SCALE = 9
