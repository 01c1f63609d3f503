import { expect, test } from '@jest/globals'
import { eventsOf } from '@sluice/audit/log-events'
import { encodeEvent, isReceipt } from '@sluice/contracts/codec'
import { recordIdOf } from '@sluice/contracts/ids'
import { isOurs, TOPICS, type ServiceName, type TopicName } from '@sluice/contracts/topics'
import { Random } from '@sluice/exchange-simulator/random'
import { SERVICES } from '@sluice/pipeline/services'
import { DeadLetterTopics } from '@sluice/stream-kafka/dead-letter-topics'
import { DeadLetterForwarder, eachOnce } from '@sluice/stream-kafka/dead-letters'
import { connectKafka } from '@sluice/stream-kafka/kafka-client'
import type { KafkaLog } from '@sluice/stream-kafka/kafka-log'
import type { LogRecord } from '@sluice/stream-runtime/log'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import { stopCleanly } from '@sluice/testkit/clean-stop'
import { auditPipeline } from '@sluice/testkit/kafka-audit'
import { withPipeline, type KafkaPipeline } from '@sluice/testkit/kafka-pipeline'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'
import { recordsOf } from '@sluice/testkit/task-chain'

const ROUNDS = isLong() ? 40 : 4
const TIMEOUT_MS = isLong() ? 1_200_000 : 300_000
const WITHIN_MS = TIMEOUT_MS / 2
const LARGE_BYTES = 20 * 1024 * 1024
const TRUNCATED_BYTES = 9
const LARGE_TEXT = 5 * 1024 * 1024
const TOPIC_BYTES_MAX = 32 * 1024 * 1024
/** Nobody's account, scope or instrument. */
const NOBODY = Buffer.from('nobody')

const isService = (reader: string): reader is ServiceName => reader !== 'exchange'
const OURS = TOPICS.filter(isOurs).map(({ name }) => name)
const INPUTS = TOPICS.filter(spec => !isOurs(spec) && spec.readers.length > 0).map(
  ({ name, readers }) => ({
    topic: name,
    readers: readers.filter(isService),
  }),
)

/** One record that nobody can read, and what each of its readers is to say of it. */
interface Poisoned {
  readonly id: string
  readonly reason: string
  readonly readers: readonly ServiceName[]
}

function tradeOf(instrument: string): Buffer {
  const trade = { instrument, priceTicks: 1, quantityLots: 1, aggressor: 'buy' } as const
  return Buffer.from(encodeEvent({ type: 'TradePrinted', ...trade }))
}

const A_TRADE = tradeOf('NONE')

function ofUnknownSchema(): Buffer {
  const value = Buffer.from(A_TRADE)
  value.writeUInt32BE(0x7fff_0000, 1)
  return value
}

/** By the reason for which it is refused. */
const POISON: readonly (readonly [reason: string, value: Buffer])[] = [
  ['header_missing', Buffer.alloc(0)],
  ['header_missing', Buffer.from('{"price": 1}')],
  ['schema_unknown', ofUnknownSchema()],
  ['bytes_truncated', A_TRADE.subarray(0, TRUNCATED_BYTES)],
  ['bytes_trailing', Buffer.concat([A_TRADE, Buffer.alloc(3)])],
]

/** The second could be decoded, and what is said of it would hold its text. */
const LARGE: typeof POISON = [
  ['record_too_large', Buffer.alloc(LARGE_BYTES, 1)],
  ['record_too_large', tradeOf('N'.repeat(LARGE_TEXT))],
]

/** Each of them to every topic that others write. */
async function poison(log: KafkaLog, values: typeof POISON): Promise<Poisoned[]> {
  const poisoned: Poisoned[] = []
  for (const { topic, readers } of INPUTS) {
    for (const [reason, value] of values) {
      const offset = await log.append({ topic, partition: 0 }, [{ key: NOBODY, value }])
      poisoned.push({ id: recordIdOf(topic, 0, offset), reason, readers })
    }
  }
  return poisoned
}

/** Appends a batch of ours again, word for word, as a producer does that missed the answer. */
async function repeatOne(log: KafkaLog, topic: TopicName, random: Random): Promise<void> {
  const of = { topic, partition: 0 }
  const records: LogRecord[] = []
  for await (const record of recordsOf(log, of)) records.push(record)
  const starts = records.flatMap(({ value }, index) => (isReceipt(value) ? [index] : []))
  const place = random.below(starts.length)
  await log.append(of, records.slice(starts[place], starts[place + 1]))
}

/** As an exchange has them that writes large records; `sluice topics apply` leaves that as it is. */
async function createLargeTopics(brokers: readonly string[], namespace: string): Promise<void> {
  const admin = connectKafka({ brokers, clientId: namespace }).admin()
  const configEntries = [{ name: 'max.message.bytes', value: String(TOPIC_BYTES_MAX) }]
  const topics = INPUTS.map(({ topic }) => ({ topic: `${namespace}.${topic}`, configEntries }))
  await admin.connect()
  try {
    await admin.createTopics({ waitForLeaders: false, topics })
  } finally {
    await admin.disconnect()
  }
}

