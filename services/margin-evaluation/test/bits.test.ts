import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Bits } from '../src/bits.ts'

describe('Bits', () => {
  test('find the next clear one as a set does, also beyond all that were ever set', () => {
    const anyChange = fc.record({ slot: fc.integer({ min: 0, max: 4_000 }), run: fc.nat(100) })
    fc.assert(
      fc.property(fc.array(fc.tuple(anyChange, fc.boolean())), changes => {
        const bits = new Bits()
        const members = new Set<number>()
        for (const [{ slot, run }, on] of changes) {
          for (let each = slot; each <= slot + run; each += 1) {
            bits.set(each, on)
            if (on) members.add(each)
            else members.delete(each)
          }
        }
        for (let slot = 0; slot < 4_200; slot += 7) {
          let next = slot
          while (members.has(next)) next += 1
          expect(bits.nextClear(slot)).toBe(next)
        }
      }),
      { numRuns: 50, seed: 1 },
    )
  })
})
