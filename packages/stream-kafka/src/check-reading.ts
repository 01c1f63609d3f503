import type { PartitionId } from '@sluice/stream-runtime/log'
import { fine, amiss, failed, type Check } from './check.ts'
import { withAdmin } from './kafka-admin.ts'
import type { KafkaClient, TopicNames } from './kafka-client.ts'
import { OffsetGapError } from './kafka-errors.ts'
import { openKafkaLog, type KafkaLog } from './kafka-log.ts'
import { within } from './patience.ts'

export interface ReadingCheck {
  readonly client: KafkaClient
  readonly names: TopicNames
  /** Catalogue names of topics that exist and that this principal should read. */
  readonly topics: readonly string[]
}

/** Newest records that are looked at. */
const SAMPLE = 100
const PATIENCE_MS = 10_000

interface Sample {
  readonly partition: PartitionId
  readonly from: number
  readonly end: number
}

/**
 * Reads the newest records of each partition as a task would: what is forbidden, compacted or written in transactions shows itself. It
 * joins a group of its own for it and leaves nothing behind.
 */
export async function checkReading(options: ReadingCheck): Promise<readonly Check[]> {
  const { names, topics } = options
  try {
    const records = await readNewest(options, topics)
    return [fine('reading', `${records} of the newest records of ${topics.length} topics`)]
  } catch {
    // Which topic it is, and why, is found by reading each alone.
    return Promise.all(topics.map(topic => checkTopic(options, topic, `reading ${names(topic)}`)))
  }
}

async function checkTopic(options: ReadingCheck, topic: string, name: string): Promise<Check> {
  try {
    return fine(name, `${await readNewest(options, [topic])} of the newest records`)
  } catch (error) {
    return isGap(error) ? amiss(name, messageOf(error), CAPTURE) : failed(name, error)
  }
}

/** Answers how many records were read. */
async function readNewest(
  { client, names }: ReadingCheck,
  topics: readonly string[],
): Promise<number> {
  const samples = await samplesOf(client, topics, names)
  const partitions = samples.map(({ partition }) => partition)
  const log = await openKafkaLog({ client, names, partitions, patienceMs: PATIENCE_MS })
  try {
    const counts = await within(PATIENCE_MS, () =>
      Promise.all(samples.map(sample => readSample(log, sample))),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  } finally {
    await log.close()
  }
}

const samplesOf = (
  client: KafkaClient,
  topics: readonly string[],
  names: TopicNames,
): Promise<readonly Sample[]> =>
  withAdmin(client, 'looking for the newest records', async admin => {
    const found = await Promise.all(
      topics.map(async topic =>
        (await admin.fetchTopicOffsets(names(topic))).map(({ partition, low, high }) => ({
          partition: { topic, partition },
          from: Math.max(Number(low), Number(high) - SAMPLE),
          end: Number(high),
        })),
      ),
    )
    return found.flat()
  })

async function readSample(log: KafkaLog, { partition, from, end }: Sample): Promise<number> {
  let next = from
  while (next < end) next += (await log.read(partition, next, end - next)).length
  return next - from
}

/** A transaction's marker is an offset that no record has: waiting for it has no end. */
const isGap = (error: unknown): boolean =>
  error instanceof OffsetGapError || (error instanceof Error && error.name === 'AnswerTooLateError')

const messageOf = (error: unknown): string =>
  error instanceof Error && error.name === 'AnswerTooLateError'
    ? 'the last offsets hold no records: it is written in transactions, or the broker is slow'
    : String(error instanceof Error ? error.message : error)

const CAPTURE = 'Read it through `sluice capture`, which keeps a copy without gaps'
