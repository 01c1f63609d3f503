import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { faultOfTiers, maintenanceMargin, tierOf, type RiskTier } from '../src/tiers.ts'
import { anyTiers, d, RUNS, tiersOf } from './generators.ts'

const tiers = tiersOf([
  [0, '0.004'],
  [50_000, '0.005'],
  [250_000, '0.01'],
])

function withTier(at: number, change: Partial<RiskTier>): RiskTier[] {
  return tiers.map((tier, index) => (index === at ? { ...tier, ...change } : tier))
}

describe('maintenance margin', () => {
  test('is notional times rate less the deduction of its bracket', () => {
    expect(maintenanceMargin(tiers, d(10_000)).toFixed()).toBe('40')
    expect(maintenanceMargin(tiers, d(264_000)).toFixed()).toBe('1340')
    expect(maintenanceMargin(tiers, d(0)).toFixed()).toBe('0')
  })

  test('counts an edge to the bracket below it', () => {
    expect(tierOf(tiers, d(50_000))).toBe(tiers[0])
    expect(tierOf(tiers, d('50000.01'))).toBe(tiers[1])
  })

  test('applies the last bracket beyond a finite table', () => {
    const finite = withTier(2, { notionalCap: d(1_000_000) })
    expect(tierOf(finite, d(2_000_000))).toBe(finite[2])
  })

  test('is rounded up where money has no digit for it', () => {
    const [first] = tiersOf([[0, '0.000000001']])
    expect(maintenanceMargin([first!], d('0.0001')).toFixed()).toBe('0.000000000001')
  })

  test('is continuous, and convex, for every sound table', () => {
    fc.assert(
      fc.property(anyTiers, table => {
        expect(faultOfTiers(table)).toBeUndefined()
        for (const [at, tier] of table.entries()) {
          const below = table[at - 1]
          if (below === undefined) continue
          const edge = tier.notionalFloor
          const fromAbove = edge.times(tier.maintenanceRate).minus(tier.deduction)
          expect(maintenanceMargin(table, edge).eq(fromAbove)).toBe(true)
          expect(tier.maintenanceRate.gte(below.maintenanceRate)).toBe(true)
        }
      }),
      { numRuns: RUNS, seed: 3 },
    )
  })
})

describe('a tier table', () => {
  test.each([
    ['no_tiers', []],
    ['first_floor_not_zero', withTier(0, { notionalFloor: d(1) })],
    ['cap_not_above_floor', withTier(1, { notionalCap: d(50_000) })],
    ['open_tier_not_last', withTier(1, { notionalCap: null })],
    ['gap_between_tiers', withTier(1, { notionalFloor: d(50_001) })],
    ['tiers_overlap', withTier(1, { notionalFloor: d(49_999) })],
    ['rate_not_between_zero_and_one', withTier(0, { maintenanceRate: d(0) })],
    ['rate_not_between_zero_and_one', withTier(2, { maintenanceRate: d(1) })],
    ['rate_falls', withTier(1, { maintenanceRate: d('0.003') })],
    ['deduction_negative', withTier(1, { deduction: d(-1) })],
    ['requirement_jumps', withTier(2, { deduction: d(1299) })],
    ['requirement_jumps', withTier(0, { deduction: d(1) })],
    ['leverage_not_positive', withTier(2, { leverageMax: 0 })],
  ])('is refused for %s', (fault, table) => {
    expect(faultOfTiers(table)).toBe(fault)
  })

  test('that is sound has no fault', () => {
    expect(faultOfTiers(tiers)).toBeUndefined()
  })
})
