import { beforeEach, describe, expect, test } from '@jest/globals'
import { encodeEvent } from '@sluice/contracts/codec'
import { mapTasks } from '@sluice/pipeline/topology'
import { openTask } from '@sluice/pipeline/tasks'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { caseFileOf } from '../src/case-file.ts'
import { NotInLogError } from '../src/errors.ts'
import { checkFinished, finishedRunOf, type FinishedRun } from '../src/finished-run.ts'
import { listLiquidations } from '../src/liquidations.ts'
import { eventsOf } from '../src/log-events.ts'
import { stateAt } from '../src/state-at.ts'
import { shareTasks, taskSizes } from '../src/task-shares.ts'
import { verifyLog } from '../src/verify-log.ts'

const TOPOLOGY = { evaluators: 1 }
const TRADE = encodeEvent({
  type: 'TradePrinted',
  instrument: 'BTC-PERP',
  priceTicks: 100,
  quantityLots: 1,
  aggressor: 'buy',
})

let log: MemoryLog
beforeEach(async () => {
  log = new MemoryLog()
  await log.append({ topic: 'market-data', partition: 0 }, [
    { key: null, value: TRADE },
    { key: null, value: Buffer.from('no event') },
    { key: null, value: TRADE },
  ])
  const tasks = mapTasks(log, TOPOLOGY, definition => openTask(definition, { owner: 'test' }))
  for (const task of tasks) {
    await task.start()
    for (let outcome = 'worked'; outcome === 'worked';) ({ outcome } = await task.step())
    task.flush()
    for (let outcome = 'worked'; outcome === 'worked';) ({ outcome } = await task.step())
  }
})

describe('the events of a partition', () => {
  test('of the exchange have the ids of their records, and what cannot be decoded is passed over', async () => {
    const ids: string[] = []
    for await (const { id } of eventsOf(log, 'market-data', 0)) ids.push(id)
    expect(ids).toEqual(['market-data-0@0', 'market-data-0@2'])
  })

  test('of ours have numbers of their own, and receipts are not among them', async () => {
    const found: string[] = []
    for await (const { id, event } of eventsOf(log, 'price', 0)) found.push(`${id} ${event.type}`)
    expect(found).toContain('price-0/1 InputRefused')
    expect(found.some(each => each.includes('Receipt'))).toBe(false)
  })
})

describe('verification', () => {
  test('reports every task, or the one asked for', async () => {
    expect(await verifyLog(log, TOPOLOGY)).toHaveLength(4)
    const [price] = await verifyLog(log, TOPOLOGY, { tasks: ['price-0'] })
    expect(price).toMatchObject({ task: 'price-0', inputs: 3 })
  })

  test('refuses a task and a receipt that the log has not', async () => {
    await expect(verifyLog(log, TOPOLOGY, { tasks: ['price-1'] })).rejects.toThrow(
      /no task price-1 in this log: price-0, margin-evaluation-0/,
    )
    await expect(verifyLog(log, TOPOLOGY, { tasks: ['price-0'], upTo: 99 })).rejects.toThrow(
      /price-0 has \d+ receipts in this log, and none with sequence 99/,
    )
  })
})

describe('shares of the work', () => {
  const TASKS = [
    { task: 'a', records: 1 },
    { task: 'b', records: 5 },
    { task: 'c', records: 7 },
    { task: 'd', records: 3 },
  ]

  test('are about equal, largest first, and keep the order of the tasks', () => {
    const [first, second] = shareTasks(TASKS, 2)
    expect(first?.map(({ task }) => task)).toEqual(['a', 'c'])
    expect(second?.map(({ task }) => task)).toEqual(['b', 'd'])
  })

  test('are as many as there are workers, and never empty', () => {
    expect(shareTasks(TASKS, 1)).toEqual([TASKS])
    expect(shareTasks(TASKS, 9)).toHaveLength(4)
    expect(shareTasks([], 2)).toEqual([])
  })

  test('are measured by the inputs of each task', async () => {
    const sizes = await taskSizes(log, TOPOLOGY)
    expect(sizes).toHaveLength(4)
    expect(sizes[0]).toEqual({ task: 'price-0', records: 3 })
  })
})

describe('the state of a task', () => {
  test('is plain data, and the same as the one verified', async () => {
    const [price] = await verifyLog(log, TOPOLOGY, { tasks: ['price-0'] })
    const found = await stateAt({ log, topology: TOPOLOGY }, 'price-0')
    expect(found).toMatchObject({ stateHash: price?.stateHash, receipt: price?.lastReceipt })
    expect(JSON.parse(JSON.stringify(found))).toEqual(found)
  })

  test('is refused for a task or a receipt that is not there', async () => {
    const opened = { log, topology: TOPOLOGY }
    await expect(stateAt(opened, 'nobody-0')).rejects.toThrow(NotInLogError)
    await expect(stateAt(opened, 'price-0', 99)).rejects.toThrow(/none with sequence 99/)
  })
})

describe('liquidations', () => {
  test('are none in a log without any, and one that is not there is refused', async () => {
    expect(await listLiquidations(log)).toEqual([])
    await expect(caseFileOf(log, 'margin-evaluation-0/1', 1)).rejects.toThrow(
      /is no liquidation of this log/,
    )
  })
})

describe('the end of a run', () => {
  const endOf = async (): Promise<FinishedRun> => {
    const reports = await verifyLog(log, TOPOLOGY)
    const tasks = reports.map(({ task, events, stateHash, lastReceipt }) => [
      task,
      { events, stateHash, lastReceipt },
    ])
    return {
      stateHash: 'ab',
      events: 4,
      tasks: Object.fromEntries(tasks) as FinishedRun['tasks'],
      records: { 'market-data-0': 3 },
    }
  }
  const check = async (run: FinishedRun): Promise<void> =>
    checkFinished(log, run, await verifyLog(log, TOPOLOGY))

  test('is none where the log says nothing, and is refused where it says something else', () => {
    expect(finishedRunOf(undefined)).toBeNull()
    for (const held of [
      null,
      {},
      'yes',
      { stateHash: 'ab', events: 1, tasks: { a: 1 }, records: {} },
    ])
      expect(() => finishedRunOf(held)).toThrow(/restore it from a copy/)
  })

  test('is found where the log holds all of it', async () => {
    const run = await endOf()
    expect(finishedRunOf(run)).toBe(run)
    await expect(check(run)).resolves.toBeUndefined()
  })

  test('is missed with partition, receipt and event where something is gone', async () => {
    const run = await endOf()
    const price = run.tasks['price-0']!
    const withPrice = (change: Partial<typeof price>): FinishedRun => ({
      ...run,
      tasks: { ...run.tasks, 'price-0': { ...price, ...change } },
    })
    await expect(check({ ...run, records: { 'market-data-0': 4 } })).rejects.toThrow(
      /^market-data-0@3: the run ended with 4 records, the log holds 3 \(confirmed_batch_lost\)/,
    )
    for (const change of [
      { events: price.events + 1 },
      { lastReceipt: price.lastReceipt + 1 },
      { stateHash: 'ab' },
    ]) {
      await expect(check(withPrice(change))).rejects.toThrow(
        /^price-0@\d+: the log ends with receipt \d+ of price-0, event price-0\/\d+/,
      )
    }
  })

  test('may be followed by the takeover of somebody who came to look', async () => {
    const run = await endOf()
    for (const task of mapTasks(log, TOPOLOGY, each => openTask(each, { owner: 'later' })))
      await task.start()
    await expect(check(run)).resolves.toBeUndefined()
  })
})
