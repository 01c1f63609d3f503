import { expect, test } from '@jest/globals'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { kafkaWith } from './kafka-under-test.ts'

const PRICE = { topic: 'price', partition: 0 }
const APPENDS = 150

describeWithKafka('who reads at the end of a partition', broker => {
  test('gets every record, also of an append that happens while it asks where the end is', async () => {
    const kafka = await kafkaWith(broker().brokers, [PRICE])
    try {
      const reader = await kafka.open()
      const writer = await kafka.open({ partitions: [] })
      const writing = (async () => {
        for (let n = 0; n < APPENDS; n += 1)
          await writer.append(PRICE, [{ key: null, value: Buffer.from(`record ${n}`) }])
      })()
      const read: string[] = []
      while (read.length < APPENDS) {
        const records = await reader.read(PRICE, read.length, 10)
        read.push(...records.map(({ value }) => Buffer.from(value).toString()))
      }
      await writing
      expect(read).toEqual(Array.from({ length: APPENDS }, (_, n) => `record ${n}`))
    } finally {
      await kafka.dispose()
    }
  }, 60_000)
})
