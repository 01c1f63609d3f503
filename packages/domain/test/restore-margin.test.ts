import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Decimal } from '../src/decimal.ts'
import { positionMaintenance, positionNotional, type PositionInput } from '../src/margin.ts'
import {
  closingCostRate,
  exactRestoreLots,
  restoreLots,
  restoreNotional,
  restoreTarget,
  type RestoreLotsInput,
} from '../src/restore-margin.ts'
import { maintenanceMargin } from '../src/tiers.ts'
import { anyPosition, d, RUNS, specOf, tiersOf } from './generators.ts'

interface Case {
  readonly position: PositionInput
  readonly otherPercent: number
  readonly coverPercent: number
  readonly buffer: number
  readonly slippage: number
  readonly fee: number
  readonly trigger: number
}

const anyCase: fc.Arbitrary<RestoreLotsInput> = fc
  .record<Case>({
    position: anyPosition,
    otherPercent: fc.integer({ min: 0, max: 200 }),
    coverPercent: fc.integer({ min: -20, max: 140 }),
    buffer: fc.integer({ min: 0, max: 60 }),
    slippage: fc.integer({ min: 0, max: 20 }),
    fee: fc.integer({ min: 0, max: 20 }),
    trigger: fc.integer({ min: 80, max: 120 }),
  })
  .map(({ position, otherPercent, coverPercent, buffer, slippage, fee, trigger }) => {
    const own = positionMaintenance(position)
    const required = own.times(100 + otherPercent).div(100)
    return {
      position,
      maintenanceMargin: required,
      equity: required.times(coverPercent).div(100),
      triggerRatio: d(trigger).div(100),
      restoreBuffer: d(buffer).div(100),
      expectedSlippage: d(slippage).div(1000),
      feeRate: d(fee).div(2000),
    }
  })

/** The inequality itself, written out with prices instead of cost rates. */
function suffices(input: RestoreLotsInput, closedLots: number): boolean {
  const { position, equity, expectedSlippage, feeRate } = input
  const unit = position.spec.lotSize.times(position.spec.tickSize).times(position.markTicks)
  const lots = Math.abs(position.quantityLots)
  const mark = unit.times(closedLots)
  const isLong = position.quantityLots > 0
  const fill = mark.times(isLong ? d(1).minus(expectedSlippage) : d(1).plus(expectedSlippage))
  const after = equity.minus(mark.minus(fill).abs()).minus(fill.times(feeRate))
  const others = input.maintenanceMargin.minus(positionMaintenance(position))
  const required = others.plus(maintenanceMargin(position.tiers, unit.times(lots - closedLots)))
  return after.gte(required.times(input.triggerRatio).times(input.restoreBuffer.plus(1)))
}

/** Equity with which the target is met exactly when so many lots are closed. */
function equityThatStopsAt(input: RestoreLotsInput, closedLots: number): Decimal {
  const { position, triggerRatio, restoreBuffer } = input
  const unit = position.spec.lotSize.times(position.spec.tickSize).times(position.markTicks)
  const left = unit.times(Math.abs(position.quantityLots) - closedLots)
  const others = input.maintenanceMargin.minus(positionMaintenance(position))
  const required = others.plus(maintenanceMargin(position.tiers, left))
  const costRate = closingCostRate({ ...input, isLong: position.quantityLots > 0 })
  return required
    .times(restoreTarget(triggerRatio, restoreBuffer))
    .plus(unit.times(closedLots).times(costRate))
}

function byBruteForce(input: RestoreLotsInput): number {
  const lots = Math.abs(input.position.quantityLots)
  for (let closed = 0; closed < lots; closed += 1) if (suffices(input, closed)) return closed
  return lots
}

