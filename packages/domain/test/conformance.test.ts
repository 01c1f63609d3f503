import { describe, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runConformance, summaryOf, type Outcome } from './conformance.ts'

const OWN = fileURLToPath(new URL('../conformance', import.meta.url))
const SHARED = fileURLToPath(new URL('../../../../shared/vectors', import.meta.url))

function failuresOf(outcomes: readonly Outcome[]): string[] {
  return outcomes
    .filter(({ verdict }) => verdict === 'failed')
    .map(({ id, detail }) => `${id}: ${detail}`)
}

describe('conformance', () => {
  test('of our own cases: every one is answered, and right', () => {
    const outcomes = runConformance(OWN)
    expect(failuresOf(outcomes)).toEqual([])
    expect(outcomes.filter(({ verdict }) => verdict !== 'passed')).toEqual([])
    expect(outcomes.length).toBeGreaterThanOrEqual(40)
  })

  if (existsSync(SHARED)) {
    const outcomes = runConformance(SHARED)
    const supported = outcomes.filter(({ verdict }) => verdict !== 'unsupported')

    test(`of the venues' cases: the ${supported.length} of ${outcomes.length} that our rules answer are right`, () => {
      expect(failuresOf(outcomes)).toEqual([])
      expect(supported.length).toBeGreaterThanOrEqual(50)
    })

    test('reports each file and category, and why a case has no answer', () => {
      const lines = summaryOf(outcomes)
      expect(lines).toContain('binance.json liq_price: 6 passed, 0 failed, 0 unsupported')
      const unsupported = outcomes.filter(({ verdict }) => verdict === 'unsupported')
      expect(unsupported.every(({ detail }) => detail.length > 0)).toBe(true)
    })
  } else {
    test.skip("of the venues' cases (no folder ../shared/vectors beside this repository)", () => {
      throw new Error('never runs')
    })
  }
})
