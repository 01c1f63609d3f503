import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { bankruptcyPriceTicks } from '../src/bankruptcy-price.ts'
import { ZERO } from '../src/decimal.ts'
import { branchingAtMark, linearImpact, projectShock } from '../src/heat-map.ts'
import { notionalOf } from '../src/instrument.ts'
import { positionMaintenance, positionNotional, type PositionInput } from '../src/margin.ts'
import { closingCostRate, restoreLots, restoreTarget } from '../src/restore-margin.ts'
import { maintenanceMargin } from '../src/tiers.ts'
import { d, specOf, tiersOf } from './generators.ts'

const PAGE = readFileSync(new URL('../../../docs/reference/sizing.md', import.meta.url), 'utf8')

function example(name: string): unknown {
  const [, block] = PAGE.split('```json ' + name)
  return JSON.parse(block!.slice(0, block!.indexOf('```')))
}

test('the restoring example of the sizing page is what the rule book computes', () => {
  const stated = example('restore') as Record<string, string> & {
    readonly tiers: [string, string][]
    readonly quantityLots: number
    readonly markTicks: number
    readonly restoreLots: number
  }
  const tiers = tiersOf(stated.tiers)
  const spec = specOf({ lotSize: d(stated['lotSize']!), tickSize: d(stated['tickSize']!) })
  const { quantityLots, markTicks } = stated
  const position: PositionInput = { spec, tiers, quantityLots, markTicks, entryNotional: ZERO }
  const input = {
    position,
    equity: d(stated['equity']!),
    maintenanceMargin: positionMaintenance(position),
    triggerRatio: d(stated['triggerRatio']!),
    restoreBuffer: d(stated['restoreBuffer']!),
    expectedSlippage: d(stated['expectedSlippage']!),
    feeRate: d(stated['feeRate']!),
  }
  const cost = closingCostRate({ isLong: true, ...input })
  const target = restoreTarget(input.triggerRatio, input.restoreBuffer)
  const after = (closedLots: number) => {
    const left = notionalOf(spec, quantityLots - closedLots, markTicks)
    const paid = notionalOf(spec, closedLots, markTicks).times(cost)
    return {
      left,
      equity: input.equity.minus(paid),
      target: maintenanceMargin(tiers, left).times(target),
    }
  }
  const lots = restoreLots(input)
  const { left, equity, target: needed } = after(lots)
  const short = after(lots - 1)

  expect(lots).toBe(stated.restoreLots)
  expect(short.equity.lt(short.target)).toBe(true)
  expect({
    notional: positionNotional(position).toFixed(),
    maintenanceMargin: input.maintenanceMargin.toFixed(),
    costRate: cost.toFixed(),
    notionalLeft: left.toFixed(),
    equityAfter: equity.toFixed(),
    targetAfter: needed.toFixed(),
  }).toEqual({
    notional: stated['notional'],
    maintenanceMargin: stated['maintenanceMargin'],
    costRate: stated['costRate'],
    notionalLeft: stated['notionalLeft'],
    equityAfter: stated['equityAfter'],
    targetAfter: stated['targetAfter'],
  })
})

test('the bankruptcy example of the sizing page is what the rule book computes', () => {
  const stated = example('bankruptcy') as {
    readonly tiers: [string, string][]
    readonly lotSize: string
    readonly tickSize: string
    readonly walletBalance: string
    readonly positions: {
      readonly quantityLots: number
      readonly entry: string
      readonly markTicks: number
      readonly bankruptcyTicks: number
    }[]
  }
  const spec = specOf({ lotSize: d(stated.lotSize), tickSize: d(stated.tickSize) })
  const positions = stated.positions.map(({ quantityLots, entry, markTicks }) => ({
    spec,
    tiers: tiersOf(stated.tiers),
    quantityLots,
    markTicks,
    entryNotional: d(entry).times(quantityLots).times(stated.lotSize),
  }))
  const walletBalance = d(stated.walletBalance)
  const ticks = positions.map((_, index) =>
    bankruptcyPriceTicks({ walletBalance, positions, index }),
  )
  expect(ticks).toEqual(stated.positions.map(({ bankruptcyTicks }) => bankruptcyTicks))
})

test('the amplification table of the sizing page is what the heat map projects', () => {
  const stated = example('amplification') as {
    readonly branchingRatio: number
    readonly liquidatedFraction: number
    readonly amplification: number
  }[]
  expect(stated.length).toBeGreaterThan(0)
  for (const { branchingRatio, liquidatedFraction, amplification } of stated) {
    const bins = Array.from({ length: 2_000 }, (_, index) => ({ index, notional: 1 }))
    const market = {
      bins,
      binWidth: 0.01,
      side: 'long' as const,
      markTicks: 1_000_000,
      impact: linearImpact(branchingRatio * 0.01),
      liquidatedFraction,
    }
    expect(projectShock(market, 0.05).amplification).toBeCloseTo(amplification, 6)
    expect(branchingAtMark(market)).toBeCloseTo(branchingRatio * liquidatedFraction, 6)
  }
})
