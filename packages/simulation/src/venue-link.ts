import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import { partitionOf } from '@sluice/contracts/partitions'
import { snapshotOf } from '@sluice/contracts/snapshot-hash'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { partitionsOf, type Layout } from '@sluice/service-host/layout'
import { decodedOf, openInput, type InputReader } from '@sluice/stream-runtime/inputs'
import {
  EventToAppend,
  NoAnswerError,
  type LogRecord,
  type PartitionId,
  type RecordToAppend,
  type StreamLog,
} from '@sluice/stream-runtime/log'

/** What the venue says now is not what the log says it said. */
export class VenueDivergedError extends Error {
  override readonly name = 'VenueDivergedError'
}

/** What the venue is asked for. */
export const REQUESTS = { topic: 'liquidation-execution', partition: 0, ours: true } as const
const RECORDS_PER_APPEND = 1000
const RECORDS_PER_READ = 4096

export interface VenueLinkOptions {
  readonly layout: Layout
  /** Time up to which the log already holds what the venue said; below every time if it holds nothing. */
  readonly recordedTo: number
  /** Once it aborts, an append that nobody answers is not sent again. */
  readonly signal?: AbortSignal
}

interface Outbox {
  readonly topic: string
  readonly partition: number
  readonly records: RecordToAppend[]
}

/** The records for one partition, in a list too short for a map. */
function outboxOf(outboxes: Outbox[], topic: string, partition: number): RecordToAppend[] {
  for (const outbox of outboxes)
    if (outbox.partition === partition && outbox.topic === topic) return outbox.records
  const records: RecordToAppend[] = []
  outboxes.push({ topic, partition, records })
  return records
}

/**
 * The venue's end of the bus. It reads requests by the rules of every reader of ours, and appends what the venue says, one record batch
 * per partition and step. Up to `recordedTo` the log already holds what the venue said: then it is compared instead, byte for byte, so
 * that a resumed simulation is known to be the same one.
 */
export class VenueLink {
  readonly #log: StreamLog
  readonly #layout: Layout
  readonly #recordedTo: number
  readonly #signal: AbortSignal | undefined
  readonly #requests: InputReader
  readonly #recorded = new Map<string, InputReader>()
  #next: LogRecord | undefined

  constructor(log: StreamLog, options: VenueLinkOptions) {
    this.#log = log
    this.#layout = options.layout
    this.#recordedTo = options.recordedTo
    this.#signal = options.signal
    this.#requests = openInput(log, REQUESTS)
  }

  /** Requests appended before `time` that have not been handed out yet: what the tasks asked for up to the step before. */
  async requestsBefore(time: number): Promise<LiquidationExecutionEvent[]> {
    const found: LiquidationExecutionEvent[] = []
    for (;;) {
      const record = this.#next ?? (await this.#nextRequest())
      this.#next = record
      if (record === undefined || record.appendTime >= time) return found
      found.push(decodedOf(record) as LiquidationExecutionEvent)
      this.#next = undefined
    }
  }

  async #nextRequest(): Promise<LogRecord | undefined> {
    const read = this.#requests.next()
    if (read !== undefined || this.#requests.isDry()) return read
    return (await this.#requests.fill(RECORDS_PER_READ)) ? this.#requests.next() : undefined
  }

  /** @throws VenueDivergedError if the log holds something else for this step. */
  async publish(time: number, records: readonly VenueRecord[]): Promise<void> {
    for (const outbox of this.#sorted(records)) {
      if (time <= this.#recordedTo) await this.#compare(outbox)
      else await this.#append(outbox)
    }
  }

  /** A record goes where its key is kept. */
  #sorted(records: readonly VenueRecord[]): readonly Outbox[] {
    const outboxes: Outbox[] = []
    for (const { topic, key, event } of records) {
      if (event.type === 'SnapshotCompleted') {
        this.#completeSnapshot(outboxes, { key, records })
        continue
      }
      const partition = partitionOf(key, partitionsOf(this.#layout, topic))
      outboxOf(outboxes, topic, partition).push(new EventToAppend(event, Buffer.from(key)))
    }
    return outboxes
  }

  /** Each partition is told of its own scopes. */
  #completeSnapshot(
    outboxes: Outbox[],
    { key, records }: { key: string; records: readonly VenueRecord[] },
  ): void {
    const partitions = partitionsOf(this.#layout, 'accounts')
    for (let partition = 0; partition < partitions; partition += 1) {
      const scopes = records.flatMap(({ key: account, event }) =>
        event.type === 'AccountUpdated' && partitionOf(account, partitions) === partition
          ? [event]
          : [],
      )
      const completed = new EventToAppend(snapshotOf(scopes), Buffer.from(key))
      outboxOf(outboxes, 'accounts', partition).push(completed)
    }
  }

  async #append({ topic, partition, records }: Outbox): Promise<void> {
    for (let from = 0; from < records.length; from += RECORDS_PER_APPEND) {
      const part = records.slice(from, from + RECORDS_PER_APPEND)
      while (!(await this.#isAppended({ topic, partition }, part)));
    }
  }

  /** A venue says what it has to say until somebody has heard it; its readers know a repeat when they see one. */
  async #isAppended(target: PartitionId, records: readonly RecordToAppend[]): Promise<boolean> {
    try {
      await this.#log.append(target, records)
      return true
    } catch (error) {
      if (!(error instanceof NoAnswerError) || this.#signal?.aborted === true) throw error
      return false
    }
  }

  async #compare({ topic, partition, records }: Outbox): Promise<void> {
    const name = `${topic}-${partition}`
    const reader =
      this.#recorded.get(name) ?? openInput(this.#log, { topic, partition, ours: false })
    this.#recorded.set(name, reader)
    for (const record of records) {
      const held =
        reader.next() ?? ((await reader.fill(RECORDS_PER_READ)) ? reader.next() : undefined)
      if (held !== undefined && Buffer.compare(held.value, record.value) === 0) continue
      throw new VenueDivergedError(
        `${name}@${held?.offset ?? reader.position} is not what the venue says with these arguments: the log was made by another version or was changed; simulate into a new directory`,
      )
    }
  }
}
