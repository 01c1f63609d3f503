import { describe, expect, test } from '@jest/globals'
import { decodeEvent, isReceipt } from '@sluice/contracts/codec'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import { HandlerFailedError, LogForkedError, RulesChangedError } from '../src/errors.ts'
import type { PartitionId, StreamLog } from '../src/log.ts'
import { MemoryLog, type AppendFault } from '../src/memory-log.ts'
import { openReceipt } from '../src/receipt.ts'
import { openInput } from '../src/inputs.ts'
import { Task, type TaskOptions } from '../src/task.ts'
import { verifyTask, type VerifiedTask } from '../src/verify.ts'
import {
  appendTrades,
  burst,
  counting,
  countingProcessor,
  echoing,
  MARKET_DATA,
  OPERATIONS,
  PRICE,
  record,
  trade,
  type Counting,
} from './counting.ts'

const ONES = (count: number) => Array.from({ length: count }, () => 1)

async function validEvents(log: StreamLog, partition: PartitionId = PRICE): Promise<SluiceEvent[]> {
  const reader = openInput(log, { ...partition, ours: true })
  const events: SluiceEvent[] = []
  while (await reader.fill(1000)) {
    for (let next = reader.next(); next !== undefined; next = reader.next())
      events.push(decodeEvent(next.value))
  }
  return events
}

async function drain(task: { step(): Promise<{ outcome: string }> }, steps = 500): Promise<string> {
  for (let step = 0; step < steps; step += 1) {
    const { outcome } = await task.step()
    if (outcome === 'waiting' || outcome === 'ended') return outcome
  }
  throw new Error('the task never came to rest')
}

async function verified(log: StreamLog): Promise<VerifiedTask<Counting>> {
  const walk = verifyTask(counting(log))
  for (;;) {
    const next = await walk.next()
    if (next.done === true) return next.value
  }
}

const newTask = (log: StreamLog, options: TaskOptions = {}) => new Task(counting(log), options)

/** What an undisturbed run of the same inputs gives. */
async function undisturbed(lots: readonly number[]): Promise<VerifiedTask<Counting>> {
  const log = new MemoryLog({ clock: () => 5 })
  await appendTrades(log, lots)
  const task = newTask(log)
  await drain(task)
  task.flush()
  await drain(task)
  return verified(log)
}