describe('restoring margin', () => {
  test('takes the lots that brute force over every lot finds', () => {
    const kinds = { none: 0, part: 0, all: 0 }
    fc.assert(
      fc.property(anyCase, input => {
        const lots = restoreLots(input)
        const all = Math.abs(input.position.quantityLots)
        kinds[lots === 0 ? 'none' : lots === all ? 'all' : 'part'] += 1
        expect(lots).toBe(byBruteForce(input))
      }),
      { numRuns: RUNS, seed: 6 },
    )
    expect(kinds.none).toBeGreaterThan(RUNS / 50)
    expect(kinds.part).toBeGreaterThan(RUNS / 10)
    expect(kinds.all).toBeGreaterThan(RUNS / 50)
  })

  test('in doubles with a proof takes the lots that decimals take, also where equity stops at a whole lot', () => {
    fc.assert(
      fc.property(anyCase, fc.nat(), fc.constantFrom(-1, 0, 1), (input, at, units) => {
        expect(restoreLots(input)).toBe(exactRestoreLots(input))
        const equity = equityThatStopsAt(input, at % Math.abs(input.position.quantityLots))
        const edge = { ...input, equity: equity.plus(d(units).times('1e-12')) }
        expect(restoreLots(edge)).toBe(exactRestoreLots(edge))
      }),
      { numRuns: 10 * RUNS, seed: 16 },
    )
  })

  test('is minimal for positions no brute force could walk', () => {
    const anyScale = fc.integer({ min: 10, max: 40_000_000_000 })
    fc.assert(
      fc.property(anyCase, anyScale, (small, scale) => {
        const { position } = small
        const large = {
          ...position,
          quantityLots: position.quantityLots * scale,
          spec: {
            ...position.spec,
            lotSize: position.spec.lotSize.div(scale).toSignificantDigits(9),
          },
        }
        const input = {
          ...small,
          position: large,
          maintenanceMargin: positionMaintenance(large).times(2),
        }
        const lots = restoreLots(input)
        const all = Math.abs(large.quantityLots)
        if (lots === 0) expect(suffices(input, 0)).toBe(true)
        else expect(suffices(input, lots - 1)).toBe(false)
        if (lots < all) expect(suffices(input, lots)).toBe(true)
      }),
      { numRuns: RUNS, seed: 7 },
    )
  })

  test('in whole lots is the continuous answer rounded up', () => {
    fc.assert(
      fc.property(anyCase, input => {
        const { position, equity, expectedSlippage, feeRate } = input
        const continuous = restoreNotional({
          notional: positionNotional(position),
          tiers: position.tiers,
          equity,
          otherMaintenance: input.maintenanceMargin.minus(positionMaintenance(position)),
          target: restoreTarget(input.triggerRatio, input.restoreBuffer),
          costRate: closingCostRate({
            isLong: position.quantityLots > 0,
            expectedSlippage,
            feeRate,
          }),
        })
        const lotNotional = positionNotional(position).div(Math.abs(position.quantityLots))
        const lots = restoreLots(input)
        expect(lotNotional.times(lots).gte(continuous.minus('1e-9'))).toBe(true)
        expect(lotNotional.times(lots - 1).lte(continuous.plus('1e-9'))).toBe(true)
      }),
      { numRuns: RUNS, seed: 8 },
    )
  })

  test('closes everything where a unit closed costs more than it frees', () => {
    const position = {
      spec: specOf(),
      tiers: tiersOf([[0, '0.005']]),
      quantityLots: 1_000,
      entryNotional: d(50_000),
      markTicks: 500_000,
    }
    const base = { position, maintenanceMargin: d(250), equity: d(200), triggerRatio: d(1) }
    const costly = { restoreBuffer: d(0), expectedSlippage: d('0.004'), feeRate: d('0.002') }
    expect(restoreLots({ ...base, ...costly })).toBe(1_000)
  })

  test('refuses rates that make no sense', () => {
    const position = {
      spec: specOf(),
      tiers: tiersOf([[0, '0.005']]),
      quantityLots: 1_000,
      entryNotional: d(50_000),
      markTicks: 500_000,
    }
    const input = {
      position,
      maintenanceMargin: d(250),
      equity: d(200),
      triggerRatio: d(1),
      restoreBuffer: d(0),
      expectedSlippage: d(0),
      feeRate: d(0),
    }
    expect(() => restoreLots({ ...input, feeRate: d('-0.1') })).toThrow('rates must be ≥ 0')
    expect(() => restoreLots({ ...input, expectedSlippage: d(1) })).toThrow('slippage below 1')
    expect(() => restoreLots({ ...input, triggerRatio: d(0) })).toThrow('trigger ratio above 0')
    expect(() => restoreLots({ ...input, position: { ...position, markTicks: 0 } })).toThrow(
      'mark is 0 ticks',
    )
  })
})
