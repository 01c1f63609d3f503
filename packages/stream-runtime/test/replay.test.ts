import { describe, expect, test } from '@jest/globals'
import { encodeEvent } from '@sluice/contracts/codec'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogForkedError, ReplayDivergedError, SnapshotDamagedError } from '../src/errors.ts'
import { MemoryLog } from '../src/memory-log.ts'
import { Replay } from '../src/replay.ts'
import {
  DirectorySnapshotStore,
  MemorySnapshotStore,
  decodeSnapshot,
  encodeSnapshot,
} from '../src/snapshot-file.ts'
import { SnapshotFollower, newestUsable, snapshotOf, type SnapshotStore } from '../src/snapshots.ts'
import { Task } from '../src/task.ts'
import { stateHashOf, verifyTask } from '../src/verify.ts'
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
} from './counting.ts'

async function settle(task: { step(): Promise<{ outcome: string }>; flush(): void }) {
  for (let round = 0; round < 2; round += 1) {
    while ((await task.step()).outcome !== 'waiting');
    task.flush()
  }
}

/** Forty trades, a tick and a long output, in many receipts. */
async function writtenLog(): Promise<MemoryLog> {
  const log = new MemoryLog({ clock: () => 1000 })
  const task = new Task(counting(log), { limits: { chunkRecords: 7, maxEventsPerBatch: 25 } })
  await task.start()
  await task.step()
  await appendTrades(
    log,
    Array.from({ length: 40 }, (_, index) => index + 20),
  )
  await task.step()
  task.tick(2500)
  await log.append(OPERATIONS, [record(burst(60))])
  await settle(task)
  return log
}

async function verify(log: MemoryLog, upTo?: number) {
  const walk = verifyTask(counting(log), upTo === undefined ? {} : { upTo })
  for (;;) {
    const next = await walk.next()
    if (next.done === true) return next.value
  }
}

async function divergence(log: MemoryLog) {
  const error = await verify(log).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ReplayDivergedError)
  return (error as ReplayDivergedError).divergence
}

const flipped = (value: Uint8Array, at: number) => {
  const copy = Buffer.from(value)
  copy[at]! ^= 0x01
  return copy
}

describe('verification', () => {
  test('covers every input once and ends in the state of the live task', async () => {
    const log = await writtenLog()
    const result = await verify(log)
    expect(result).toMatchObject({ inputs: 42, events: 13 + 60 + 1, voidReceipts: 0 })
    expect(result.coverage).toEqual([
      { topic: 'operations', partition: 0, coveredTo: 1, end: 1 },
      { topic: 'market-data', partition: 0, coveredTo: 40, end: 40 },
    ])
    expect(result.stateHash).toBe(stateHashOf(countingProcessor, result.state))
  })

  test('stops after the receipt that is asked for', async () => {
    const log = await writtenLog()
    const { sequence, inputs } = await verify(log, 2)
    expect({ sequence, inputs }).toEqual({ sequence: 2, inputs: 7 })
  })

  test('names the receipt and the input where an input was changed', async () => {
    const log = await writtenLog()
    log.replaceValue(MARKET_DATA, 3, encodeEvent(trade(24)))
    expect(await divergence(log)).toMatchObject({
      task: 'price-0',
      receipt: 2,
      kind: 'inputs_root',
      first: 'market-data-0@0…6',
    })
  })

  test('says so when an input that was folded cannot be folded any more', async () => {
    const log = await writtenLog()
    log.replaceValue(MARKET_DATA, 3, encodeEvent(trade(666)))
    expect(await divergence(log)).toMatchObject({
      kind: 'input_refused_by_handler',
      first: 'market-data-0@3',
    })
  })

  test('names the first event that another processor does not emit', async () => {
    const log = await writtenLog()
    const deaf: typeof countingProcessor = {
      ...countingProcessor,
      handlers: { ...countingProcessor.handlers, KillSwitchEngaged: () => undefined },
    }
    const walk = verifyTask({ ...counting(log), processor: deaf })
    await expect(walk.next()).rejects.toMatchObject({
      name: 'ReplayDivergedError',
      divergence: { kind: 'event_missing', receipt: 3, first: 'price-0/4' },
    })
  })

  test('finds any flipped bit, in inputs, receipts and events', async () => {
    const places = [
      { ...MARKET_DATA, every: 9 },
      { ...PRICE, every: 4 },
    ]
    for (const { every, ...partition } of places) {
      const end = await (await writtenLog()).end(partition)
      for (let offset = 0; offset < end; offset += every) {
        const log = await writtenLog()
        const [before] = await log.read(partition, offset, 1)
        const at = (offset * 31) % before!.value.length
        log.replaceValue(partition, offset, flipped(before!.value, at))
        const error = await verify(log).catch((thrown: unknown) => thrown)
        const place = { partition, offset, at }
        expect({ place, error: (error as Error).name }).toEqual({
          place,
          error: expect.stringMatching(/^(ReplayDiverged|LogForked|RulesChanged)Error$/),
        })
      }
    }
  })

  test('finds a removed batch, and two that changed places', async () => {
    const log = await writtenLog()
    const all = await log.read(PRICE, 0, 1000)
    const rebuilt = async (order: readonly number[]) => {
      const copy = new MemoryLog({ clock: () => 1000 })
      for (const input of [MARKET_DATA, OPERATIONS])
        await copy.append(input, await log.read(input, 0, 1000))
      for (const offset of order) await copy.append(PRICE, [all[offset]!])
      return copy
    }
    const offsets = all.map(({ offset }) => offset)
    await expect(verify(await rebuilt(offsets))).resolves.toMatchObject({ inputs: 42 })
    await expect(verify(await rebuilt(offsets.slice(1)))).rejects.toThrow(LogForkedError)
    const swapped = [...offsets.slice(4, 7), ...offsets.slice(1, 4), ...offsets.slice(7)]
    await expect(verify(await rebuilt([0, ...swapped]))).rejects.toThrow(LogForkedError)
  })

  test('finds a foreign owner in the last receipt, which nothing links to', async () => {
    const log = await writtenLog()
    const { openReceipt, writeReceipt } = await import('../src/receipt.ts')
    const all = await log.read(PRICE, 0, 1000)
    const last = all.findLast(({ value }) => value[4] === 1)!
    const { receipt } = openReceipt(last.value)
    log.replaceValue(PRICE, last.offset, writeReceipt({ ...receipt, owner: 'mallory' }).bytes)
    expect(await divergence(log)).toMatchObject({ kind: 'tenure' })
  })

  test('compares the heads of the tasks above', async () => {
    const log = await writtenLog()
    const echo = new Task(echoing(log))
    await settle(echo)
    const walk = verifyTask(echoing(log))
    expect((await walk.next()).value).toMatchObject({ inputs: 74, events: 73 })
  })
})

