import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { SnapshotDamagedError } from '@sluice/stream-runtime/errors'
import { OffsetOutOfRangeError } from '@sluice/stream-runtime/log'
import type { Snapshot } from '@sluice/stream-runtime/snapshots'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { connectKafka } from '../src/kafka-client.ts'
import { KafkaSnapshots } from '../src/kafka-snapshots.ts'
import { kafkaWith, type KafkaUnderTest } from './kafka-under-test.ts'

const PARTITIONS = [0, 1, 2].map(partition => ({ topic: 'snapshots', partition }))
const LARGE = 2_500_000
const LONG_MS = 60_000

function snapshotOf(task: string, sequence: number, bytes = 100): Snapshot {
  const hash = String(sequence).repeat(64).slice(0, 64)
  const manifest: unknown = {
    task,
    receiptHash: hash,
    sequence,
    receiptOffset: 3,
    chain: { offset: 0, head: hash, sequence, lastEvent: 0 },
    inputs: [],
    now: 5,
    logicVersion: 1,
    settingsHash: hash,
    stateHash: hash,
    stateBytes: bytes,
  }
  return {
    manifest: manifest as Snapshot['manifest'],
    state: Buffer.alloc(bytes, `${task} ${sequence}`),
  }
}

describeWithKafka('snapshots in a topic', broker => {
  let kafka: KafkaUnderTest
  let skipped: unknown[]
  let store: KafkaSnapshots
  const openStore = () =>
    new KafkaSnapshots({
      client: connectKafka({ brokers: broker().brokers, clientId: kafka.namespace }),
      names: kafka.names,
      onSkipped: (_task, reason) => skipped.push(reason),
      onTrouble: () => undefined,
    })
  beforeEach(async () => {
    kafka = await kafkaWith(broker().brokers, PARTITIONS)
    skipped = []
    store = openStore()
  }, LONG_MS)
  afterEach(() => kafka.dispose(), LONG_MS)
  const newestOf = async (task: string) => (await store.newest(task, () => true))?.manifest.sequence

  test(
    'come back whole on another machine, the newest accepted one of the task, in parts below a megabyte',
    async () => {
      expect(await newestOf('price-0')).toBeUndefined()
      const large = snapshotOf('price-0', 9, LARGE)
      await store.save(large)
      await store.save(snapshotOf('price-0', 10))
      await store.save(snapshotOf('price-01', 11))
      store = openStore()
      expect(await newestOf('price-0')).toBe(10)
      const older = await store.newest('price-0', ({ sequence }) => sequence < 10)
      expect(older?.manifest).toEqual(large.manifest)
      expect(Buffer.from(older?.state ?? []).equals(Buffer.from(large.state))).toBe(true)
      expect(skipped).toEqual([])
    },
    LONG_MS,
  )

  test(
    'of which a part is kept no longer, or a byte was changed, are passed over with the reason',
    async () => {
      await store.save(snapshotOf('price-0', 1))
      const [parts = 1] = await partsOf(kafka)
      const log = await kafka.open({ partitions: [], isAvro: () => false })
      const value = Buffer.from('not what was written')
      const offset = await log.append({ topic: 'snapshots', partition: parts }, [
        { key: null, value },
      ])
      const { manifest } = snapshotOf('price-0', 2)
      const append = (value: string) =>
        log.append({ topic: 'snapshots', partition: 0 }, [
          { key: Buffer.from('price-0'), value: Buffer.from(value) },
        ])
      await append(JSON.stringify({ manifest, chunks: [{ partition: parts, offset }] }))
      await append('no manifest at all')
      expect(await newestOf('price-0')).toBe(1)
      expect(skipped).toEqual([expect.any(SyntaxError), expect.any(SnapshotDamagedError)])

      await kafka.admin.deleteTopicRecords({
        topic: kafka.names('snapshots'),
        partitions: [{ partition: 0, offset: '1' }],
      })
      await store.save(snapshotOf('price-0', 3))
      await store.save(snapshotOf('price-0', 4))
      await kafka.admin.deleteTopicRecords({
        topic: kafka.names('snapshots'),
        partitions: [{ partition: parts, offset: '3' }],
      })
      skipped = []
      expect(await newestOf('price-0')).toBe(4)
      expect(await store.newest('price-0', ({ sequence }) => sequence < 4)).toBeUndefined()
      expect(skipped.at(-1)).toBeInstanceOf(OffsetOutOfRangeError)
    },
    LONG_MS,
  )
})

/** Partitions other than the first that hold something. */
async function partsOf({ admin, names }: KafkaUnderTest): Promise<readonly number[]> {
  const offsets = await admin.fetchTopicOffsets(names('snapshots'))
  return offsets
    .filter(({ partition, high }) => partition > 0 && Number(high) > 0)
    .map(({ partition }) => partition)
}
