import type { Admin } from 'kafkajs'
import { REQUEST_TIMEOUT_MS, type KafkaClient } from './kafka-client.ts'
import { MetadataBehindError, TopicMissingError } from './kafka-errors.ts'
import { patiently, within } from './patience.ts'

/** The offsets that a partition holds: from `first`, up to and without `end`. */
export interface OffsetRange {
  readonly first: number
  readonly end: number
}

export interface OffsetsOptions {
  readonly client: KafkaClient
  readonly patienceMs: number
  readonly signal: AbortSignal
  readonly onTrouble: (error: unknown) => void
}

const ANSWER_WITHIN_MS = 2 * REQUEST_TIMEOUT_MS

/** Asks the brokers how far partitions go. */
export class Offsets {
  readonly #options: OffsetsOptions
  #admin: Promise<Admin> | undefined

  constructor(options: OffsetsOptions) {
    this.#options = options
  }

  /** By partition. @throws TopicMissingError, NotAuthorisedError, KafkaUnreachableError. */
  async ofTopic(wireTopic: string): Promise<ReadonlyMap<number, OffsetRange>> {
    const { patienceMs, signal, onTrouble } = this.#options
    const answers = await patiently(() => this.#ask(wireTopic), {
      where: wireTopic,
      patienceMs,
      signal,
      onFailure: (error, treatment) => {
        onTrouble(error)
        if (treatment !== 'retry') void this.#replace()
      },
    })
    return new Map(
      answers.map(({ partition, low, high }) => [
        partition,
        { first: Number(low), end: Number(high) },
      ]),
    )
  }

  /** Of one partition. @throws TopicMissingError and what `ofTopic` throws. */
  async of(wireTopic: string, partition: number): Promise<OffsetRange> {
    const range = (await this.ofTopic(wireTopic)).get(partition)
    if (range === undefined)
      throw new TopicMissingError(
        `${wireTopic}-${partition}: the topic has no such partition; check the counts with \`sluice topics check\``,
      )
    return range
  }

  async close(): Promise<void> {
    await this.#replace()
  }

  #ask(topic: string) {
    const connecting = (this.#admin ??= this.#connect())
    return within(ANSWER_WITHIN_MS, async () => {
      try {
        return await (await connecting).fetchTopicOffsets(topic)
      } catch (error) {
        throw isMetadataBehind(error)
          ? new MetadataBehindError(`${topic}: no partitions yet`)
          : error
      }
    })
  }

  #connect(): Promise<Admin> {
    const admin = this.#options.client.admin()
    const connecting = admin.connect().then(() => admin)
    connecting.catch(() => {
      if (this.#admin === connecting) this.#admin = undefined
    })
    return connecting
  }

  async #replace(): Promise<void> {
    const connecting = this.#admin
    this.#admin = undefined
    try {
      await (await connecting)?.disconnect()
    } catch {
      // It is given up; why it could not part in peace helps nobody.
    }
  }
}

/** A broker that has not heard of a new topic's partitions yet names none, and kafkajs trips over that. */
const isMetadataBehind = (error: unknown): boolean =>
  error instanceof Error && error.name === 'TypeError'
