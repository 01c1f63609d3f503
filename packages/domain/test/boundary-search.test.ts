import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { largestWhere, smallestWhere } from '../src/boundary-search.ts'
import { RUNS } from './generators.ts'

const anySearch = fc
  .record({ low: fc.integer({ min: -50, max: 50 }), width: fc.nat(1_000), guess: fc.integer() })
  .chain(({ low, width, guess }) =>
    fc
      .integer({ min: low, max: low + width + 1 })
      .map(boundary => ({ low, high: low + width, guess, boundary })),
  )

test('a boundary is found from any guess, at either end and beyond', () => {
  fc.assert(
    fc.property(anySearch, ({ boundary, ...range }) => {
      expect(smallestWhere(at => at >= boundary, range)).toBe(boundary)
      expect(largestWhere(at => at < boundary, range)).toBe(boundary - 1)
    }),
    { numRuns: RUNS, seed: 9 },
  )
})

test('an exact guess costs two calls, one a thousand off about twenty', () => {
  let calls = 0
  const holds = (at: number): boolean => {
    calls += 1
    return at >= 1e12
  }
  smallestWhere(holds, { low: 1, high: 1e15, guess: 1e12 })
  expect(calls).toBe(2)
  calls = 0
  smallestWhere(holds, { low: 1, high: 1e15, guess: 1e12 - 1_000 })
  expect(calls).toBeLessThan(24)
})
