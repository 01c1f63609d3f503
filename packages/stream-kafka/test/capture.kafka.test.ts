import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { describeWithKafka } from '@sluice/testkit/brokers'
import type { Producer, Transaction } from 'kafkajs'
import { captureTopic, CaptureError, ORIGINAL, type CaptureOptions } from '../src/capture.ts'
import { connectKafka } from '../src/kafka-client.ts'
import { kafkaWith, type KafkaUnderTest } from './kafka-under-test.ts'

/** A broker that has just started has no coordinator of transactions for a while. */
async function begun(producer: Producer): Promise<Transaction> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await producer.transaction()
    } catch (error) {
      if (attempt === 100) throw error
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
}

describeWithKafka('a capture', broker => {
  let kafka: KafkaUnderTest

  const from = () => kafka.names('venue-trades')
  const to = () => kafka.names('captured')

  const capture = (rest: Partial<CaptureOptions> = {}) =>
    captureTopic({
      client: connectKafka({ brokers: broker().brokers, clientId: kafka.namespace }),
      from: from(),
      to: to(),
      replicationFactor: 1,
      once: true,
      signal: new AbortController().signal,
      ...rest,
    })

  /** In transactions: their marks are offsets without a record, as compaction leaves them. */
  async function write(values: readonly string[]): Promise<void> {
    const producer = kafka.kafka.producer({
      transactionalId: `${kafka.namespace}-writer`,
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    })
    await producer.connect()
    const transaction = await begun(producer)
    const messages = values.map((value, index) => ({
      key: `key of ${value}`,
      value,
      partition: index % 2,
      headers: { venue: 'here' },
    }))
    await transaction.send({ topic: from(), messages })
    await transaction.commit()
    await producer.disconnect()
  }

  /** Everything in the copy, by partition. */
  async function copied() {
    const consumer = kafka.kafka.consumer({
      groupId: `${kafka.namespace}-${String(Math.random())}`,
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [to()], fromBeginning: true })
    const offsets = await kafka.admin.fetchTopicOffsets(to())
    const wanted = offsets.reduce((sum, { high }) => sum + Number(high), 0)
    const found: {
      partition: number
      offset: string
      value: string
      original: string
      venue: string
    }[] = []
    await new Promise<void>(resolve => {
      void consumer.run({
        eachMessage: ({ partition, message: { offset, value, headers } }) => {
          const header = (name: string) => String(headers?.[name])
          const original = `${header(ORIGINAL.topic)}-${header(ORIGINAL.partition)}@${header(ORIGINAL.offset)}`
          found.push({ partition, offset, value: String(value), original, venue: header('venue') })
          if (found.length === wanted) resolve()
          return Promise.resolve()
        },
      })
    })
    await consumer.disconnect()
    return found.sort((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset))
  }

  beforeEach(async () => {
    kafka = await kafkaWith(broker().brokers, [{ topic: 'venue-trades', partition: 1 }])
  })
  afterEach(async () => {
    await kafka.admin.deleteTopics({ topics: [to()] }).catch(() => undefined)
    await kafka.dispose()
  })

  test('copies what is there, without the gaps, and says where it was', async () => {
    await write(['a', 'b', 'c'])
    await write(['d'])
    const done = await capture()
    expect(done.map(({ partition, copied: count, missed }) => [partition, count, missed])).toEqual([
      [0, 3, 0],
      [1, 1, 0],
    ])
    expect(await copied()).toEqual([
      { partition: 0, offset: '0', value: 'a', original: `${from()}-0@0`, venue: 'here' },
      { partition: 0, offset: '1', value: 'c', original: `${from()}-0@1`, venue: 'here' },
      { partition: 0, offset: '2', value: 'd', original: `${from()}-0@3`, venue: 'here' },
      { partition: 1, offset: '0', value: 'b', original: `${from()}-1@0`, venue: 'here' },
    ])
  })

  test('goes on by the tail of the copy, wherever it was stopped, and copies everything once', async () => {
    const values = Array.from(
      { length: 400 },
      (_, index) => `${String(index)} ${'x'.repeat(4_000)}`,
    )
    await write(values)
    const stop = new AbortController()
    await capture({ signal: stop.signal, onProgress: () => stop.abort() })
    const part = (await copied()).length
    expect(part).toBeGreaterThan(0)
    expect(part).toBeLessThan(400)
    await capture()
    await write(['one more'])
    await capture()
    const again = await capture()
    expect(again.every(each => each.copied === 0)).toBe(true)
    const all = (await copied()).map(({ value }) => value)
    expect(all.sort()).toEqual([...values, 'one more'].sort())
  }, 300_000)

  test('will not write to what is not its copy', async () => {
    await write(['a', 'b'])
    await kafka.admin.createTopics({
      topics: [{ topic: to(), numPartitions: 2, replicationFactor: 1 }],
      waitForLeaders: true,
    })
    const producer = kafka.kafka.producer()
    await producer.connect()
    await producer.send({ topic: to(), messages: [{ value: 'foreign', partition: 0 }] })
    await producer.disconnect()
    await expect(capture()).rejects.toThrow(CaptureError)
  })

  test('names a source that is not there', async () => {
    await expect(capture({ from: kafka.names('nothing') })).rejects.toThrow(
      /there is no topic .*nothing/,
    )
  })
})
