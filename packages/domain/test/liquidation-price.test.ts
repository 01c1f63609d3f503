import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Decimal } from '../src/decimal.ts'
import { PRICE_TICKS_MAX } from '../src/instrument.ts'
import {
  exactLiquidationPriceTicks,
  liquidationPriceApprox,
  liquidationPriceTicks,
} from '../src/liquidation-price.ts'
import { isLiquidatable, marginOf, type PositionInput } from '../src/margin.ts'
import { anyPosition, d, RUNS, specOf, tiersOf } from './generators.ts'

interface Scope {
  readonly walletBalance: Decimal
  readonly positions: readonly PositionInput[]
  readonly index: number
  readonly triggerRatio: Decimal
}

/** Wallets around what the positions need, so that most prices are within reach. */
const anyScope: fc.Arbitrary<Scope> = fc
  .record({
    positions: fc.array(anyPosition, { minLength: 1, maxLength: 4 }),
    at: fc.nat(),
    coverPercent: fc.integer({ min: -50, max: 4_000 }),
    triggerPercent: fc.integer({ min: 80, max: 130 }),
  })
  .map(({ positions, at, coverPercent, triggerPercent }) => {
    const { equity, maintenanceMargin } = marginOf(d(0), positions)
    const wanted = maintenanceMargin.times(coverPercent).div(100)
    return {
      positions,
      index: at % positions.length,
      walletBalance: wanted.minus(equity).toDecimalPlaces(12),
      triggerRatio: d(triggerPercent).div(100),
    }
  })

function isLiquidatableAt(scope: Scope, markTicks: number): boolean {
  const moved = scope.positions.map((position, at) =>
    at === scope.index ? { ...position, markTicks } : position,
  )
  return isLiquidatable(marginOf(scope.walletBalance, moved), scope.triggerRatio)
}

describe('liquidation price', () => {
  test('is the last tick at which the scope is safe; one further it is not', () => {
    let found = 0
    fc.assert(
      fc.property(anyScope, scope => {
        const ticks = liquidationPriceTicks(scope)
        const isLong = scope.positions[scope.index]!.quantityLots > 0
        if (ticks === null) {
          const verdicts = [1, 1_000, 50_000_000, PRICE_TICKS_MAX].map(at =>
            isLiquidatableAt(scope, at),
          )
          expect(new Set(verdicts).size).toBe(1)
          return
        }
        found += 1
        expect(isLiquidatableAt(scope, ticks)).toBe(false)
        expect(isLiquidatableAt(scope, isLong ? ticks - 1 : ticks + 1)).toBe(true)
      }),
      { numRuns: RUNS, seed: 4 },
    )
    expect(found).toBeGreaterThan(RUNS / 2)
  })

  test('in doubles with a proof is the one in decimals, also where wallets make it a whole number', () => {
    fc.assert(
      fc.property(anyScope, fc.boolean(), (scope, isRound) => {
        const walletBalance = isRound ? scope.walletBalance.toDecimalPlaces(0) : scope.walletBalance
        const asked = { ...scope, walletBalance }
        expect(liquidationPriceTicks(asked)).toBe(exactLiquidationPriceTicks(asked))
      }),
      { numRuns: 10 * RUNS, seed: 6 },
    )
  })

  test('agrees with the float form to a tick', () => {
    fc.assert(
      fc.property(anyScope, scope => {
        const position = scope.positions[scope.index]!
        const others = scope.positions.filter((_, at) => at !== scope.index)
        const rest = marginOf(scope.walletBalance, others)
        const fixed = rest.equity
          .minus(position.entryNotional)
          .minus(rest.maintenanceMargin.times(scope.triggerRatio))
        const approximate = liquidationPriceApprox(
          {
            quantityLots: position.quantityLots,
            tickValue: position.spec.lotSize.times(position.spec.tickSize).toNumber(),
            fixed: fixed.toNumber(),
            triggerRatio: scope.triggerRatio.toNumber(),
          },
          position.tiers.map(tier => ({
            notionalCap: tier.notionalCap?.toNumber() ?? Infinity,
            maintenanceRate: tier.maintenanceRate.toNumber(),
            deduction: tier.deduction.toNumber(),
          })),
        )
        const exact = liquidationPriceTicks(scope)
        if (exact === null) return
        expect(Math.abs(approximate - exact)).toBeLessThan(1 + exact * 1e-9)
      }),
      { numRuns: RUNS, seed: 5 },
    )
  })

  test('of a fully funded long does not exist', () => {
    const long = {
      spec: specOf(),
      tiers: tiersOf([[0, '0.01']]),
      quantityLots: 1_000,
      entryNotional: d(50_000),
      markTicks: 500_000,
    }
    const scope = { positions: [long], index: 0, triggerRatio: d(1) }
    expect(liquidationPriceTicks({ ...scope, walletBalance: d(50_000) })).toBeNull()
    expect(liquidationPriceTicks({ ...scope, walletBalance: d(0) })).toBe(505_051)
  })

  test('needs an open position', () => {
    const scope = { positions: [], index: 0, triggerRatio: d(1), walletBalance: d(0) }
    expect(() => liquidationPriceTicks(scope)).toThrow('no open position at index 0 of 0')
  })
})
