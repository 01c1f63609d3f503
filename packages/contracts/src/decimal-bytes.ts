import { Decimal } from '@sluice/domain/decimal'

const WORD = 10_000_000
const WORD_DIGITS = 7
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, WORD] as const
const LIMB = 0x1000000
const LIMB_BYTES = 3
const LIMBS = 6
/** 38 digits take at most 127 bits with their sign. */
export const DECIMAL_BYTES_MAX = 16

/** Why a number does not fit the wire. */
export type DecimalFault = 'not_finite' | 'scale_too_fine' | 'too_many_digits'

/** The magnitude being converted, least significant limb first. One for all: conversions never nest. */
const limbs = new Float64Array(LIMBS)
let used = 0

/** limbs ← limbs × factor + addend. */
function multiplyAdd(factor: number, addend: number): void {
  let carry = addend
  for (let index = 0; index < used; index++) {
    const value = (limbs[index] as number) * factor + carry
    carry = Math.floor(value / LIMB)
    limbs[index] = value - carry * LIMB
  }
  if (carry > 0) limbs[used++] = carry
}

/** limbs ← limbs ÷ divisor; answers the remainder. */
function divide(divisor: number): number {
  let remainder = 0
  for (let index = used - 1; index >= 0; index--) {
    const value = remainder * LIMB + (limbs[index] as number)
    const quotient = Math.floor(value / divisor)
    remainder = value - quotient * divisor
    limbs[index] = quotient
  }
  if (used > 0 && limbs[used - 1] === 0) used--
  return remainder
}

/** Byte of the magnitude, counted from the least significant. */
function byteAt(index: number): number {
  const limb = Math.floor(index / LIMB_BYTES)
  return limb < used ? ((limbs[limb] as number) >>> (8 * (index - limb * LIMB_BYTES))) & 0xff : 0
}

function lowBytesAreZero(count: number): boolean {
  for (let index = 0; index < count; index++) if (byteAt(index) !== 0) return false
  return true
}

/** Fewest bytes that hold the magnitude with a sign bit: at least one. */
function bytesNeeded(negative: boolean): number {
  let bytes = used * LIMB_BYTES
  while (bytes > 1 && byteAt(bytes - 1) === 0) bytes--
  const lead = byteAt(Math.max(bytes - 1, 0))
  if (bytes === 0) return 1
  const isLowest = negative && lead === 0x80 && lowBytesAreZero(bytes - 1)
  return lead < 0x80 || isLowest ? bytes : bytes + 1
}

/** Writes the loaded magnitude with its sign as `bytes` bytes of two's complement. */
function storeBytes(
  target: Uint8Array,
  offset: number,
  sign: { negative: boolean; bytes: number },
): void {
  let carry = 1
  for (let index = 0; index < sign.bytes; index++) {
    let byte = byteAt(index)
    if (sign.negative) {
      byte = (byte ^ 0xff) + carry
      carry = byte >> 8
    }
    target[offset + sign.bytes - 1 - index] = byte
  }
}

/** Loads the magnitude of a two's complement number; answers whether it is negative. */
function loadBytes(source: Uint8Array, offset: number, length: number): boolean {
  const negative = (source[offset] as number) >= 0x80
  let carry = 1
  used = 0
  for (let index = 0, shift = 0, limb = 0; index < length; index++) {
    let byte = source[offset + length - 1 - index] as number
    if (negative) {
      byte = (byte ^ 0xff) + carry
      carry = byte >> 8
      byte &= 0xff
    }
    limb += byte << shift
    shift += 8
    if (shift === 24 || index === length - 1) {
      limbs[used++] = limb
      shift = 0
      limb = 0
    }
  }
  while (used > 0 && limbs[used - 1] === 0) used--
  return negative
}

const digitsOf = (word: number): number => {
  let digits = 1
  while (digits < WORD_DIGITS && word >= (POWERS[digits] as number)) digits++
  return digits
}

/**
 * `Decimal` ↔ Avro's decimal of one precision and scale: the unscaled integer as big-endian two's complement, in as few
 * bytes as hold it.
 *
 * decimal.js keeps a number as words of seven decimal digits aligned at the point; the wire wants powers of two. Both
 * directions convert between those words and limbs of 24 bits in plain number arithmetic: no product exceeds 2^48, so
 * every step is exact, and neither text nor a bigint is made.
 */
export class DecimalFormat {
  /** Digits altogether, at most 38. */
  readonly precision: number
  /** Digits after the point. */
  readonly scale: number
  readonly #wholeWords: number
  readonly #partPower: number
  readonly #restPower: number

  constructor(precision: number, scale: number) {
    this.precision = precision
    this.scale = scale
    this.#wholeWords = Math.floor(scale / WORD_DIGITS)
    const partDigits = scale - this.#wholeWords * WORD_DIGITS
    this.#partPower = POWERS[partDigits] ?? 1
    this.#restPower = WORD / this.#partPower
  }

  /** Why the format cannot hold `value` exactly, or undefined if it can. */
  faultOf(value: Decimal): DecimalFault | undefined {
    if (!value.isFinite()) return 'not_finite'
    if (value.e + 1 + this.scale > this.precision) return 'too_many_digits'
    const partIndex = Math.floor(value.e / WORD_DIGITS) + this.#wholeWords + 1
    if (value.d.length > partIndex + 1) return 'scale_too_fine'
    return (value.d[partIndex] ?? 0) % this.#restPower === 0 ? undefined : 'scale_too_fine'
  }

  /**
   * Writes `value` to `target` at `offset` and answers how many bytes it takes; what lies beyond the end of `target` is
   * dropped. `faultOf(value)` must be undefined.
   */
  write(value: Decimal, target: Uint8Array, offset: number): number {
    used = 0
    const words = value.d
    const first = Math.floor(value.e / WORD_DIGITS)
    const whole = first + this.#wholeWords + 1
    for (let index = 0; index < whole; index++) multiplyAdd(WORD, words[index] ?? 0)
    multiplyAdd(this.#partPower, (words[whole] ?? 0) / this.#restPower)
    const negative = value.s < 0 && used > 0
    const bytes = bytesNeeded(negative)
    storeBytes(target, offset, { negative, bytes })
    return bytes
  }

  /** The number in the `length` (1 to 16) bytes of `source` at `offset`. */
  read(source: Uint8Array, offset: number, length: number): Decimal {
    const negative = loadBytes(source, offset, length)
    const part = divide(this.#partPower) * this.#restPower
    const words = part === 0 ? [] : [part]
    let exponent = -this.#wholeWords - 1
    while (used > 0) {
      const word = divide(WORD)
      exponent++
      if (word !== 0 || words.length > 0) words.push(word)
    }
    const lead = words.at(-1)
    const value: Decimal & { d: number[]; e: number; s: number } = new Decimal(0)
    if (lead === undefined) return value
    value.d = words.reverse()
    value.e = exponent * WORD_DIGITS + digitsOf(lead) - 1
    value.s = negative ? -1 : 1
    return value
  }
}
