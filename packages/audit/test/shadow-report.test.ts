import { describe, expect, test } from '@jest/globals'
import { encodeEvent } from '@sluice/contracts/codec'
import type { VenueLiquidationReported } from '@sluice/contracts/generated/events'
import { SCHEMAS } from '@sluice/contracts/generated/schemas'
import { eventOfPlain, type PlainObject } from '@sluice/contracts/plain'
import { EventToAppend, ReceiptToAppend } from '@sluice/stream-runtime/log'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { bytesOfDigest } from '@sluice/stream-runtime/digest'
import { MerkleAccumulator, rootOfEvents } from '@sluice/stream-runtime/merkle'
import { genesisHead, writeReceipt } from '@sluice/stream-runtime/receipt'
import { sampleEvent } from '../../contracts/scripts/sample-events.ts'
import { shadowReport } from '../src/shadow-report.ts'

const LAYOUT = { evaluators: 1 }
const MINUTE = 60_000

const sample = (name: string): PlainObject =>
  sampleEvent(SCHEMAS.find(({ schema }) => schema.name === name)!.schema, 'full')

/** A topic of ours that holds these events, all in one batch. */
async function writeOurs(log: MemoryLog, task: string, events: readonly PlainObject[]) {
  const [, topic] = /^(.*)-0$/.exec(task)!
  const records = events.map(event => new EventToAppend(eventOfPlain(event)))
  const receipt = writeReceipt({
    ...{ task, sequence: 1, previousHash: bytesOfDigest(genesisHead(task)), tenure: 1 },
    ...{ owner: 'test', generation: 0, firstEvent: 1, eventCount: records.length },
    ...{ emittedOfLastInput: 0, inputRuns: [] },
    inputsRoot: bytesOfDigest(new MerkleAccumulator().root()),
    eventsRoot: bytesOfDigest(rootOfEvents(records.map(({ value }) => value))),
    ...{ logicVersion: 1, settingsHash: Buffer.alloc(32), stateHash: null },
  })
  const batch = [new ReceiptToAppend(receipt.bytes, receipt), ...records]
  await log.append({ topic: topic!, partition: 0 }, batch)
}

interface Ours {
  readonly scope: string
  readonly time: number
  readonly lots: number
}

const meta = (sequence: number, time: number): PlainObject => ({
  ...{ sequence, time, causeIds: [], logicVersion: 1 },
})

/** Triggers, each with its first slice planned, of sells in BTC-PERP. */
async function plan(log: MemoryLog, ours: readonly Ours[]): Promise<void> {
  const trigger = sample('LiquidationTriggered')
  const slice = sample('SlicePlanned')
  const statement = trigger['statement'] as PlainObject
  const position = (statement['positions'] as readonly PlainObject[])[0]!
  const triggers = ours.map(({ scope, time }, index) => ({
    ...trigger,
    meta: meta(index + 1, time),
    statement: { ...statement, scope, positions: [{ ...position, instrument: 'BTC-PERP' }] },
  }))
  const slices = ours.map(({ scope, time, lots }, index) => ({
    ...slice,
    meta: meta(index + 1, time),
    ...{ liquidationId: `margin-evaluation-0/${index + 1}`, scope, instrument: 'BTC-PERP' },
    ...{ side: 'sell', sizing: { ...(slice['sizing'] as PlainObject), restoreLots: lots } },
  }))
  await writeOurs(log, 'margin-evaluation-0', triggers)
  await writeOurs(log, 'liquidation-execution-0', slices)
}

let clock = 0
const newLog = () => new MemoryLog({ clock: () => clock })

async function report(
  log: MemoryLog,
  at: number,
  fields: Partial<VenueLiquidationReported>,
): Promise<void> {
  clock = at
  const value = encodeEvent({
    type: 'VenueLiquidationReported',
    ...{ instrument: 'BTC-PERP', scope: null, venueId: null, stage: 'filled', side: 'sell' },
    ...{ quantityLots: 1, price: null, venueTime: at, ...fields },
  })
  await log.append({ topic: 'venue-liquidations', partition: 0 }, [{ key: null, value }])
}

describe('The report of shadow mode', () => {
  test('matches by scope: lead time, size, what was missed and what was extra', async () => {
    const log = newLog()
    await plan(log, [
      { scope: 'ann', time: 10_000, lots: 50 },
      { scope: 'bob', time: 20_000, lots: 10 },
    ])
    await report(log, 12_000, { scope: 'ann', quantityLots: 60 })
    await report(log, 13_000, { scope: 'ann', quantityLots: 40 })
    await report(log, 14_000, { scope: 'cat', quantityLots: 5 })
    const found = await shadowReport(log, LAYOUT)
    expect(found.matched).toMatchObject([
      { ours: { scope: 'ann' }, venue: { lots: 100 }, leadMs: 2_000, sizeRatio: 0.5 },
    ])
    expect(found.missed).toMatchObject([{ scope: 'cat', at: 14_000, lots: 5 }])
    expect(found.extra).toMatchObject([{ scope: 'bob', at: 20_000, lots: 10 }])
    expect(found.leadMs).toEqual({ min: 2_000, p10: 2_000, p50: 2_000, p90: 2_000, max: 2_000 })
  })

  test('counts fills rather than the orders that they fill, and each of the venue’s ids once', async () => {
    const log = newLog()
    await report(log, 1_000, { scope: 'ann', stage: 'ordered', venueId: 'a', quantityLots: 90 })
    await report(log, 2_000, { scope: 'ann', venueId: 'a', quantityLots: 30 })
    await report(log, 3_000, { scope: 'ann', venueId: 'a', quantityLots: 30 })
    await report(log, 4_000, { scope: 'ann', venueId: 'b', quantityLots: 7 })
    const { missed } = await shadowReport(log, LAYOUT)
    expect(missed).toMatchObject([{ at: 1_000, lots: 37 }])
  })

  test('matches the nearest of instrument and side where the venue does not say whose it was', async () => {
    const log = newLog()
    await plan(log, [
      { scope: 'ann', time: 0, lots: 5 },
      { scope: 'bob', time: 3 * MINUTE, lots: 5 },
    ])
    await report(log, 4 * MINUTE, {})
    await report(log, 4 * MINUTE, { side: 'buy' })
    const { matched, missed } = await shadowReport(log, LAYOUT)
    expect(matched).toMatchObject([{ ours: { scope: 'bob' }, leadMs: MINUTE }])
    expect(missed).toMatchObject([{ side: 'buy' }])
  })

  test('takes triggers that follow each other for one, and those far apart for two', async () => {
    const log = newLog()
    const times = [0, 1, 2, 30].map(minute => minute * MINUTE)
    await plan(
      log,
      times.map(time => ({ scope: 'ann', time, lots: 5 })),
    )
    const { extra } = await shadowReport(log, LAYOUT)
    expect(extra.map(({ at }) => at)).toEqual([0, 30 * MINUTE])
  })

  test('says nothing where there is nothing', async () => {
    const nothing = { matched: [], missed: [], extra: [], leadMs: null, sizeRatio: null }
    expect(await shadowReport(newLog(), LAYOUT)).toEqual(nothing)
  })
})
