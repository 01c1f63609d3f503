import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Decimal } from '@sluice/domain/decimal'
import { isLiquidatable, marginOf } from '@sluice/domain/margin'
import { populate } from '../src/accounts.ts'
import { Displacement } from '../src/impact.ts'
import { builtInInstruments } from '../src/instruments.ts'
import { Ledger } from '../src/ledger.ts'
import { Makers } from '../src/makers.ts'
import { amountOf } from '../src/money.ts'
import { MARKET } from '../src/parameters.ts'
import { ScenarioPath } from '../src/price-path.ts'
import { SCENARIOS } from '../src/scenarios.ts'
import type { ScenarioName } from '../src/scenarios.ts'

const SEED = 20_260_105
const QUOTING = { fairTicks: 612_500, depthLots: 100_000 }

describe('makers', () => {
  test('never quote a crossed book, at any price', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (fairTicks, depthLots) => {
          const { bids, asks } = new Makers().quotes({ fairTicks, depthLots })
          expect(bids[0]?.priceTicks ?? 0).toBeLessThan(asks[0]?.priceTicks ?? Infinity)
          expect(bids.every(level => level.priceTicks >= 1 && level.quantityLots >= 0)).toBe(true)
        },
      ),
      { seed: SEED, numRuns: 200 },
    )
  })

  test('show the depth they want within its distance, give or take a level', () => {
    const { bids } = new Makers().quotes(QUOTING)
    const bound = QUOTING.fairTicks * (1 - MARKET.depthDistanceRate)
    const lots = bids
      .filter(level => level.priceTicks >= bound)
      .reduce((sum, l) => sum + l.quantityLots, 0)
    expect(lots).toBeGreaterThan(0.7 * QUOTING.depthLots)
    expect(lots).toBeLessThanOrEqual(QUOTING.depthLots)
  })

  test('quote half of what was eaten again after the half-life, and all of it in the end', () => {
    const makers = new Makers()
    const quotes = makers.quotes(QUOTING)
    const book = makers.layOut(quotes)
    const level = quotes.bids[3]!
    book.immediateOrCancel({ side: 'sell', quantityLots: 1e9, limitTicks: level.priceTicks })
    makers.readBack(quotes, book)
    const shown = () => makers.quotes(QUOTING).bids[3]!.quantityLots
    expect(shown()).toBe(0)
    for (let step = 0; step < MARKET.replenishHalfLifeMs / MARKET.stepMs; step += 1)
      makers.replenish(MARKET.stepMs)
    expect(Math.abs(shown() - level.quantityLots / 2)).toBeLessThanOrEqual(1)
    for (let step = 0; step < 1000; step += 1) makers.replenish(MARKET.stepMs)
    expect(shown()).toBe(level.quantityLots)
    expect(makers.quotes(QUOTING).asks).toEqual(quotes.asks)
  })
})

test('a forced sale pulls the index down part of the way, and both come back', () => {
  const displacement = new Displacement()
  displacement.push('sell', 50_000, 100_000)
  const pushed = displacement.venue
  expect(pushed).toBeCloseTo(-MARKET.impactShare * MARKET.depthDistanceRate * 0.5, 12)
  for (let step = 0; step < 60; step += 1) displacement.relax()
  expect(displacement.index).toBeLessThan(0.2 * pushed)
  expect(displacement.index).toBeGreaterThan(pushed)
  for (let step = 0; step < 14_400; step += 1) displacement.relax()
  expect([displacement.venue, displacement.index]).toEqual([0, 0])
})

describe('scenarios', () => {
  test.each(Object.keys(SCENARIOS) as ScenarioName[])('%s ends near where its table says', name => {
    const instruments = builtInInstruments(8)
    const path = new ScenarioPath(name, instruments, 7)
    const table = SCENARIOS[name].points.at(-1)!
    for (let step = 0; step < path.steps; step += 1) path.advance()
    expect(path.steps).toBe(table.minute * 60)
    instruments.forEach((instrument, index) => {
      const reached = Math.log(path.ticks[index]! / instrument.startTicks)
      expect(Math.abs(reached - instrument.beta * table.logReturn)).toBeLessThan(0.06)
    })
  })
})

describe('the population', () => {
  const ledger = new Ledger(builtInInstruments(8))
  const summary = populate(ledger, { accounts: 500, seed: 7, opaqueId: raw => `id-${raw}` })

  test('starts above maintenance margin, by the rule book’s arithmetic', () => {
    const below = [...ledger.scopes.values()].filter(scope => {
      const positions = scope.holdings.map(({ instrument, lots, entryUnits }) => {
        const spec = ledger.instruments[instrument]!
        return {
          spec,
          tiers: spec.tiers,
          quantityLots: lots,
          entryNotional: amountOf(entryUnits),
          markTicks: spec.startTicks,
        }
      })
      return isLiquidatable(marginOf(amountOf(scope.wallet.units), positions), new Decimal('1.09'))
    })
    expect(below).toEqual([])
  })

  test('has the house on the other side of everything', () => {
    for (const [index] of ledger.instruments.entries()) {
      let lots = 0
      let entryUnits = 0n
      for (const scope of [ledger.house, ...ledger.scopes.values()]) {
        for (const holding of scope.holdings) {
          if (holding.instrument !== index) continue
          lots += holding.lots
          entryUnits += holding.entryUnits
        }
      }
      expect([lots, entryUnits]).toEqual([0, 0n])
    }
  })

  test('is summed up as it is', () => {
    expect(summary.accounts).toBe(500)
    expect(summary.scopes).toBe(ledger.scopes.size)
    const isolated = [...ledger.scopes.values()].filter(scope => scope.isolatedInstrument !== null)
    expect(summary.isolatedScopes).toBe(isolated.length)
    const held = [...ledger.scopes.values()].reduce((sum, scope) => sum + scope.holdings.length, 0)
    expect(summary.positions).toBe(held)
    expect(Object.values(summary.byLeverage).reduce((sum, count) => sum + count, 0)).toBe(held)
    expect(
      isolated.every(scope => scope.scope === `${scope.account}/${scope.isolatedInstrument}`),
    ).toBe(true)
  })
})
