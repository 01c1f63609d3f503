import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Task } from '@sluice/stream-runtime/task'
import { verifyTask } from '@sluice/stream-runtime/verify'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { TcpProxy } from '@sluice/testkit/tcp-proxy'
import { setTimeout as after } from 'node:timers/promises'
import type { KafkaLog } from '../src/kafka-log.ts'
import { kafkaWith, type KafkaUnderTest } from './kafka-under-test.ts'
import {
  appendTrade,
  copiesBySequence,
  countingTrades,
  MARKET_DATA,
  PRICE,
  validEvents,
} from './trade-counter.ts'

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  const giveUpAt = Date.now() + 30_000
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`not within 30 s: ${condition.toString()}`)
  }
}

describeWithKafka('a task that appends to Kafka', kafka => {
  let under: KafkaUnderTest
  let proxy: TcpProxy
  /** Beside the network that fails. */
  let direct: KafkaLog
  let log: KafkaLog
  let trades = 0

  beforeEach(async () => {
    under = await kafkaWith(kafka().brokers, [MARKET_DATA, PRICE])
    const [host = '', port] = (kafka().brokers[0] ?? '').split(':')
    proxy = await TcpProxy.start({ host, port: Number(port) })
    direct = await under.open()
    log = await under.open({ through: proxy })
    trades = 0
  })
  afterEach(async () => {
    await under.dispose()
    await proxy.close()
  })

  /** One more input, already fetched: what fails from now on is the append. */
  const giveTrade = async () => {
    await appendTrade(direct)
    expect((await log.read(MARKET_DATA, trades, 1)).length).toBe(1)
    trades += 1
  }
  const settle = async (task: ReturnType<typeof newTask>) => {
    while ((await task.step()).outcome !== 'waiting');
  }
  /** Owned, and past its cold start, which asks how far its inputs go. */
  const begin = async (task: ReturnType<typeof newTask>) => {
    await task.start()
    await settle(task)
  }
  const newTask = () => new Task(countingTrades(log))
  const expectEachOnce = async () => {
    const sources = (await validEvents(direct)).map(event => 'source' in event && event.source)
    expect(sources).toEqual(Array.from({ length: trades }, (_, n) => `trade ${n + 1}`))
    const walk = verifyTask(countingTrades(direct))
    for (;;) {
      const next = await walk.next()
      if (next.done !== true) continue
      expect(next.value.state).toEqual({ trades })
      return
    }
  }

  test('whose answer is lost sends the same bytes again: two copies, one of them void', async () => {
    const task = newTask()
    await begin(task)
    await giveTrade()
    const before = await direct.end(PRICE)
    proxy.dropAnswers()
    const step = task.step()
    await until(async () => (await direct.end(PRICE)) > before)
    proxy.cut()
    proxy.mend()
    await step
    await settle(task)
    expect([task.phase, task.sequence]).toEqual(['owning', 2])
    expect((await copiesBySequence(direct)).get(2)).toBe(2)
    await giveTrade()
    await settle(task)
    await expectEachOnce()
  })

  test('whose append never arrives sends it again: one copy', async () => {
    const task = newTask()
    await begin(task)
    await giveTrade()
    proxy.stall()
    const step = task.step()
    await new Promise(setImmediate)
    proxy.cut()
    proxy.mend()
    await step
    await settle(task)
    expect((await copiesBySequence(direct)).get(2)).toBe(1)
    await expectEachOnce()
  })

  test('through a cluster that is away for a while waits for it, and its memory does not grow', async () => {
    const task = newTask()
    await begin(task)
    await giveTrade()
    proxy.cut()
    const { outcome } = await task.step()
    expect(outcome).toBe('unanswered')
    expect((await task.step()).outcome).toBe('unanswered')
    expect(log.bufferedBytes).toBeLessThan(10_000)
    proxy.mend()
    await settle(task)
    await expectEachOnce()
  })

  test('through faults at one instant after the other, each input counts once', async () => {
    const faults = [
      () => proxy.dropAnswers(),
      () => proxy.stall(),
      () => proxy.cut(),
      () => undefined,
    ]
    const task = newTask()
    await begin(task)
    for (let round = 0; round < 40; round += 1) {
      await giveTrade()
      const step = task.step()
      await after(Math.floor(round / faults.length) / 2)
      faults[round % faults.length]?.()
      await after(5)
      proxy.cut()
      proxy.mend()
      await step
      await settle(task)
    }
    expect(task.phase).toBe('owning')
    await expectEachOnce()
  })
})
