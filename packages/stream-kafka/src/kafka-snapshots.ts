import {
  NoAnswerError,
  type PartitionId,
  type RecordToAppend,
  type StreamLog,
} from '@sluice/stream-runtime/log'
import { SnapshotDamagedError } from '@sluice/stream-runtime/errors'
import { decodeSnapshot, encodeSnapshot } from '@sluice/stream-runtime/snapshot-file'
import type { Snapshot, SnapshotManifest, SnapshotStore } from '@sluice/stream-runtime/snapshots'
import type { KafkaClient, TopicNames } from './kafka-client.ts'
import { openKafkaLog } from './kafka-log.ts'
import { Offsets } from './offsets.ts'

export interface KafkaSnapshotsOptions {
  readonly client: KafkaClient
  readonly names: TopicNames
  /** Why a snapshot of a task cannot be read; an older one is taken. */
  readonly onSkipped: (task: string, reason: unknown) => void
  /** Every failure of the cluster that is being dealt with. */
  readonly onTrouble: (error: unknown) => void
}

const TOPIC = 'snapshots'
const MANIFESTS: PartitionId = { topic: TOPIC, partition: 0 }
/** With room for the record around it below Kafka's own limit of 1 MB. */
const CHUNK_BYTES = 900_000
const RECORDS_PER_READ = 256
const PATIENCE_MS = 60_000
/** An append that nobody answers is repeated so often: a copy too many harms nobody, a snapshot too few is no loss either. */
const ATTEMPTS = 5

/** Where one part of a snapshot lies. */
interface Pointer {
  readonly partition: number
  readonly offset: number
}

/** What is written last: a snapshot without it does not exist. */
interface Entry {
  readonly manifest: SnapshotManifest
  readonly chunks: readonly Pointer[]
}

/**
 * Snapshots in the topic `snapshots`, so that a task can start on any machine: partition 0 holds a manifest for each, with pointers to its
 * parts, which lie in the other partitions. The topic is kept by time and never compacted, so old parts go: what cannot be read whole any
 * more is passed over, and an older snapshot, or the log itself, takes its place.
 */
export class KafkaSnapshots implements SnapshotStore {
  readonly #options: KafkaSnapshotsOptions
  #partitions: Promise<number> | undefined

  constructor(options: KafkaSnapshotsOptions) {
    this.#options = options
  }

  /** @throws NoAnswerError, or a typed error of `kafka-errors.ts`. */
  async save(snapshot: Snapshot): Promise<void> {
    const { manifest } = snapshot
    const bytes = Buffer.from(encodeSnapshot(snapshot))
    const partition = await this.#partitionOf(manifest)
    await this.#withLog([], async log => {
      const chunks: Pointer[] = []
      for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
        const part = bytes.subarray(at, at + CHUNK_BYTES)
        const offset = await append(log, { topic: TOPIC, partition }, { key: null, value: part })
        chunks.push({ partition, offset })
      }
      const entry: Entry = { manifest, chunks }
      const key = Buffer.from(manifest.task)
      await append(log, MANIFESTS, { key, value: Buffer.from(JSON.stringify(entry)) })
    })
  }

  async newest(
    task: string,
    accepts: (manifest: SnapshotManifest) => boolean | Promise<boolean>,
  ): Promise<Snapshot | undefined> {
    const first = await this.#firstOffsets()
    const all = [...first.keys()].map(partition => ({ topic: TOPIC, partition }))
    return this.#withLog(all, async log => {
      const entries = await this.#entriesOf(log, task, first.get(MANIFESTS.partition) ?? 0)
      for (const { manifest, chunks } of entries) {
        if (!(await accepts(manifest))) continue
        try {
          return await load(log, chunks, manifest)
        } catch (error) {
          this.#options.onSkipped(task, error)
        }
      }
      return undefined
    })
  }

  /** What there is of a task, that of the latest receipt first. */
  async #entriesOf(log: StreamLog, task: string, first: number): Promise<readonly Entry[]> {
    const entries: Entry[] = []
    for (let offset = first; ;) {
      const records = await log.read(MANIFESTS, offset, RECORDS_PER_READ)
      if (records.length === 0) break
      offset += records.length
      for (const { key, value } of records) {
        if (key === null || Buffer.from(key).toString() !== task) continue
        try {
          entries.push(entryOf(value))
        } catch (error) {
          this.#options.onSkipped(task, error)
        }
      }
    }
    return entries.sort((a, b) => b.manifest.sequence - a.manifest.sequence)
  }

  /** All parts of one task's snapshots go to one partition, so that tasks spread over them. */
  async #partitionOf({ task }: SnapshotManifest): Promise<number> {
    const partitions = await (this.#partitions ??= this.#firstOffsets().then(({ size }) => size))
    const sum = [...Buffer.from(task)].reduce((total, byte) => total + byte, 0)
    return partitions < 2 ? 0 : 1 + (sum % (partitions - 1))
  }

  async #firstOffsets(): Promise<ReadonlyMap<number, number>> {
    const { client, names, onTrouble } = this.#options
    const { signal } = new AbortController()
    const offsets = new Offsets({ client, patienceMs: PATIENCE_MS, signal, onTrouble })
    try {
      const ranges = await offsets.ofTopic(names(TOPIC))
      return new Map([...ranges].map(([partition, { first }]) => [partition, first]))
    } finally {
      await offsets.close()
    }
  }

  /** A handle for the time of one piece of work: between two of them nothing is fetched. */
  async #withLog<Result>(
    partitions: readonly PartitionId[],
    work: (log: StreamLog) => Promise<Result>,
  ): Promise<Result> {
    const { client, names, onTrouble } = this.#options
    const log = await openKafkaLog({
      client,
      names,
      partitions,
      isAvro: () => false,
      patienceMs: PATIENCE_MS,
      onTrouble,
    })
    try {
      return await work(log)
    } finally {
      await log.close()
    }
  }
}

async function append(
  log: StreamLog,
  target: PartitionId,
  record: RecordToAppend,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await log.append(target, [record])
    } catch (error) {
      if (!(error instanceof NoAnswerError) || attempt === ATTEMPTS) throw error
    }
  }
}

const entryOf = (value: Uint8Array): Entry => JSON.parse(Buffer.from(value).toString()) as Entry

/** @throws SnapshotDamagedError if it is not whole; OffsetOutOfRangeError if a part is kept no longer. */
async function load(
  log: StreamLog,
  chunks: readonly Pointer[],
  { task, sequence }: SnapshotManifest,
): Promise<Snapshot> {
  const parts: Uint8Array[] = []
  for (const { partition, offset } of chunks) {
    const [record] = await log.read({ topic: TOPIC, partition }, offset, 1)
    if (record === undefined)
      throw new SnapshotDamagedError(
        `the snapshot of ${task} at receipt ${sequence} lacks part ${parts.length + 1} of ${chunks.length}`,
      )
    parts.push(record.value)
  }
  return decodeSnapshot(Buffer.concat(parts), `of ${task} at receipt ${sequence}`)
}
