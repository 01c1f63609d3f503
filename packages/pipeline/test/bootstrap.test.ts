import { describe, expect, test } from '@jest/globals'
import { decodeEvent } from '@sluice/contracts/codec'
import type { AccountUpdated } from '@sluice/contracts/generated/events'
import { partitionOf } from '@sluice/contracts/partitions'
import { eventOfPlain, plain } from '@sluice/contracts/plain'
import { snapshotOf } from '@sluice/contracts/snapshot-hash'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { Task } from '@sluice/stream-runtime/task'
import { bootstrap, BootstrapError } from '../src/bootstrap.ts'
import { mapTasks } from '../src/topology.ts'

const LAYOUT = { evaluators: 3 }

const account = (number: number, ledgerSequence = number + 1) =>
  eventOfPlain({
    type: 'AccountUpdated',
    account: `account-${number}`,
    currency: 'USD',
    ledgerSequence,
    walletBalance: '12.5',
    positions: [],
    openOrders: [],
  }) as AccountUpdated
const ACCOUNTS = Array.from({ length: 2500 }, (_, number) => account(number))
const lineOf = (event: AccountUpdated): string => JSON.stringify(plain(event))
const LINES = ACCOUNTS.map(lineOf)

const recordsOf = async (log: MemoryLog, partition: number) => {
  const id = { topic: 'accounts', partition }
  return (await log.end(id)) === 0 ? [] : log.read(id, 0, 10_000)
}

async function contentsOf(log: MemoryLog) {
  const contents = []
  for (let partition = 0; partition < LAYOUT.evaluators; partition += 1)
    contents.push((await recordsOf(log, partition)).map(({ value }) => decodeEvent(value)))
  return contents
}

describe('bootstrap', () => {
  test('writes each scope to the partition of its account, keyed, then what is there to each', async () => {
    const log = new MemoryLog()
    const seen: number[] = []
    const result = await bootstrap({
      ...{ log, layout: LAYOUT, lines: LINES },
      onProgress: ({ lines }) => seen.push(lines),
    })
    expect(result).toMatchObject({ lines: 2500, written: 2500, known: 0 })
    expect(seen).toEqual([1000, 2000, 2500])
    for (const [partition, events] of (await contentsOf(log)).entries()) {
      const own = ACCOUNTS.filter(({ account }) => partitionOf(account, 3) === partition)
      expect(events.slice(0, -1)).toMatchObject(own.map(({ account }) => ({ account })))
      expect(plain(events.at(-1)!)).toEqual(plain(snapshotOf(own)))
      const [first] = await recordsOf(log, partition)
      expect(Buffer.from(first!.key!).toString()).toBe(own[0]!.account)
    }
  })

  test('is believed by the evaluators', async () => {
    const log = new MemoryLog()
    await bootstrap({ log, layout: LAYOUT, lines: LINES })
    const states = await Promise.all(
      mapTasks(log, LAYOUT, async definition => {
        const task = new Task(definition)
        await task.start()
        while ((await task.step()).outcome !== 'waiting');
        task.flush()
        await task.step()
        return [task.name, definition.processor.describe?.(task.confirmedState()!)] as const
      }),
    )
    const evaluators = states.filter(([name]) => name.startsWith('margin-evaluation'))
    expect(evaluators).toHaveLength(3)
    for (const [, state] of evaluators) expect(state).toMatchObject({ isReady: true })
  })

  test('goes on where it was stopped, and writes nothing twice', async () => {
    const log = new MemoryLog()
    const stopped = function* () {
      yield* LINES.slice(0, 1900)
      throw new Error('stopped')
    }
    await expect(bootstrap({ log, layout: LAYOUT, lines: stopped() })).rejects.toThrow('stopped')
    const first = await bootstrap({ log, layout: LAYOUT, lines: LINES })
    expect(first.written + first.known).toBe(2500)
    const again = await bootstrap({ log, layout: LAYOUT, lines: LINES })
    expect(again).toMatchObject({ written: 0, known: 2500 })
    expect(again.partitions.map(({ isNew }) => isNew)).toEqual([false, false, false])
    expect((await contentsOf(log)).flat()).toHaveLength(2500 + LAYOUT.evaluators)
  })

  test('leaves alone what the log knows better, and counts it in', async () => {
    const log = new MemoryLog()
    await bootstrap({ log, layout: LAYOUT, lines: [lineOf(account(1, 90))] })
    const result = await bootstrap({ log, layout: LAYOUT, lines: [lineOf(account(1, 80))] })
    expect(result).toMatchObject({ written: 0, known: 1 })
    const [partition] = result.partitions.filter(({ scopeCount }) => scopeCount === 1)
    expect(partition).toMatchObject({ ledgerSequence: 90, isNew: false })
  })

  test('refuses lines that are older than a snapshot that is complete', async () => {
    const log = new MemoryLog()
    await bootstrap({ log, layout: { evaluators: 1 }, lines: [lineOf(account(1, 90))] })
    const older = bootstrap({ log, layout: { evaluators: 1 }, lines: [lineOf(account(2, 80))] })
    await expect(older).rejects.toThrow('line 1: account-2 is new at ledger sequence 80')
  })

  test.each([
    ['{', 'line 1: '],
    ['{"type":"MoonLanded"}', 'line 1: no event is called "MoonLanded"'],
    ['{"type":"AccountClosed","account":"a","ledgerSequence":1}', 'AccountClosed instead of'],
    [lineOf(account(1)).replace('"12.5"', '"much"'), 'line 1: "much" is no decimal number'],
    [lineOf(account(1)).replace('"ledgerSequence":2', '"ledgerSequence":-2'), 'ledgerSequence'],
  ])('names the line that is no sound account: %s', async (line, message) => {
    const failed = bootstrap({ log: new MemoryLog(), layout: LAYOUT, lines: [line] })
    await expect(failed).rejects.toThrow(BootstrapError)
    await expect(failed).rejects.toThrow(message)
  })
})
