import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Decimal, decimalOf } from '../src/decimal.ts'

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
