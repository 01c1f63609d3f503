import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { openEmbeddedSnapshots } from '@sluice/stream-embedded/embedded-snapshots'
import { verifyTask } from '@sluice/stream-runtime/verify'
import { appendTrades, countingTask, engageKillSwitch } from './counting.ts'
import { eventually, settingsOf, startHost, type Hosted } from './hosted.ts'

let root: string
let directory: string
/** The exchange's own handle. */
let exchange: EmbeddedLog
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-host-'))
  directory = join(root, 'log')
  exchange = openEmbeddedLog({ directory, mode: 'each', clock: Date.now })
})
afterEach(async () => {
  await exchange.close()
  await rm(root, { recursive: true })
})

const confirmedAt = (host: Hosted, offset: number) =>
  eventually(`confirmed up to ${offset}`, () => {
    const position = host.task.positions().find(({ topic }) => topic === 'market-data')?.position
    return Promise.resolve(position === offset ? host.task.stateHash() : undefined)
  })

async function newestSnapshot(): Promise<number | undefined> {
  const store = openEmbeddedSnapshots({ directory: `${directory}-snapshots` })
  try {
    return (await store.newest('price-0', () => true))?.manifest.sequence
  } finally {
    await store.close()
  }
}

/** State hash by a replay of the whole log from its beginning, everything compared. */
async function verifiedHash(): Promise<string> {
  const walk = verifyTask(countingTask(exchange))
  for (;;) {
    const { done, value } = await walk.next()
    if (done === true) return value.stateHash
  }
}

test('a process that is stopped and started again goes on from its snapshot and the tail behind it', async () => {
  const first = await startHost(settingsOf(directory), 1)
  await first.ready()
  await appendTrades(exchange, 100)
  await confirmedAt(first, 100)
  const snapshot = await eventually('a snapshot', newestSnapshot)
  await appendTrades(exchange, 30)
  const hash = await confirmedAt(first, 130)
  expect(await first.stop()).toEqual([{ task: 'price-0', reason: 'stopped' }])

  const second = await startHost(settingsOf(directory), 2)
  await second.ready()
  expect(second.restored()).toBeGreaterThan(0)
  expect(second.task.sequence).toBeGreaterThan(snapshot)
  expect(second.task.stateHash()).toBe(hash)
  await appendTrades(exchange, 31)
  const after = await confirmedAt(second, 161)
  await second.stop()
  expect(await verifiedHash()).toBe(after)
})

test('without snapshots the whole log is replayed', async () => {
  const first = await startHost(settingsOf(directory, 0), 1)
  await appendTrades(exchange, 100)
  const hash = await confirmedAt(first, 100)
  await first.stop()
  const second = await startHost(settingsOf(directory, 0), 2)
  await second.ready()
  expect([second.restored(), second.task.stateHash()]).toEqual([0, hash])
  await second.stop()
})

test('it is not ready before its state is restored, and ready from then on', async () => {
  const host = await startHost(settingsOf(directory), 1)
  await host.ready()
  expect(host.firstReadiness).toBe(503)
  expect(await host.status('/livez')).toBe(200)
  await host.stop()
})

test('of two processes with the same task the later one takes over and the earlier one ends', async () => {
  const earlier = await startHost(settingsOf(directory), 1)
  await earlier.ready()
  await appendTrades(exchange, 10)
  await confirmedAt(earlier, 10)
  const later = await startHost(settingsOf(directory), 2)
  expect(await earlier.ended).toEqual([{ task: 'price-0', reason: 'ended' }])
  await later.ready()
  await appendTrades(exchange, 5)
  const hash = await confirmedAt(later, 15)
  expect(await later.stop()).toEqual([{ task: 'price-0', reason: 'stopped' }])
  expect(await verifiedHash()).toBe(hash)
})

test('metrics count events, show lag, and know a kill switch engaged before the start', async () => {
  await engageKillSwitch(exchange)
  const host = await startHost(settingsOf(directory), 1)
  await appendTrades(exchange, 9)
  await confirmedAt(host, 9)
  const line = (start: string) => eventually(start, () => host.metric(start))
  expect(await line('sluice_events_total{type="PriceSourceRestored"}')).toMatch(/ 3$/)
  expect(await line('sluice_kill_switch_engaged 1')).toBeDefined()
  expect(await line('sluice_consumer_lag_messages{task="price-0"} 0')).toBeDefined()
  await host.stop()
})

test('a log that is cut otherwise than the settings say is not touched', async () => {
  exchange.writeMeta('topology', { evaluators: 2 })
  await expect(startHost(settingsOf(directory), 1)).rejects.toMatchObject({
    name: 'TopologyChangedError',
    message: expect.stringContaining('set it to that, or begin a new log'),
  })
})

test('an address that is taken is named, with the settings that choose it', async () => {
  const host = await startHost(settingsOf(directory), 1)
  const taken = { ...settingsOf(directory), metrics: { host: '127.0.0.1', port: portOf(host) } }
  await expect(startHost(taken, 2)).rejects.toMatchObject({
    name: 'AddressUnavailableError',
    message: expect.stringContaining('metrics.port'),
  })
  await host.stop()
})

const portOf = ({ url }: Hosted): number => Number(new URL(url).port)