interface Spoilt {
  readonly poisoned: readonly Poisoned[]
  readonly repeats: number
}

/** Poison, repeats, and at the end a record of 20 MB in every topic, while liquidations go on. */
async function spoil(pipeline: KafkaPipeline, random: Random): Promise<Spoilt> {
  const { log } = pipeline
  const poisoned: Poisoned[] = []
  let repeats = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    poisoned.push(...(await poison(log, POISON)))
    for (const topic of OURS) await repeatOne(log, topic, random)
    repeats += OURS.length
    const wanted = (await pipeline.recordsOf('price')) + random.below(50)
    const hasGrown = async () => (await pipeline.recordsOf('price')) >= wanted
    await pipeline.until('prices go on', hasGrown, WITHIN_MS)
  }
  poisoned.push(...(await poison(log, LARGE)))
  return { poisoned, repeats }
}

/** What the task of a service refused, by the id of the record. */
async function refusalsOf(log: KafkaLog, service: ServiceName): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for await (const { event } of eventsOf(log, service, 0)) {
    if (event.type !== 'InputRefused') continue
    const id = recordIdOf(event.source, event.partition, event.offset)
    found.set(id, [...(found.get(id) ?? []), event.reason])
  }
  return found
}

async function expectRefused(log: KafkaLog, poisoned: readonly Poisoned[]): Promise<void> {
  for (const service of SERVICES) {
    const refusals = await refusalsOf(log, service)
    const expected = poisoned.filter(({ readers }) => readers.includes(service))
    const found = expected.map(({ id }) => [id, refusals.get(id)])
    expect([service, found]).toEqual([service, expected.map(({ id, reason }) => [id, [reason]])])
  }
}

/** Every refusal has a letter, which holds the record unless that is too large; forwarding anew adds none. */
async function expectDeadLetters(
  { log }: KafkaPipeline,
  { brokers, namespace }: { readonly brokers: readonly string[]; readonly namespace: string },
  poisoned: readonly Poisoned[],
): Promise<void> {
  const client = connectKafka({ brokers, clientId: `${namespace}.redrive` })
  const names = (topic: string) => `${namespace}.${topic}`
  const store = new DeadLetterTopics({ client, names })
  const tasks = SERVICES.map(topic => ({ topic, partition: 0 }))
  const expected = poisoned.reduce((sum, { readers }) => sum + readers.length, 0)
  // The process has forwarded while it ran; what was refused last may be left.
  await new DeadLetterForwarder({ log, store, tasks }).advance()
  expect(await new DeadLetterForwarder({ log, store, tasks }).advance()).toBe(0)
  const stored = (await Promise.all(INPUTS.map(({ topic }) => store.all(topic)))).flat()
  const letters = eachOnce(stored)
  const lengthsOf = (reason: string) =>
    letters.filter(each => each.reason === reason).map(({ value }) => value.length)
  expect(letters).toHaveLength(expected)
  expect(lengthsOf('bytes_truncated').every(length => length === TRUNCATED_BYTES)).toBe(true)
  expect(lengthsOf('record_too_large').every(length => length === 0)).toBe(true)
}

describeWithKafka('what nobody should have written', kafka => {
  test(
    'poison is refused once by every reader, repeats are void to all, and on it goes',
    async () => {
      const seed = sampleSeed()
      const random = new Random(seed, 'poison')
      const options = {
        brokers: kafka().brokers,
        namespace: freshNamespace(),
        evaluators: 1,
        snapshotEvery: 1000,
        processes: [SERVICES],
        simulator: { scenario: 'flash-crash', accounts: 60, seed: 1, speed: 20, steps: 600 },
      } as const
      await createLargeTopics(options.brokers, options.namespace)
      await withPipeline(options, async pipeline => {
        await pipeline.untilReady()
        const isTrading = async () => (await pipeline.liquidations.look()).orders > 0
        await pipeline.until('orders are placed', isTrading, WITHIN_MS)
        const { poisoned, repeats } = await spoil(pipeline, random)
        await pipeline.untilCalm(WITHIN_MS)
        await stopCleanly(pipeline)
        const audit = await auditPipeline(pipeline)
        expect(audit.faults).toEqual([])
        await expectRefused(pipeline.log, poisoned)
        await expectDeadLetters(pipeline, options, poisoned)
        const voids = audit.tasks.reduce((sum, task) => sum + task.voidReceipts, 0)
        expect(voids).toBe(repeats)
        process.stdout.write(
          `seed ${seed}: ${poisoned.length} records refused by all who read them, ${repeats} repeats void, ${audit.ordersAccepted} orders\n`,
        )
      })
    },
    TIMEOUT_MS,
  )
})