describe('snapshots', () => {
  const stores: Record<
    string,
    () => Promise<{ store: SnapshotStore; dispose: () => Promise<void> }>
  > = {
    memory: () =>
      Promise.resolve({ store: new MemorySnapshotStore(), dispose: () => Promise.resolve() }),
    directory: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'sluice-snapshots-'))
      const store = new DirectorySnapshotStore(directory)
      return { store, dispose: () => rm(directory, { recursive: true }) }
    },
  }
  for (const [name, make] of Object.entries(stores))
    test(`${name}: a task that starts from one is where a replay from the start would be`, async () => {
      const { store, dispose } = await make()
      const log = await writtenLog()
      const follower = new SnapshotFollower(counting(log), store, { everyInputs: 10 })
      while (await follower.advance());
      const start = await newestUsable(counting(log), store)
      expect(start?.chain.sequence).toBeGreaterThan(5)
      await appendTrades(log, [1, 2, 3, 4, 5])
      const task = new Task(counting(log), { snapshots: store })
      await settle(task)
      const { state } = await verify(log)
      expect(task.confirmedState()).toEqual(state)
      await dispose()
    })

  test('equal places give equal bytes, whatever was read ahead and from wherever the replay came', async () => {
    const log = await writtenLog()
    const echo = new Task(echoing(log), { limits: { chunkRecords: 5 } })
    await settle(echo)
    const whole = new Replay(echoing(log))
    const store = new MemorySnapshotStore()
    while (await whole.advanceReceipt()) {
      const snapshot = snapshotOf(echoing(log), whole)!
      await store.save(snapshot)
      const start = (await newestUsable(echoing(log), store))!
      const resumed = new Replay(echoing(log), { start })
      expect(encodeSnapshot(snapshotOf(echoing(log), resumed)!)).toEqual(encodeSnapshot(snapshot))
      await resumed.advance(Infinity)
      expect(resumed.fold.state).toEqual({ heard: 73 })
    }
  })

  test('none is taken in the middle of a long output', async () => {
    const log = await writtenLog()
    const replay = new Replay(counting(log))
    const taken: boolean[] = []
    while (await replay.advanceReceipt())
      taken.push(snapshotOf(counting(log), replay) !== undefined)
    expect(taken.filter(isTaken => !isTaken)).toHaveLength(2)
  })

  test('one of a receipt that the log does not hold, or of other rules, is passed over', async () => {
    const store = new MemorySnapshotStore()
    const log = await writtenLog()
    const follower = new SnapshotFollower(counting(log), store, { everyInputs: 30 })
    while (await follower.advance());
    expect(await newestUsable(counting(new MemoryLog()), store)).toBeUndefined()
    const processor = { ...countingProcessor, settings: 'other' }
    expect(await newestUsable({ ...counting(log), processor }, store)).toBeUndefined()
  })

  test('one with a changed byte is reported, not used', async () => {
    const { store, dispose } = await stores['directory']!()
    const log = await writtenLog()
    const follower = new SnapshotFollower(counting(log), store, { everyInputs: 30 })
    while (await follower.advance());
    const replay = new Replay(counting(log))
    await replay.advance(20)
    const bytes = encodeSnapshot(snapshotOf(counting(log), replay)!)
    for (const at of [0, 33, 40, bytes.length - 1])
      expect(() => decodeSnapshot(flipped(bytes, at), 'here')).toThrow(SnapshotDamagedError)
    expect(() => decodeSnapshot(bytes.subarray(0, 20), 'here')).toThrow(SnapshotDamagedError)
    await dispose()
  })

  test('a crash while one is written leaves the older ones', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sluice-snapshots-'))
    const store = new DirectorySnapshotStore(directory)
    const log = await writtenLog()
    const follower = new SnapshotFollower(counting(log), store, { everyInputs: 30 })
    while (await follower.advance());
    const [kept] = await readdir(directory)
    await writeFile(join(directory, 'price-0.9999999999999999.ff.snapshot.new'), 'half')
    const start = await newestUsable(counting(log), store)
    expect(kept).toContain(String(start?.chain.sequence))
    await rm(directory, { recursive: true })
  })
})
