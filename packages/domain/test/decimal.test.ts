import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  approximate,
  APPROXIMATION_ERROR,
  Decimal,
  decimalOf,
  decimalOfParts,
  floorWithin,
} from '../src/decimal.ts'

describe('decimalOf', () => {
  test('gives the number that decimal.js reads from its text, in the same words', () => {
    const edges = [
      0,
      1,
      -1,
      9_999_999,
      10_000_000,
      -10_000_000,
      10 ** 14,
      10 ** 15 + 1,
      2 ** 53 - 1,
      -(2 ** 53 - 1),
    ]
    const wholes = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...edges))
    fc.assert(
      fc.property(wholes, value => {
        const [made, read] = [decimalOf(value), new Decimal(String(value))]
        expect([made.d, made.e, made.s * (value === 0 ? 0 : 1)]).toEqual([
          read.d,
          read.e,
          read.s * (value === 0 ? 0 : 1),
        ])
      }),
      { seed: 7, numRuns: 1000 },
    )
  })
})

describe('decimalOfParts', () => {
  test('gives the number that decimal.js reads from its text, in the same words', () => {
    const anyWhole = fc.oneof(
      fc.maxSafeInteger(),
      fc.constantFrom(0, 1, 10 ** 7, 10 ** 14, -(10 ** 7)),
    )
    const anyFraction = fc.oneof(
      fc.integer({ min: 0, max: 10 ** 12 - 1 }),
      fc.integer({ min: 0, max: 10 ** 7 - 1 }).map(high => high * 10 ** 5),
      fc.constantFrom(1, 10, 99_999, 100_000, 10 ** 11),
    )
    fc.assert(
      fc.property(anyWhole, anyFraction, fc.boolean(), (whole, fraction, isBelow) => {
        const sign = whole < 0 || (whole === 0 && isBelow) ? -1 : 1
        const text = `${sign < 0 ? '-' : ''}${Math.abs(whole)}.${String(fraction).padStart(12, '0')}`
        const [made, read] = [decimalOfParts(whole, sign * fraction), new Decimal(text)]
        expect([made.d, made.e, made.isZero() || made.s]).toEqual([
          read.d,
          read.e,
          read.isZero() || read.s,
        ])
      }),
      { seed: 8, numRuns: 2000 },
    )
  })
})

describe('approximate', () => {
  test('is within its error of the decimal, and has its sign', () => {
    const anyDigits = fc.bigInt({ min: -(10n ** 34n), max: 10n ** 34n })
    fc.assert(
      fc.property(anyDigits, fc.integer({ min: -60, max: 40 }), (digits, exponent) => {
        const value = new Decimal(`${digits}e${exponent}`)
        const error = new Decimal(approximate(value)).minus(value).abs()
        expect(error.lte(value.abs().times(APPROXIMATION_ERROR))).toBe(true)
        expect(Math.sign(approximate(value))).toBe(value.isZero() ? value.s * 0 : value.s)
      }),
      { seed: 9, numRuns: 2000 },
    )
  })

  test('leads to a whole number only where its error leaves no doubt', () => {
    expect(floorWithin(2.5, 0.4)).toBe(2)
    expect(floorWithin(2.5, 0.6)).toBeNull()
    expect(floorWithin(3, 0)).toBe(3)
    expect(floorWithin(3, 1e-9)).toBeNull()
    expect(floorWithin(-0.5, 0.1)).toBe(-1)
    expect(floorWithin(Number.NaN, 0)).toBeNull()
  })
})
