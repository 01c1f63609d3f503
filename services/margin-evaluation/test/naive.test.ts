import { describe, expect, test } from '@jest/globals'
import { driveProcessor } from '@sluice/testkit/given'
import fc from 'fast-check'
import { createProcessor } from '../src/processor.ts'
import { DEFAULT_SETTINGS } from '../src/settings.ts'
import { command, type Driver, Generator, people, SHORT_TIME } from './commands.ts'

const fast = createProcessor()
const naive = createProcessor(undefined, 'full-scan')

describe('The trigger book and the full scan', () => {
  test('emit the same events after every input, and end in the same state', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(
        people,
        fc.array(command, { maxLength: 60, minLength: 30, size: 'max' }),
        (people, commands) => {
          const drivers: Driver[] = [
            driveProcessor(fast, { checkSnapshots: false }),
            driveProcessor(naive, { checkSnapshots: false }),
          ]
          const generator = new Generator(drivers)
          for (const next of [...people, ...commands]) generator.run(next)
          generator.run({ kind: 'pass', ms: SHORT_TIME })
          const [a, b] = drivers.map(driver => fast.snapshot(driver.state))
          expect(Buffer.compare(a!, b!)).toBe(0)
          for (const { type } of drivers[0]!.events) seen.set(type, (seen.get(type) ?? 0) + 1)
        },
      ),
      { numRuns: process.env['SLUICE_LONG'] === undefined ? 40 : 20_000, seed: 20_251_010 },
    )
    for (const type of [
      'LiquidationTriggered',
      'MarginCallIssued',
      'MarginCallCleared',
      'AccountRiskReported',
      'ScopeDistrusted',
      'ScopeTrusted',
      'InputRefused',
      'LiquidationProfileReported',
      'DeleveragingCandidatesRanked',
    ])
      expect(seen.get(type) ?? 0).toBeGreaterThan(5)
  })

  test('emit the same events while those under water at the first snapshot are released in stages', () => {
    const catchUp = { scopesPerInterval: 2, intervalMs: 5_000 }
    const settings = { ...DEFAULT_SETTINGS, catchUp }
    const processors = [createProcessor(settings), createProcessor(settings, 'full-scan')]
    let fromTheQueue = 0
    fc.assert(
      fc.property(
        people,
        fc.array(command, { maxLength: 40, minLength: 20, size: 'max' }),
        (people, commands) => {
          const drivers: Driver[] = processors.map(processor =>
            driveProcessor(processor, { checkSnapshots: false }),
          )
          const generator = new Generator(drivers, { isOpen: false })
          for (const next of people) generator.run(next)
          generator.run({ kind: 'price', on: 0, move: -0.08, steps: 1, isAll: true })
          generator.run({ kind: 'snapshot' })
          for (const next of commands) generator.run(next)
          generator.run({ kind: 'pass', ms: 30_000 })
          const [a, b] = drivers.map(driver => fast.snapshot(driver.state))
          expect(Buffer.compare(a!, b!)).toBe(0)
          for (const { type, meta } of drivers[0]!.events)
            if (type === 'LiquidationTriggered' && meta.causeIds.length > 1) fromTheQueue += 1
        },
      ),
      { numRuns: process.env['SLUICE_LONG'] === undefined ? 20 : 10_000, seed: 20_261_124 },
    )
    expect(fromTheQueue).toBeGreaterThan(5)
  })

  test('a snapshot taken before any input and restored changes nothing that follows', () => {
    fc.assert(
      fc.property(
        people,
        fc.array(command, { maxLength: 30, minLength: 10, size: 'max' }),
        (people, commands) => {
          const drivers: Driver[] = [driveProcessor(fast)]
          const generator = new Generator(drivers)
          for (const next of [...people, ...commands]) generator.run(next)
        },
      ),
      { numRuns: process.env['SLUICE_LONG'] === undefined ? 5 : 2_000, seed: 20_251_011 },
    )
  })
})
