import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventsOf } from '@sluice/audit/log-events'
import { verifyLog } from '@sluice/audit/verify-log'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import type { TopicName } from '@sluice/contracts/topics'
import type { VenueFault } from '@sluice/exchange-simulator/types'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { SimulationMismatchError } from '../src/arguments.ts'
import type { SimulationResult } from '../src/run-simulation.ts'
import { recordsOf, simulate, SMALL, temporaryDirectory } from './fixtures.ts'

let first: Awaited<ReturnType<typeof temporaryDirectory>>
let result: SimulationResult

beforeAll(async () => {
  first = await temporaryDirectory()
  result = await simulate(first.path)
})
afterAll(() => first.remove())

async function inTemporary<Result>(use: (path: string) => Promise<Result>): Promise<Result> {
  const { path, remove } = await temporaryDirectory()
  try {
    return await use(path)
  } finally {
    await remove()
  }
}

async function eventsIn(directory: string, topic: TopicName): Promise<SluiceEvent[]> {
  const log = openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })
  const found: SluiceEvent[] = []
  for await (const { event } of eventsOf(log, topic, 0)) found.push(event)
  await log.close()
  return found
}

async function verified(directory: string, evaluators = 1) {
  const log = openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })
  const reports = await verifyLog(log, { evaluators })
  await log.close()
  return reports
}

describe('a simulated crash', () => {
  test('liquidates, partially where that is enough, and conserves money at every step', () => {
    expect(result.summary.partial).toBeGreaterThan(0)
    expect(result.summary.liquidations).toBeGreaterThanOrEqual(
      result.summary.partial + result.summary.full,
    )
    expect(result.summary.moneyConserved).toBe(true)
  })

  test('gives the same bytes for the same arguments', () =>
    inTemporary(async path => {
      const again = await simulate(path)
      expect({ ...again.summary, seconds: 0 }).toEqual({ ...result.summary, seconds: 0 })
      expect(await recordsOf(path)).toEqual(await recordsOf(first.path))
    }))

  test('is sound when verified, and every input is under a receipt', async () => {
    const reports = await verified(first.path)
    expect(reports.map(({ task }) => task)).toEqual([
      'price-0',
      'margin-evaluation-0',
      'liquidation-execution-0',
      'cascade-analytics-0',
    ])
    const exchange = reports
      .flatMap(({ coverage }) => coverage)
      .filter(({ topic }) => /data|accounts|reports/.test(topic))
    for (const { coveredTo, end } of exchange) expect(coveredTo).toBe(end)
  })

  test('liquidates in every partition with the accounts spread over three evaluators', () =>
    inTemporary(async path => {
      const { summary } = await simulate(path, { arguments: { ...SMALL, evaluators: 3 } })
      expect(summary.moneyConserved).toBe(true)
      expect(await verified(path, 3)).toHaveLength(6)
      const started = (await eventsIn(path, 'liquidation-execution')).flatMap(event =>
        event.type === 'LiquidationStarted' ? [event.liquidationId.split('/')[0]] : [],
      )
      expect(new Set(started).size).toBe(3)
      expect(summary.liquidations).toBe(started.length)
    }))

  test('refuses a directory that holds another simulation', async () => {
    await expect(simulate(first.path)).rejects.toThrow(SimulationMismatchError)
    const other = { ...SMALL, seed: 8 }
    await expect(simulate(first.path, { arguments: other, resume: true })).rejects.toThrow(/seed/)
  })
})

describe('a venue that answers late, twice, partially or not at all', () => {
  const kinds = [
    'LiquidationOrderPlaced',
    'OrderCancellationRequested',
    'LiquidationFeeRequested',
    'FundMovementRequested',
    'DeleveragingOrdered',
    'LossShareRequested',
  ] as const
  const faults = ['late', 'reported_late', 'twice', 'partial', 'silent'] as const
  const canBePartial: ReadonlySet<string> = new Set([
    'LiquidationOrderPlaced',
    'DeleveragingOrdered',
  ])
  const every: VenueFault[] = kinds.flatMap(kind =>
    faults
      .filter(fault => fault !== 'partial' || canBePartial.has(kind))
      .map((fault, at): VenueFault => ({ kind, nth: 2 + 3 * at, fault })),
  )

  test('costs no money, no order is executed twice, and the log stays sound', () =>
    inTemporary(async path => {
      const { summary } = await simulate(path, { faults: every })
      expect(summary.moneyConserved).toBe(true)
      await verified(path)
      const filled = (await eventsIn(path, 'execution-reports')).flatMap(event =>
        event.type === 'PositionReduced'
          ? []
          : event.type === 'OrderFilled'
            ? [event.executionId]
            : [],
      )
      const reduced = (await eventsIn(path, 'liquidation-execution')).flatMap(event =>
        event.type === 'PositionReduced' && event.mechanism === 'order' ? [event.executionId] : [],
      )
      expect(new Set(reduced).size).toBe(reduced.length)
      expect(new Set(reduced)).toEqual(new Set(filled))
    }))
})
