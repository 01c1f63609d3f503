import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { cp } from 'node:fs/promises'
import {
  checkFinished,
  FINISHED_RUN,
  finishedRunOf,
  type FinishedRun,
} from '@sluice/audit/finished-run'
import { verifyLog } from '@sluice/audit/verify-log'
import { isReceipt } from '@sluice/contracts/codec'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { checkLogFile } from '@sluice/stream-embedded/file-check'
import { cutFile, flipByte, removeBatch, swapBatches } from '@sluice/testkit/tamper'
import { simulateSharp, temporaryDirectory } from './fixtures.ts'
import { SHARP } from './sharp-crash.ts'

const OURS = ['price', 'margin-evaluation', 'liquidation-execution', 'cascade-analytics'] as const
const EXCHANGE = ['reference-data', 'market-data', 'accounts', 'execution-reports'] as const
/** Into the first wave of the crash. */
const STEPS = 230

/** Offsets of the receipts and of all other records of a partition. */
interface Places {
  readonly receipts: readonly number[]
  readonly events: readonly number[]
}

let original: Awaited<ReturnType<typeof temporaryDirectory>>
let copy: typeof original
const places = new Map<string, Places>()

const open = (directory: string) =>
  openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })

beforeAll(async () => {
  original = await temporaryDirectory()
  await simulateSharp(original.path, { arguments: { ...SHARP, accounts: 60, steps: STEPS } })
  const log = open(original.path)
  for (const of of log.partitions()) {
    const records = await log.read(of, 0, log.committedEnd(of))
    const offsets = (receipts: boolean): number[] =>
      records.flatMap(({ offset, value }) => (isReceipt(value) === receipts ? [offset] : []))
    places.set(of.topic, { receipts: offsets(true), events: offsets(false) })
  }
  await log.close()
})
afterAll(() => original.remove())
beforeEach(async () => {
  copy = await temporaryDirectory()
  await cp(original.path, copy.path, { recursive: true })
})
afterEach(() => copy.remove())

const middle = (offsets: readonly number[] | undefined): number =>
  offsets?.[Math.floor(offsets.length / 2)] ?? NaN
const at = (topic: string, offset: number) => ({ topic, partition: 0, offset })

/** What `sluice verify` does. */
async function verify(directory: string): Promise<FinishedRun | null> {
  checkLogFile(directory)
  const log = open(directory)
  try {
    const reports = await verifyLog(log, { evaluators: 1 })
    const run = finishedRunOf(log.readMeta(FINISHED_RUN))
    if (run !== null) await checkFinished(log, run, reports)
    return run
  } finally {
    await log.close()
  }
}

async function fault(): Promise<{ name: string; message: string }> {
  const error: unknown = await verify(copy.path)
    .then(() => undefined)
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof Error)) throw new Error('the log was found sound')
  return { name: error.name, message: error.message }
}

test('a log nobody touched is sound, and whole to the end of its run', async () => {
  expect(await verify(copy.path)).toMatchObject({ events: expect.any(Number) })
})

describe('verification names task, receipt and input', () => {
  test.each(EXCHANGE)('when one byte of a record of %s was flipped', async topic => {
    const offset = middle(places.get(topic)?.events)
    await flipByte(copy.path, at(topic, offset))
    const { name, message } = await fault()
    expect(name).toBe('ReplayDivergedError')
    expect(message).toMatch(
      /^(price|margin-evaluation|liquidation-execution)-0, receipt \d+: inputs_root/,
    )
    const [, from, to] = new RegExp(`${topic}-0@(\\d+)…(\\d+)`).exec(message) ?? []
    expect(Number(from)).toBeLessThanOrEqual(offset)
    expect(Number(to)).toBeGreaterThanOrEqual(offset)
  })

  test.each(EXCHANGE.slice(1))('when a batch of %s was removed', async topic => {
    await removeBatch(copy.path, at(topic, middle(places.get(topic)?.events)))
    expect((await fault()).message).toMatch(
      new RegExp(`-0, receipt \\d+: (inputs_root|input_run) .*${topic}-0@\\d+`),
    )
  })

  test.each(EXCHANGE.slice(1))('when the last batch of %s was removed', async topic => {
    await removeBatch(copy.path, at(topic, places.get(topic)?.events.at(-1) ?? NaN))
    expect((await fault()).message).toMatch(
      new RegExp(`-0, receipt \\d+: (inputs_root|input_run) .*${topic}-0@\\d+`),
    )
  })
})

describe.each(OURS)('verification names the place and the receipt of %s', topic => {
  const receipt = (): number => middle(places.get(topic)?.receipts)

  test('when one byte of an event was flipped', async () => {
    await flipByte(copy.path, at(topic, middle(places.get(topic)?.events)))
    expect(await fault()).toEqual({
      name: 'LogForkedError',
      message: expect.stringMatching(
        new RegExp(`^${topic}-0@\\d+: the events after receipt \\d+ of ${topic}-0 `),
      ),
    })
  })

  test('when one byte of a receipt was flipped, wherever', async () => {
    for (const position of [20, -1]) {
      await flipByte(copy.path, at(topic, receipt()), { at: position })
      const { name, message } = await fault()
      expect(['LogForkedError', 'ReplayDivergedError', 'RulesChangedError']).toContain(name)
      expect(message).toMatch(new RegExp(`^${topic}-0(@\\d+|, receipt \\d+): `))
      await flipByte(copy.path, at(topic, receipt()), { at: position })
    }
  })

  test('when a batch was removed', async () => {
    await removeBatch(copy.path, at(topic, receipt()))
    expect(await fault()).toEqual({
      name: 'LogForkedError',
      message: expect.stringMatching(
        new RegExp(`^${topic}-0@${receipt()}: receipt \\d+ does not link to receipt \\d+`),
      ),
    })
  })

  test('when two batches were exchanged', async () => {
    const receipts = places.get(topic)?.receipts ?? []
    const next = receipts[receipts.indexOf(receipt()) + 1] ?? NaN
    await swapBatches(copy.path, at(topic, receipt()), next)
    expect((await fault()).message).toMatch(/receipt \d+ does not link to receipt \d+/)
  })

  test('when the last batch was removed, which only the end of the run or a reader of it can tell', async () => {
    await removeBatch(copy.path, at(topic, places.get(topic)?.receipts.at(-1) ?? NaN))
    const { message } = await fault()
    expect(message).toMatch(
      new RegExp(`the log ends with receipt \\d+ of ${topic}-0|input_run .*${topic}-0@\\d+`),
    )
  })
})

test('a file cut anywhere is refused, and the process lives', async () => {
  for (const part of [0.9, 0.5, 0.1]) {
    cutFile(copy.path, part)
    expect(await fault()).toMatchObject({ name: 'LogDamagedError' })
  }
})

test('an interrupted simulation does not say where it ends, until it was resumed to its end', async () => {
  const { path, remove } = await temporaryDirectory()
  const stopped = { ...SHARP, accounts: 10, steps: 20 }
  await simulateSharp(path, {
    arguments: stopped,
    pace: time => Promise.resolve(time % 10_000 !== 0),
  })
  expect(await verify(path)).toBeNull()
  await simulateSharp(path, { arguments: stopped, resume: true })
  expect(await verify(path)).not.toBeNull()
  await remove()
})