describe('a task', () => {
  test('appends one receipt with the events of the inputs that it names', async () => {
    const log = new MemoryLog()
    await appendTrades(log, [1, 2, 3, 4])
    const task = newTask(log, { owner: 'me', generation: 4 })
    expect(await task.start()).toBe(true)
    await drain(task)
    const records = await log.read(PRICE, 0, 100)
    expect(records.map(({ value }) => isReceipt(value))).toEqual([true, true, false])
    const { receipt } = openReceipt(records[1]!.value)
    expect(receipt).toMatchObject({ task: 'price-0', sequence: 2, owner: 'me', generation: 4 })
    expect(receipt).toMatchObject({ tenure: 1, firstEvent: 1, eventCount: 1 })
    expect(receipt.inputRuns).toEqual([
      {
        source: 'market-data',
        partition: 0,
        fromOffset: 0,
        toOffset: 3,
        count: 4,
        upstreamHead: null,
      },
    ])
    expect(await validEvents(log)).toMatchObject([
      { type: 'PriceSourceRestored', source: 'lots 6', meta: { sequence: 1 } },
    ])
  })

  test('names the input as the cause and gives ids without a gap', async () => {
    const log = new MemoryLog()
    await appendTrades(log, ONES(7))
    await drain(newTask(log))
    const events = await validEvents(log)
    expect(events).toMatchObject([
      { meta: { sequence: 1, causeIds: ['market-data-0@2'] } },
      { meta: { sequence: 2, causeIds: ['market-data-0@5'] } },
    ])
  })

  test('takes its inputs in the order in which they are listed', async () => {
    const log = new MemoryLog()
    await appendTrades(log, [1, 1, 1])
    await log.append(OPERATIONS, [record(burst(1))])
    await drain(newTask(log))
    const events = await validEvents(log)
    expect(events).toMatchObject([{ source: '0' }, { source: 'lots 3' }])
  })

  test('hands a reader downstream only events, whose ids are those of the task above', async () => {
    const log = new MemoryLog()
    await appendTrades(log, ONES(9))
    await drain(newTask(log))
    await drain(new Task(echoing(log)))
    const events = await validEvents(log, { topic: 'margin-evaluation', partition: 0 })
    expect(events).toMatchObject([
      { scope: 'lots 3', meta: { causeIds: ['price-0/1'] } },
      { scope: 'lots 6', meta: { causeIds: ['price-0/2'] } },
      { scope: 'lots 9', meta: { causeIds: ['price-0/3'] } },
    ])
  })

  test('gives inputs without output no receipt until it is asked for one', async () => {
    const log = new MemoryLog()
    await appendTrades(log, [1, 1])
    const task = newTask(log)
    await drain(task)
    expect(task.sequence).toBe(1)
    expect(task.inputsWithoutReceipt).toBe(2)
    expect(task.confirmedState()).toBeUndefined()
    task.flush()
    await drain(task)
    expect(task.sequence).toBe(2)
    expect(task.confirmedState()).toMatchObject({ lots: 2 })
  })

  test('is idle exactly when a step would find nothing to do', async () => {
    const log = new MemoryLog()
    const task = newTask(log)
    expect(task.isIdle).toBe(false)
    await task.start()
    await drain(task)
    expect(task.isIdle).toBe(true)
    await appendTrades(log, [1])
    expect(task.isIdle).toBe(false)
    await drain(task)
    expect(task.isIdle).toBe(true)
    task.flush()
    expect(task.isIdle).toBe(false)
    await drain(task)
    await newTask(log, { generation: 2 }).start()
    expect(task.isIdle).toBe(false)
    expect(await drain(task)).toBe('ended')
    expect(task.isIdle).toBe(false)
  })

  test('refuses a record that cannot be decoded, tells the processor its key, and goes on', async () => {
    const log = new MemoryLog()
    await log.append(MARKET_DATA, [{ key: Buffer.from('BTC'), value: Buffer.from([9, 9]) }])
    await log.append(MARKET_DATA, [record(burst(1))])
    await appendTrades(log, [13, 1])
    const task = newTask(log)
    await drain(task)
    task.flush()
    await drain(task)
    expect(await validEvents(log)).toMatchObject([
      { type: 'InputRefused', source: 'market-data', offset: 0, reason: 'header_missing' },
      { type: 'InputRefused', offset: 1, reason: 'event_misplaced' },
      { type: 'InputRefused', offset: 2, reason: 'quantity_unlucky' },
    ])
    expect(task.confirmedState()).toMatchObject({ lots: 1, refusedKeys: ['BTC', 'BTC-PERP'] })
  })

  test('refuses a record above one mebibyte, though it can be decoded, and goes on', async () => {
    const log = new MemoryLog()
    const large = { ...trade(5), instrument: 'X'.repeat(1024 * 1024) } as SluiceEvent
    await log.append(MARKET_DATA, [record(large)])
    await appendTrades(log, [1])
    const task = newTask(log)
    await drain(task)
    expect(await validEvents(log)).toMatchObject([{ offset: 0, reason: 'record_too_large' }])
    task.flush()
    await drain(task)
    expect(task.confirmedState()).toMatchObject({ lots: 1 })
  })

  test('stops at a handler that throws, names the input, and has written nothing', async () => {
    const log = new MemoryLog()
    await appendTrades(log, [1, 1, 1, 666])
    const task = newTask(log)
    await task.start()
    const failure = await task.step().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(HandlerFailedError)
    expect((failure as HandlerFailedError).inputId).toBe('market-data-0@3')
    expect(await log.end(PRICE)).toBe(1)
    await expect(task.step()).rejects.toThrow('start a new Task')
    expect(task.confirmedState()).toBeUndefined()
  })

  test('records a tick only when the deadline has come, and time never falls', async () => {
    const log = new MemoryLog({ clock: () => 5000 })
    const task = newTask(log)
    await task.start()
    expect(task.tick(9999)).toBe(false)
    await appendTrades(log, [1])
    await drain(task)
    expect(task.nextDeadline()).toBe(6000)
    expect(task.tick(5999)).toBe(false)
    expect(task.tick(6100)).toBe(true)
    await drain(task)
    await appendTrades(log, [1, 1])
    await drain(task)
    expect(await validEvents(log)).toMatchObject([
      { source: 'tick@6100', meta: { time: 6100 } },
      { source: 'lots 3', meta: { time: 6100 } },
    ])
    expect((await verified(log)).events).toBe(2)
  })

  test('spreads 100,000 events of one input over receipts that say how many are out', async () => {
    const log = new MemoryLog()
    await log.append(OPERATIONS, [record(burst(100_000))])
    await appendTrades(log, [1, 1, 1])
    const task = newTask(log, { limits: { maxEventsPerBatch: 9000 } })
    await drain(task)
    const { receipts, events, sequence } = await verified(log)
    expect({ receipts, events, sequence }).toEqual({ receipts: 14, events: 100_001, sequence: 14 })
  })

  test('goes on with a long output where the last owner was cut off', async () => {
    let dies = true
    const log = new MemoryLog({
      beforeAppend: (append, { topic }) => {
        if (dies && topic === 'price' && append === 4) throw new Error('killed')
      },
    })
    await log.append(OPERATIONS, [record(burst(1000))])
    const limits = { maxEventsPerBatch: 300 }
    await expect(drain(newTask(log, { limits }))).rejects.toThrow('killed')
    dies = false
    const second = newTask(log, { limits: { maxEventsPerBatch: 450 } })
    await drain(second)
    const { events, receipts } = await verified(log)
    expect({ events, receipts }).toEqual({ events: 1000, receipts: 5 })
    const ids = (await validEvents(log)).map(event => ('meta' in event ? event.meta.sequence : 0))
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1))
  })

  test('refuses a log that was written under other rules or settings', async () => {
    const log = new MemoryLog()
    await appendTrades(log, [1, 1, 1])
    await drain(newTask(log))
    const later = { ...counting(log), processor: { ...countingProcessor, logicVersion: 2 } }
    await expect(new Task(later).start()).rejects.toThrow(RulesChangedError)
    const other = { ...counting(log), processor: { ...countingProcessor, settings: 'every=4' } }
    await expect(new Task(other).start()).rejects.toThrow('other settings')
  })
})

