import { randomUUID } from 'node:crypto'
import type { TradePrinted } from '@sluice/contracts/generated/events'
import { startBroker } from '@sluice/local-stack/start-broker'
import { connectKafka } from '@sluice/stream-kafka/kafka-client'
import { openKafkaLog, type KafkaLog } from '@sluice/stream-kafka/kafka-log'
import { decodedOf } from '@sluice/stream-runtime/inputs'
import { EventToAppend } from '@sluice/stream-runtime/log'
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs'
import { figure, machine } from './figures.ts'
import type { BenchOptions, BenchResult } from './result.ts'

interface Size {
  readonly rounds: number
  readonly batches: number
  readonly recordsPerBatch: number
}

const FULL: Size = { rounds: 5, batches: 100, recordsPerBatch: 500 }
const QUICK: Size = { rounds: 1, batches: 10, recordsPerBatch: 100 }
const OURS = { topic: 'ours', partition: 0 }
const PLAIN = { topic: 'plain', partition: 0 }
const RECORDS_PER_READ = 4096

/** Seconds spent on either side. */
interface Spent {
  ours: number
  plain: number
}

/**
 * Records per second to and from one partition of a real broker: our path, from event objects to event objects, beside kafkajs alone with
 * the same bytes ready made and not looked at. In turn, in one process, on one broker: that of KAFKA_BROKERS, else a local one.
 */
export async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const given = process.env['KAFKA_BROKERS']
  const broker = given === undefined ? await startBroker() : undefined
  try {
    return await measure(broker?.brokers ?? given?.split(',') ?? [], quick ? QUICK : FULL)
  } finally {
    await broker?.stop()
  }
}

async function measure(brokers: readonly string[], size: Size): Promise<BenchResult> {
  const namespace = `bench-${randomUUID()}`
  const names = (topic: string) => `${namespace}.${topic}`
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: namespace,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 20 },
  })
  const admin = kafka.admin()
  await admin.connect()
  await createTopics(admin, [names('ours'), names('plain')])
  const log = await openKafkaLog({
    client: connectKafka({ brokers, clientId: namespace }),
    names,
    partitions: [OURS],
  })
  try {
    const produced = await produce({ log, producer: kafka.producer(), topic: names('plain') }, size)
    const consumed = await consume({ log, kafka, topic: names('plain'), group: namespace }, size)
    return resultOf(size, produced, consumed)
  } finally {
    await log.close()
    await admin.deleteTopics({ topics: [names('ours'), names('plain')] })
    await admin.disconnect()
  }
}

async function createTopics(admin: Admin, topics: readonly string[]): Promise<void> {
  const configEntries = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]
  await admin.createTopics({
    topics: topics.map(topic => ({ topic, numPartitions: 1, configEntries })),
    waitForLeaders: true,
  })
}

async function produce(
  sides: { log: KafkaLog; producer: Producer; topic: string },
  size: Size,
): Promise<Spent> {
  const { log, producer, topic } = sides
  const ready = eventsOf(size).map(event => Buffer.from(new EventToAppend(event).value))
  const messages = ready.map(value => ({ key: null, value, partition: PLAIN.partition }))
  await producer.connect()
  const spent = { ours: 0, plain: 0 }
  // The first round makes both sides warm.
  for (let round = -1; round < size.rounds; round += 1) {
    const ours = await seconds(async () => {
      for (let batch = 0; batch < size.batches; batch += 1)
        await log.append(
          OURS,
          eventsOf(size).map(event => new EventToAppend(event)),
        )
    })
    const plain = await seconds(async () => {
      for (let batch = 0; batch < size.batches; batch += 1) await producer.send({ topic, messages })
    })
    if (round < 0) continue
    spent.ours += ours
    spent.plain += plain
  }
  await producer.disconnect()
  return spent
}

async function consume(
  sides: { log: KafkaLog; kafka: Kafka; topic: string; group: string },
  size: Size,
): Promise<Spent> {
  const total = (size.rounds + 1) * size.batches * size.recordsPerBatch
  const ours = await seconds(() => readAll(sides.log, total))
  return { ours, plain: await plainSeconds(sides, total) }
}

async function readAll(log: KafkaLog, total: number): Promise<void> {
  let offset = 0
  while (offset < total) {
    const records = await log.read(OURS, offset, RECORDS_PER_READ)
    for (const record of records) decodedOf(record)
    offset += records.length
  }
}

/** From the first fetch on, as joining its group is not what a reader spends its life with. */
async function plainSeconds(
  { kafka, topic, group }: { kafka: Kafka; topic: string; group: string },
  total: number,
): Promise<number> {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 250 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let begunAt: number | undefined
  consumer.on(consumer.events.FETCH_START, () => {
    begunAt ??= performance.now()
  })
  let count = 0
  const readAllAt = new Promise<number>((resolve, reject) => {
    const running = consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        count += batch.messages.length
        if (count >= total) resolve(performance.now())
        return Promise.resolve()
      },
    })
    running.catch(reject)
  })
  const endedAt = await readAllAt
  await consumer.disconnect()
  return (endedAt - (begunAt ?? endedAt)) / 1000
}

async function seconds(act: () => Promise<void>): Promise<number> {
  const begunAt = performance.now()
  await act()
  return (performance.now() - begunAt) / 1000
}

const eventsOf = ({ recordsPerBatch }: Size): TradePrinted[] =>
  Array.from({ length: recordsPerBatch }, (_, number) => ({
    type: 'TradePrinted',
    instrument: 'BTC-PERP',
    priceTicks: 1_000_000 + number,
    quantityLots: 1 + (number % 100),
    aggressor: number % 2 === 0 ? 'buy' : 'sell',
  }))

function resultOf(size: Size, produced: Spent, consumed: Spent): BenchResult {
  const perRound = size.batches * size.recordsPerBatch
  const sent = size.rounds * perRound
  const read = (size.rounds + 1) * perRound
  return {
    name: 'kafka-path',
    conditions: {
      ...machine(),
      recordsPerBatch: size.recordsPerBatch,
      recordsProduced: sent,
      recordsConsumed: read,
      replicas: 1,
    },
    figures: [
      figure('produced, ours from events', Math.round(sent / produced.ours), 'records/s'),
      figure('produced, kafkajs from bytes', Math.round(sent / produced.plain), 'records/s'),
      figure('consumed, ours to events', Math.round(read / consumed.ours), 'records/s'),
      figure('consumed, kafkajs to bytes', Math.round(read / consumed.plain), 'records/s'),
    ],
  }
}
