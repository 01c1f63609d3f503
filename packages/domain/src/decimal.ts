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

/** x > 0, by its sign: to compare with a number, decimal.js makes a decimal of that first. */
export function isAboveZero(value: Decimal): boolean {
  return value.isPositive() && !value.isZero()
}

/** x < 0, by its sign. */
export function isBelowZero(value: Decimal): boolean {
  return value.isNegative() && !value.isZero()
}

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
  if (Math.abs(value) < WORD) return new Decimal(value)
  const words: number[] = []
  const exponent = addWhole(words, Math.abs(value))
  return ofWords(words, exponent, value < 0 ? -1 : 1)
}

/** Adds the words of a whole number above zero; answers its exponent. */
function addWhole(words: number[], size: number): number {
  const rest = Math.floor(size / WORD)
  const exponent = rest === 0 ? digitsOf(size) - 1 : addWhole(words, rest) + WORD_DIGITS
  words.push(size % WORD)
  return exponent
}

/** A whole number of units of the twelfth digit fills a word after the point and five digits of the next. */
const FIRST_WORD_UNITS = 1e5
const SECOND_WORD_REST = 100

/**
 * whole + fraction · 10⁻¹² as a decimal, put together from its words.
 *
 * @param whole A safe integer.
 * @param fraction Below 10¹² without its sign, which is that of `whole` unless one of them is zero.
 */
export function decimalOfParts(whole: number, fraction: number): Decimal {
  if (fraction === 0) return decimalOf(whole)
  const size = Math.abs(fraction)
  const words: number[] = []
  const exponent = whole === 0 ? 0 : addWhole(words, Math.abs(whole))
  words.push(Math.floor(size / FIRST_WORD_UNITS), (size % FIRST_WORD_UNITS) * SECOND_WORD_REST)
  if (whole !== 0) return ofWords(words, exponent, whole < 0 ? -1 : 1)
  const zeros = words[0] === 0 ? 1 : 0
  const first = words[zeros] as number
  return ofWords(
    words.slice(zeros),
    digitsOf(first) - 1 - (zeros + 1) * WORD_DIGITS,
    fraction < 0 ? -1 : 1,
  )
}

function ofWords(words: number[], exponent: number, sign: number): Decimal {
  while (words[words.length - 1] === 0) words.pop()
  const decimal: DecimalJs & { d: number[]; e: number; s: number } = new Decimal(0)
  decimal.d = words
  decimal.e = exponent
  decimal.s = sign
  return decimal
}

/** Weight of a decimal's last word read by `approximate`, as powers of the words' base that a literal rounds to the nearest double. */
const WEIGHTS = [1, 1e7, 1e14, 1e21, 1e28, 1e35, 1e42]
/** Three words hold at least 15 digits, the fourth makes sure of a double's 16. */
const WORDS_READ = 4

/** Bound on the relative error of `approximate`: fewer than eight roundings, each within half a unit in the last place. */
export const APPROXIMATION_ERROR = 2 ** -50

/** Bound on the error of a sum of products of such doubles, relative to the sum of their sizes: each has fewer than eight factors. */
export const PRODUCTS_ERROR = 16 * APPROXIMATION_ERROR

/**
 * A decimal as a double, within `APPROXIMATION_ERROR`, by its words: `toNumber` goes by way of text, ten times as slow. Its sign is exact.
 * For estimates, and for proofs that carry the error along.
 */
export function approximate(value: Decimal): number {
  const { d: words, e: exponent, s: sign } = value
  const count = Math.min(words.length, WORDS_READ)
  let coefficient = 0
  for (let place = 0; place < count; place += 1)
    coefficient = coefficient * WORD + (words[place] as number)
  const last = Math.floor(exponent / WORD_DIGITS) - count + 1
  const weight = WEIGHTS[Math.abs(last)]
  if (weight === undefined) return value.toNumber()
  return sign * (last < 0 ? coefficient / weight : coefficient * weight)
}

/** ⌊x⌋ where x is known to within `error`; null where that leaves a doubt. */
export function floorWithin(x: number, error: number): number | null {
  const floor = Math.floor(x - error)
  return floor === Math.floor(x + error) ? floor : null
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