describe('faults of the log', () => {
  const LOTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

  /** Runs the task to rest under a fault plan that starts after the inputs are written. */
  async function runWith(faultOf: (append: number) => AppendFault) {
    const log = new MemoryLog({
      clock: () => 5,
      fault: (append, { topic }) => (topic === 'price' ? faultOf(append - LOTS.length) : 'none'),
    })
    await appendTrades(log, LOTS)
    const task = newTask(log, { limits: { chunkRecords: 3 } })
    await drain(task)
    log.landLate()
    task.flush()
    const outcome = await drain(task)
    return { log, outcome }
  }

  const FAULTS: AppendFault[] = ['lost', 'answer_lost', 'late', 'twice']
  for (const fault of FAULTS)
    test(`an append that is ${fault} changes nothing that a reader sees`, async () => {
      const expected = await undisturbed(LOTS)
      for (let nth = 0; nth < 5; nth += 1) {
        const { log, outcome } = await runWith(append => (append === nth ? fault : 'none'))
        expect(outcome).toBe('waiting')
        const { events, inputs, stateHash } = await verified(log)
        expect({ events, inputs, stateHash }).toEqual({
          events: expected.events,
          inputs: expected.inputs,
          stateHash: expected.stateHash,
        })
      }
    })

  test('every append may go wrong in turn', async () => {
    const expected = await undisturbed(LOTS)
    const { log } = await runWith(append => FAULTS[append % 5] ?? 'none')
    const { events, stateHash } = await verified(log)
    expect({ events, stateHash }).toEqual({
      events: expected.events,
      stateHash: expected.stateHash,
    })
  })

  test('a process that dies before or after any append is continued by the next', async () => {
    const expected = await undisturbed(LOTS)
    for (const moment of ['beforeAppend', 'afterAppend'] as const) {
      for (let nth = 0; nth < 6; nth += 1) {
        let deadly = -1
        const log = new MemoryLog({
          clock: () => 5,
          [moment]: (append: number) => {
            if (append === deadly) throw new Error('killed')
          },
        })
        await appendTrades(log, LOTS)
        deadly = LOTS.length + nth
        const limits = { chunkRecords: 3 }
        await drain(newTask(log, { limits })).catch((error: unknown) => {
          expect(String(error)).toContain('killed')
        })
        deadly = -1
        const heir = newTask(log, { limits, generation: 1 })
        await drain(heir)
        heir.flush()
        await drain(heir)
        const { events, inputs, stateHash } = await verified(log)
        expect({ nth, events, inputs, stateHash }).toEqual({
          nth,
          events: expected.events,
          inputs: expected.inputs,
          stateHash: expected.stateHash,
        })
      }
    }
  })

  test('a log that lost a confirmed batch stops the writer at its next append', async () => {
    const log = new MemoryLog()
    await appendTrades(log, ONES(3))
    const task = newTask(log)
    await drain(task)
    log.truncate(PRICE, 1)
    await appendTrades(log, ONES(3))
    await expect(drain(task)).rejects.toThrow(LogForkedError)
  })
})

