import { describe, expect, test } from '@jest/globals'
import type { InputRun, TickRun } from '@sluice/contracts/generated/events'
import { MemoryLog } from '../src/memory-log.ts'
import { Task, type TaskOptions } from '../src/task.ts'
import { verifyTask } from '../src/verify.ts'
import { appendTrades, burst, counting, OPERATIONS, record } from './counting.ts'

const LIMITS: TaskOptions = { limits: { chunkRecords: 4 } }

/** Runs of inputs as receipts have them, joined where one goes on from the last. */
function orderOf(runs: readonly (InputRun | TickRun)[]): string[] {
  const order: string[] = []
  for (const run of runs) {
    const source = 'tick' in run ? 'tick' : run.source
    if (order.at(-1) !== source) order.push(source)
  }
  return order
}

async function settled(log: MemoryLog, options: TaskOptions = LIMITS): Promise<string[]> {
  const runs: (InputRun | TickRun)[] = []
  const onConfirmed: TaskOptions['onConfirmed'] = ({ receipt }) => runs.push(...receipt.inputRuns)
  const task = new Task(counting(log), { ...options, onConfirmed })
  await task.start()
  for (let round = 0; round < 3; round += 1) {
    while ((await task.step()).outcome !== 'waiting') task.tick(1_000_000)
    task.flush()
  }
  return orderOf(runs)
}

const ones = (count: number) => Array.from({ length: count }, () => 1)

async function writeBoth(log: MemoryLog): Promise<void> {
  await appendTrades(log, ones(15))
  for (let each = 0; each < 10; each += 1) await log.append(OPERATIONS, [record(burst(1))])
}

describe('The first start of a task', () => {
  test('reads one input after the other to its end, in the order listed, and takes ticks only then', async () => {
    const log = new MemoryLog({ clock: () => 1000 })
    await writeBoth(log)
    expect(await settled(log)).toEqual(['operations', 'market-data', 'tick'])
    const walk = verifyTask(counting(log))
    while ((await walk.next()).done !== true);
  })

  test('does not wait for what is appended meanwhile', async () => {
    const log = new MemoryLog({ clock: () => 1000 })
    await appendTrades(log, ones(8))
    await log.append(OPERATIONS, [record(burst(1))])
    const task = new Task(counting(log), LIMITS)
    await task.start()
    for (let step = 0; step < 6; step += 1) {
      await log.append(OPERATIONS, [record(burst(1))])
      await task.step()
    }
    const trades = task.positions().find(({ topic }) => topic === 'market-data')
    expect(trades?.position).toBe(8)
  })

  test('is over once it has folded anything: a later start takes turns', async () => {
    const log = new MemoryLog({ clock: () => 1000 })
    await log.append(OPERATIONS, [record(burst(1))])
    await settled(log)
    await writeBoth(log)
    const order = await settled(log)
    expect(order.filter(source => source !== 'tick').slice(0, 4)).toEqual([
      'operations',
      'market-data',
      'operations',
      'market-data',
    ])
  })
})
