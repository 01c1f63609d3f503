import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { decodedOf, openInput } from '@sluice/stream-runtime/inputs'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { verifyTask } from '@sluice/stream-runtime/verify'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { outputOf } from '@sluice/stream-runtime/definition'
import type { HostSettings } from '../src/host-settings.ts'
import type { Handle, Logs } from '../src/logs.ts'
import { closeAccounts, closingService } from './closing.ts'
import { eventually } from './hosted.ts'
import { deployment, logsOf, startOnKafka, type HostedOnKafka } from './kafka-hosted.ts'

const TASKS = [0, 1, 2, 3]
const LONG_MS = 60_000

describeWithKafka('four tasks over processes', kafka => {
  let settings: HostSettings
  let logs: Logs
  let exchange: Handle
  let log: StreamLog
  const hosts: HostedOnKafka[] = []
  const start = (): HostedOnKafka => {
    const host = startOnKafka(settings, closingService())
    hosts.push(host)
    return host
  }
  beforeEach(async () => {
    settings = await deployment(kafka().brokers, TASKS.length)
    logs = await logsOf(settings)
    exchange = await logs.open(
      TASKS.flatMap(partition => [
        { topic: 'accounts', partition },
        { topic: 'margin-evaluation', partition },
        { topic: 'operations', partition: 0 },
      ]),
    )
    log = exchange.log
  }, LONG_MS)
  afterEach(async () => {
    await Promise.allSettled(hosts.splice(0).map(host => host.stop()))
    await exchange.close()
  }, LONG_MS)

  const shared = (...counts: readonly number[]) =>
    eventually(`shares of ${counts.join(' and ')}`, async () => {
      const running = await Promise.all(hosts.map(host => host.running()))
      const all = new Set(running.flat())
      const isSo =
        all.size === TASKS.length && running.every((each, index) => each.length === counts[index])
      return isSo ? running : undefined
    })

  /** What a task says it has closed so far, once it has closed `count`. */
  const closedBy = (partition: number, count: number) =>
    eventually(`${count} closed in ${partition}`, async () => {
      const closed = await sequencesOf(log, partition)
      return closed.length >= count ? closed : undefined
    })

  test(
    'one has all, a second takes half, and when the first leaves the second has all: nothing is done twice',
    async () => {
      const first = start()
      await shared(4)
      for (const partition of TASKS) await closeAccounts(log, partition, [1, 2, 3])
      for (const partition of TASKS) expect(await closedBy(partition, 3)).toEqual([1, 2, 3])

      start()
      const [ofFirst = [], ofSecond = []] = await shared(2, 2)
      expect([...ofFirst, ...ofSecond].sort()).toEqual(TASKS.map(n => `margin-evaluation-${n}`))
      expect(await first.readyz()).toBe(200)
      for (const partition of TASKS) await closeAccounts(log, partition, [4, 5])
      for (const partition of TASKS) await closedBy(partition, 5)

      expect((await first.stop()).every(({ reason }) => reason === 'stopped')).toBe(true)
      hosts.shift()
      const left = performance.now()
      for (const partition of TASKS) await closeAccounts(log, partition, [6])
      for (const partition of TASKS)
        expect(await closedBy(partition, 6)).toEqual([1, 2, 3, 4, 5, 6])
      const tookOverMs = performance.now() - left
      await shared(4)
      process.stdout.write(
        `after the first had left, its tasks went on elsewhere within ${tookOverMs.toFixed(0)} ms\n`,
      )
      expect(tookOverMs).toBeLessThan(15_000)
      for (const partition of TASKS) expect(await soundInputs(logs, log, partition)).toBe(6)
    },
    LONG_MS,
  )
  test(
    'what was saved to the topic is where a task starts on another machine',
    async () => {
      settings = { ...settings, snapshots: { everyInputs: 20 } }
      const first = start()
      await shared(4)
      const numbers = Array.from({ length: 50 }, (_, index) => index + 1)
      for (const number of numbers) await closeAccounts(log, 2, [number])
      await closedBy(2, 50)
      const store = await logs.openSnapshots()
      expect(store).toBeUndefined()
      const snapshots = await (await logsOf(settings)).openSnapshots()
      await eventually('a snapshot', async () =>
        snapshots?.newest('margin-evaluation-2', () => true),
      )
      await first.stop()
      hosts.shift()

      let restored = 0
      const second = startOnKafka(
        settings,
        closingService(() => (restored += 1)),
      )
      hosts.push(second)
      await shared(4)
      expect(restored).toBeGreaterThan(0)
      await closeAccounts(log, 2, [51])
      expect(await closedBy(2, 51)).toEqual([...numbers, 51])
      expect(await soundInputs(logs, log, 2)).toBe(51)
    },
    LONG_MS,
  )
})

async function sequencesOf(log: StreamLog, partition: number): Promise<readonly number[]> {
  const reader = openInput(log, { topic: 'margin-evaluation', partition, ours: true })
  const found: number[] = []
  for (;;) {
    const record = reader.next()
    if (record !== undefined) {
      const event = decodedOf(record)
      if (event.type === 'ScopeTrusted') found.push(event.ledgerSequence)
    } else if (!(await reader.fill(100))) return found
  }
}

/** Replays a task from its beginning, everything compared: how many inputs it has folded. */
async function soundInputs({ layout }: Logs, log: StreamLog, partition: number): Promise<number> {
  return closingService().define({ log, layout, partition }, async definition => {
    expect(outputOf(definition).partition).toBe(partition)
    const walk = verifyTask(definition)
    for (;;) {
      const { done, value } = await walk.next()
      if (done === true) return value.inputs
    }
  })
}