describe('two owners', () => {
  test('a paused owner that wakes after a takeover is fenced, and its late batch is void', async () => {
    const log = new MemoryLog()
    await appendTrades(log, ONES(3))
    const old = newTask(log, { owner: 'old', generation: 1 })
    await old.start()
    const young = newTask(log, { owner: 'young', generation: 2 })
    await drain(young)
    expect(await drain(old)).toBe('ended')
    expect(old.phase).toBe('fenced')
    expect(old.confirmedState()).toBeUndefined()
    expect(young.phase).toBe('owning')
    expect(await validEvents(log)).toHaveLength(1)
  })

  test('a batch under way during a takeover is void, and its writer stops', async () => {
    let held: (() => void) | undefined
    const plain = new MemoryLog()
    const slow: StreamLog = {
      append: async (target, records) => {
        await new Promise<void>(resolve => (held = resolve))
        return plain.append(target, records)
      },
      read: (from, offset, limit) => plain.read(from, offset, limit),
      isKnownEnd: (of, offset) => plain.isKnownEnd(of, offset),
      end: of => plain.end(of),
      changed: signal => plain.changed(signal),
      close: () => plain.close(),
    }
    await appendTrades(plain, ONES(3))
    const old = newTask(slow, { owner: 'old', generation: 1 })
    const release = async (running: Promise<unknown>) => {
      while (held === undefined) await new Promise(setImmediate)
      const go = held
      held = undefined
      go()
      return running
    }
    await release(old.start())
    const writing = old.step()
    while (held === undefined) await new Promise(setImmediate)
    const young = newTask(plain, { owner: 'young', generation: 2 })
    await drain(young)
    expect(await release(writing)).toMatchObject({ outcome: 'ended', emitted: 0 })
    expect(old.phase).toBe('fenced')
    expect(await validEvents(plain)).toHaveLength(1)
    expect((await verified(plain)).voidReceipts).toBe(1)
  })

  test('a living owner yields to the void takeover of a later generation', async () => {
    const log = new MemoryLog()
    await appendTrades(log, ONES(3))
    const living = newTask(log, { owner: 'living', generation: 1 })
    await living.start()
    const [takeover] = await log.read(PRICE, 0, 1)
    const { receipt } = openReceipt(takeover!.value)
    const { writeReceipt } = await import('../src/receipt.ts')
    const late = writeReceipt({ ...receipt, owner: 'waiting', generation: 2 })
    await log.append(PRICE, [{ key: null, value: late.bytes }])
    expect(await drain(living)).toBe('ended')
    expect(living.phase).toBe('yielded')
  })

  test('owners that race step by step never fold an input twice', async () => {
    for (let seed = 1; seed <= 12; seed += 1) {
      const log = new MemoryLog({ clock: () => 5 })
      await appendTrades(log, ONES(30))
      let generation = 0
      let random = seed
      const limits = { chunkRecords: 4 }
      const owners = [0, 1].map(index =>
        newTask(log, { owner: `o${index}`, generation: generation++, limits }),
      )
      for (let turn = 0; turn < 60; turn += 1) {
        random = (random * 48_271) % 2_147_483_647
        const index = random % 2
        if (owners[index]!.hasEnded && random % 5 === 0)
          owners[index] = newTask(log, {
            owner: `o${index}.${turn}`,
            generation: generation++,
            limits,
          })
        await owners[index]!.step()
      }
      const last = newTask(log, { owner: 'last', generation: generation++, limits })
      await drain(last)
      last.flush()
      await drain(last)
      const { inputs, events } = await verified(log)
      expect({ seed, inputs, events }).toEqual({ seed, inputs: 30, events: 10 })
    }
  })
})
