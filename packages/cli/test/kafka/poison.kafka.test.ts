import { expect, test } from '@jest/globals'
import { eventsOf } from '@sluice/audit/log-events'
import { encodeEvent, isReceipt } from '@sluice/contracts/codec'
import { recordIdOf } from '@sluice/contracts/ids'
import { isOurs, TOPICS, topicSpec, type ServiceName } from '@sluice/contracts/topics'
import { Random } from '@sluice/exchange-simulator/random'
import type { KafkaLog } from '@sluice/stream-kafka/kafka-log'
import type { LogRecord, PartitionId } from '@sluice/stream-runtime/log'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { isLong, sampleSeed } from '@sluice/testkit/seeds'
import { endSoundly } from './audit.ts'
import { Confirmations, startOwners } from './contender.ts'
import { withStand, type Stand } from './stand.ts'
import { RunningVenue } from './venue.ts'

const SEED = sampleSeed()
const ROUNDS = isLong() ? 40 : 8
const MEGABYTE = 1024 * 1024
const LARGE = 20 * MEGABYTE
const VENUE = { scenario: 'flash-crash', accounts: 80, steps: 800, speed: 40 } as const
/** Nobody's account, scope, or instrument. */
const KEY = Buffer.from('nobody')

const INPUTS = TOPICS.filter(spec => !isOurs(spec) && spec.readers.some(isService))

function isService(reader: string): reader is ServiceName {
  return reader !== 'exchange'
}

const OURS = TOPICS.filter(isOurs).map(({ name }) => name)

const aTrade = encodeEvent({
  type: 'TradePrinted',
  instrument: 'NONE',
  priceTicks: 1,
  quantityLots: 1,
  aggressor: 'buy',
})

function withUnknownSchema(): Buffer {
  const value = Buffer.from(aTrade)
  value.writeUInt32BE(0x7fff_0000, 1)
  return value
}

/** What cannot be read, and why it is refused. */
const POISON: readonly { reason: string; value: (random: Random) => Buffer }[] = [
  { reason: 'header_missing', value: () => Buffer.alloc(0) },
  { reason: 'header_missing', value: () => Buffer.from('{"price": 1}') },
  { reason: 'schema_unknown', value: withUnknownSchema },
  { reason: 'bytes_truncated', value: () => Buffer.from(aTrade.subarray(0, 9)) },
  {
    reason: 'bytes_trailing',
    value: random => Buffer.concat([aTrade, Buffer.alloc(1 + random.below(9))]),
  },
]

interface Refused {
  readonly id: string
  readonly reason: string
}

const appendOne = async (log: KafkaLog, { topic, partition }: PartitionId, value: Buffer) =>
  recordIdOf(topic, partition, await log.append({ topic, partition }, [{ key: KEY, value }]))

/** One record of each kind in every input topic. */
async function poison(log: KafkaLog, random: Random): Promise<Refused[]> {
  const refused: Refused[] = []
  for (const { name } of INPUTS) {
    for (const { reason, value } of POISON) {
      const id = await appendOne(log, { topic: name, partition: 0 }, value(random))
      refused.push({ id, reason })
    }
  }
  return refused
}

/** Appends again what a partition holds from somewhere on: of ours a batch, whole. */
async function repeatSome(log: KafkaLog, of: PartitionId, random: Random): Promise<boolean> {
  const end = await log.end(of)
  if (end === 0) return false
  const all: LogRecord[] = []
  while (all.length < end) all.push(...(await log.read(of, all.length, end)))
  const starts = isOurs(topicSpec(of.topic)) ? receiptsIn(all) : all.map((_, index) => index)
  const place = random.below(starts.length)
  await log.append(of, all.slice(starts[place], starts[place + 1] ?? all.length))
  return true
}

/** Where batches of a partition of ours begin. */
const receiptsIn = (records: readonly LogRecord[]): number[] =>
  records.flatMap(({ value }, index) => (isReceipt(value) ? [index] : []))

/** What each task refused, by the id of the record. */
async function refusalsOf(log: KafkaLog, task: PartitionId): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for await (const { event } of eventsOf(log, topicSpec(task.topic).name, task.partition)) {
    if (event.type !== 'InputRefused') continue
    const id = recordIdOf(event.source, event.partition, event.offset)
    expect([id, found.get(id)]).toEqual([id, undefined])
    found.set(id, event.reason)
  }
  return found
}

async function expectRefused(log: KafkaLog, poisoned: readonly Refused[]): Promise<void> {
  for (const { name, readers } of INPUTS) {
    const expected = poisoned.filter(({ id }) => id.startsWith(`${name}-`))
    for (const reader of readers.filter(isService)) {
      const refused = await refusalsOf(log, { topic: reader, partition: 0 })
      for (const { id, reason } of expected)
        expect([reader, id, refused.get(id)]).toEqual([reader, id, reason])
    }
  }
}

async function poisonAll(stand: Stand): Promise<void> {
  const random = new Random(SEED, 'poison')
  const log = await stand.openAll()
  const owners = await startOwners(stand, new Confirmations())
  const venue = await RunningVenue.open(stand, { ...VENUE, seed: SEED })
  const poisoned: Refused[] = []
  let repeated = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    poisoned.push(...(await poison(log, random)))
    for (const topic of OURS)
      if (await repeatSome(log, { topic, partition: 0 }, random)) repeated += 1
  }
  for (const { name: topic } of INPUTS) {
    const id = await appendOne(log, { topic, partition: 0 }, Buffer.alloc(LARGE, 1))
    poisoned.push({ id, reason: 'header_missing' })
  }
  const { audited } = await endSoundly(stand, venue, owners)
  await expectRefused(log, poisoned)
  expect(audited.voidReceipts).toBe(repeated)
  console.info(
    `seed ${SEED}: ${poisoned.length} records refused, ${repeated} repeats void, ${audited.liquidations} liquidations`,
  )
}

describeWithKafka('what nobody should have written', kafka => {
  test(
    'poison is refused once by every task that reads it, repeats count for nothing, and on it goes',
    () => withStand({ brokers: kafka().brokers, inputBytesMax: 32 * MEGABYTE }, poisonAll),
    isLong() ? 600_000 : 120_000,
  )
})
