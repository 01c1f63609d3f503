import { expect, test } from '@jest/globals'
import { decodeEvent } from '@sluice/contracts/codec'
import { opaqueIds } from '@sluice/contracts/opaque-id'
import { isOurs, topicSpec } from '@sluice/contracts/topics'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import { openTask } from '@sluice/pipeline/tasks'
import { mapTasks } from '@sluice/pipeline/topology'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { openInput } from '@sluice/stream-runtime/inputs'
import { CachedRecord } from '@sluice/stream-runtime/log'
import { Simulation, SimulationClock } from '../src/simulation.ts'
import { VenueLink } from '../src/venue-link.ts'
import { temporaryDirectory } from './fixtures.ts'
import { SHARP, SHARP_SERIES } from './sharp-crash.ts'

/** A crash on a log that keeps all its records in memory, with the events their writers gave them. */
async function crash(log: EmbeddedLog, clock: SimulationClock): Promise<void> {
  const { accounts, seed, evaluators } = SHARP
  const simulator = new ExchangeSimulator({
    market: { kind: 'prices', series: SHARP_SERIES },
    accounts,
    seed,
    mode: 'partial',
    opaqueId: opaqueIds(Buffer.from('a key of 32 bytes for this test.')),
  })
  const tasks = mapTasks(log, { evaluators }, definition => openTask(definition, { owner: 'test' }))
  for (const task of tasks) await task.start()
  const link = new VenueLink(log, { layout: { evaluators }, recordedTo: -1 })
  const world = { log, clock, simulator, link, tasks, recordedTo: -1 }
  await new Simulation(world).run(() => true)
}

test('what is handed to readers in place of a record is to the end what the bytes say, for every event of a crash', async () => {
  const { path, remove } = await temporaryDirectory()
  const clock = new SimulationClock()
  const log = openEmbeddedLog({
    directory: path,
    mode: 'group',
    clock: () => clock.now,
    cacheBytes: Number.MAX_SAFE_INTEGER,
  })
  await crash(log, clock)
  const shared = new Map<string, number>()
  for (const { topic, partition } of log.partitions()) {
    const reader = openInput(log, { topic, partition, ours: isOurs(topicSpec(topic)) })
    while (await reader.fill(4096)) {
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        if (!(record instanceof CachedRecord) || record.event === undefined) continue
        expect(record.event).toEqual(decodeEvent(record.value))
        shared.set(record.event.type, (shared.get(record.event.type) ?? 0) + 1)
      }
    }
  }
  await log.close()
  await remove()
  const types = ['AccountUpdated', 'AccountRiskReported', 'OrderFilled', 'DeleveragingOrdered']
  for (const type of types) expect(shared.get(type)).toBeGreaterThan(0)
})
