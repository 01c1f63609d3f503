import { afterEach, expect, test } from '@jest/globals'
import type { LogRecord, PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { TcpProxy } from '@sluice/testkit/tcp-proxy'
import { FETCH_BYTES } from '../src/reader.ts'
import { schemaIdMap } from '../src/schema-id-map.ts'
import { kafkaWith, type KafkaUnderTest } from './kafka-under-test.ts'

const ORDERS: PartitionId = { topic: 'orders', partition: 0 }
const TRADES: PartitionId = { topic: 'trades', partition: 0 }
const KILOBYTE = 1024
const MEGABYTE = 1024 * KILOBYTE

const text = (value: string) => ({ key: null, value: Buffer.from(value) })
const textOf = ({ value }: LogRecord) => Buffer.from(value).toString()
const sized = (bytes: number) => ({ key: null, value: Buffer.alloc(bytes, 7) })

async function readTo(log: StreamLog, of: PartitionId, end: number): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  while (records.length < end) records.push(...(await log.read(of, records.length, 100)))
  return records
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 30_000
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`not within 30 s: ${condition.toString()}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

const MARKER_WITHIN_MS = 10_000

describeWithKafka('reading from Kafka', kafka => {
  let under: KafkaUnderTest
  const proxies: TcpProxy[] = []

  const topics = async (partitions: readonly PartitionId[], config = {}) => {
    under = await kafkaWith(kafka().brokers, partitions, { config })
  }
  const proxied = async () => {
    const [host = '', port] = (kafka().brokers[0] ?? '').split(':')
    const proxy = await TcpProxy.start({ host, port: Number(port) })
    proxies.push(proxy)
    return proxy
  }
  afterEach(async () => {
    await under.dispose()
    await Promise.all(proxies.splice(0).map(proxy => proxy.close()))
  })

  test('a connection that breaks again and again loses, repeats and reorders nothing', async () => {
    await topics([ORDERS])
    const proxy = await proxied()
    const writer = await under.open()
    const reader = await under.open({ through: proxy })
    const expected = Array.from({ length: 600 }, (_, n) => `record ${n}`)
    const reading = readTo(reader, ORDERS, expected.length)
    for (const [n, value] of expected.entries()) {
      await writer.append(ORDERS, [text(value)])
      if (n % 200 === 100) proxy.cut()
      if (n % 200 === 110) proxy.mend()
    }
    expect((await reading).map(textOf)).toEqual(expected)
  })

  test('a network that holds everything back for a while holds back, and no more', async () => {
    await topics([ORDERS])
    const proxy = await proxied()
    const writer = await under.open()
    const reader = await under.open({ through: proxy })
    await writer.append(ORDERS, [text('before')])
    expect((await readTo(reader, ORDERS, 1)).map(textOf)).toEqual(['before'])
    proxy.stall()
    await writer.append(ORDERS, [text('meanwhile')])
    const changed = reader.changed(new AbortController().signal)
    expect(reader.isKnownEnd(ORDERS, 1)).toBe(true)
    proxy.mend()
    await changed
    expect((await reader.read(ORDERS, 1, 9)).map(textOf)).toEqual(['meanwhile'])
  })

  test('a reader that does not read holds no more than its buffer and one fetch', async () => {
    await topics([ORDERS, TRADES])
    const bufferBytes = 4 * MEGABYTE
    const [writer, reader] = [await under.open(), await under.open({ bufferBytes })]
    await reader.read(ORDERS, 0, 1)
    for (let n = 0; n < 40; n += 1) await writer.append(ORDERS, [sized(MEGABYTE)])
    await writer.append(TRADES, [text('beside')])
    expect((await reader.read(ORDERS, 0, 1)).length).toBe(1)
    expect((await readTo(reader, TRADES, 1)).map(textOf)).toEqual(['beside'])
    await until(() => reader.bufferedBytes >= bufferBytes / 2)
    expect(reader.bufferedBytes).toBeLessThan(bufferBytes + FETCH_BYTES)
    expect((await readTo(reader, ORDERS, 40)).every(({ value }) => value.length === MEGABYTE)).toBe(
      true,
    )
  })

  test('what nobody reads is heard of, and not kept', async () => {
    await topics([ORDERS])
    const [writer, watcher] = [await under.open(), await under.open()]
    const changed = watcher.changed(new AbortController().signal)
    await writer.append(ORDERS, [sized(100 * KILOBYTE)])
    await changed
    expect(watcher.isKnownEnd(ORDERS, 0)).toBe(false)
    expect(watcher.isKnownEnd(ORDERS, 1)).toBe(true)
    expect(watcher.bufferedBytes).toBe(0)
  })

  test('whoever only asks whether the end is known hears of what comes after it', async () => {
    await topics([ORDERS])
    const writer = await under.open()
    const reader = await under.open()
    expect(reader.isKnownEnd(ORDERS, 0)).toBe(true)
    await writer.append(ORDERS, [text('later')])
    const deadline = performance.now() + 10_000
    while (reader.isKnownEnd(ORDERS, 0) && performance.now() < deadline)
      await new Promise(resolve => setTimeout(resolve, 10))
    expect(reader.isKnownEnd(ORDERS, 0)).toBe(false)
  })

  test('records deleted before they were read are an error, and the other partitions go on', async () => {
    await topics([ORDERS, TRADES])
    const writer = await under.open()
    for (let n = 0; n < 50; n += 1) await writer.append(ORDERS, [sized(100 * KILOBYTE)])
    const reader = await under.open({ bufferBytes: 2 })
    expect((await reader.read(ORDERS, 0, 1)).length).toBe(1)
    await under.admin.deleteTopicRecords({
      topic: under.names('orders'),
      partitions: [{ partition: 0, offset: '40' }],
    })
    const outOfRange = { name: 'OffsetOutOfRangeError' }
    await expect(readTo(reader, ORDERS, 50)).rejects.toMatchObject(outOfRange)
    await expect(reader.read(ORDERS, 35, 1)).rejects.toMatchObject(outOfRange)
    await writer.append(TRADES, [text('beside')])
    expect((await readTo(reader, TRADES, 1)).map(textOf)).toEqual(['beside'])
    expect((await reader.read(ORDERS, 40, 1)).map(({ offset }) => offset)).toEqual([40])
  })

  test('with a registry, records lie on Kafka under its schema ids, and are read under ours', async () => {
    await topics([ORDERS])
    const ours = Buffer.from([0, 0, 0, 0, 7, 42])
    const log = await under.open({ schemaIds: schemaIdMap([[7, 1001]]) })
    await log.append(ORDERS, [{ key: null, value: ours }])
    expect((await log.read(ORDERS, 0, 1)).map(({ value }) => Buffer.from(value))).toEqual([ours])
    const plain = await (await under.open()).read(ORDERS, 0, 1)
    expect(plain.map(({ value }) => Buffer.from(value).readUInt32BE(1))).toEqual([1001])
  })

  test('a tombstone is a record with an empty value', async () => {
    await topics([ORDERS])
    const producer = under.kafka.producer()
    await producer.connect()
    await producer.send({ topic: under.names('orders'), messages: [{ key: 'a', value: null }] })
    await producer.disconnect()
    const [record] = await (await under.open()).read(ORDERS, 0, 1)
    expect([record?.key?.length, record?.value.length]).toEqual([1, 0])
  })

  test('a topic written in transactions is refused: its offsets have gaps', async () => {
    await topics([ORDERS])
    const producer = under.kafka.producer({
      transactionalId: under.namespace,
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.send({
      topic: under.names('orders'),
      messages: [{ value: 'a', partition: ORDERS.partition }],
    })
    await transaction.commit()
    await producer.disconnect()
    const log = await under.open()
    // The broker answers a commit before its marker is there, and till then what was committed is not to be read.
    const deadline = AbortSignal.timeout(MARKER_WITHIN_MS)
    while ((await log.end(ORDERS)) === 0 && !deadline.aborted) await log.changed(deadline)
    expect((await log.read(ORDERS, 0, 9)).map(textOf)).toEqual(['a'])
    await expect(log.read(ORDERS, 1, 9)).rejects.toMatchObject({
      name: 'OffsetGapError',
      message: expect.stringContaining('sluice capture') as unknown,
    })
  })

  test('a topic or a partition that is not there is an error with its name', async () => {
    await topics([ORDERS])
    const missing = { topic: 'missing', partition: 0 }
    const error = {
      name: 'TopicMissingError',
      message: expect.stringContaining('missing') as unknown,
    }
    await expect(under.open({ partitions: [missing] })).rejects.toMatchObject(error)
    const log = await under.open()
    await expect(log.append(missing, [text('a')])).rejects.toMatchObject(error)
    await expect(log.append({ ...ORDERS, partition: 7 }, [text('a')])).rejects.toMatchObject({
      name: 'TopicMissingError',
    })
    await expect(log.read(TRADES, 0, 1)).rejects.toMatchObject({ name: 'PartitionNotWatchedError' })
  })

  test('a batch above what the topic takes is an error, and the next one goes on', async () => {
    await topics([ORDERS], { 'max.message.bytes': String(100 * KILOBYTE) })
    const log = await under.open()
    await expect(log.append(ORDERS, [sized(200 * KILOBYTE)])).rejects.toMatchObject({
      name: 'BatchTooLargeError',
      message: expect.stringContaining('max.message.bytes') as unknown,
    })
    expect(await log.append(ORDERS, [text('small')])).toBe(0)
  })

  test('closing ends whoever reads and whoever waits', async () => {
    await topics([ORDERS])
    const proxy = await proxied()
    const log = await under.open({ through: proxy })
    const changed = log.changed(new AbortController().signal)
    proxy.cut()
    const reading = log.read(ORDERS, 0, 1)
    const closed = expect(reading).rejects.toThrow()
    await log.close()
    await closed
    await changed
  })
})
