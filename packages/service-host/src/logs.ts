import type { createLogger } from '@sluice/observability/logger'
import type { TopicName } from '@sluice/contracts/topics'
import type { DeadLetterStore } from '@sluice/stream-kafka/dead-letters'
import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import type { SnapshotStore } from '@sluice/stream-runtime/snapshots'
import { openEmbeddedLogs } from './embedded-logs.ts'
import { openKafkaLogs } from './kafka-logs.ts'
import type { HostSettings } from './host-settings.ts'
import type { Layout } from './layout.ts'
import type { Service } from './service.ts'

/** A log opened for one reader or writer. */
export interface Handle {
  readonly log: StreamLog
  readonly close: () => Promise<void>
}

/** The tasks of a service that this process is to run, and since which generation of the group. */
export interface Assignment {
  readonly tasks: readonly number[]
  readonly generation: number
}

/** Whoever runs the tasks of a service. */
export interface Assignee {
  onAssigned(assignment: Assignment): void
  /** Others have ended one of its tasks, and it is not assigned in a later generation. */
  hasLostTask(): boolean
}

/** A place where snapshots are kept. */
export interface OpenedStore extends SnapshotStore {
  close(): Promise<void>
}

/** Where this process reads and writes: a directory with an embedded log, or a Kafka. */
export interface Logs {
  /** For the log of a process's start. */
  readonly about: string
  readonly layout: Layout
  /** The tasks of this process never change: when others have taken all of them over, there is nothing left to do. */
  readonly hasFixedTasks: boolean
  /**
   * A handle on these partitions. On Kafka each has its own connections; those of an embedded log share one.
   * @throws OpeningAbortedError if the process stops meanwhile.
   */
  open(partitions: readonly PartitionId[]): Promise<Handle>
  /** Where refused records are copied to; undefined: an embedded log has no such place. */
  readonly deadLetters: DeadLetterStore | undefined
  /** Undefined: without snapshots. */
  openSnapshots(): Promise<OpenedStore | undefined>
  /** Says which tasks of a service are this process's, at once and whenever that changes, until the signal aborts. */
  assign(service: Service, assignee: Assignee, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export interface LogsOptions {
  /** What the process does here: a service's name, `operator`, …; on Kafka it names clients and groups, and so the rights it needs. */
  readonly role: string
  /** What will be read or written; on Kafka all of it has to be there. */
  readonly topics: readonly TopicName[]
  readonly logger: ReturnType<typeof createLogger>
  /** Of two owners of a task the one of the greater generation stays; only for the embedded log, where no group counts it. */
  readonly generation?: number | undefined
  /** Whoever waits for a handle waits no longer. */
  readonly signal: AbortSignal
}

/**
 * Opens what the settings name.
 *
 * @throws TopologyChangedError if an embedded log is cut otherwise than the settings say; PartitionCountError if topics of Kafka do not fit
 *   together, TopicMissingError, SchemasNotReadyError; what opening the log throws.
 */
export function openLogs(settings: HostSettings, options: LogsOptions): Promise<Logs> {
  const { kafka } = settings
  if (kafka !== undefined) return openKafkaLogs({ ...settings, kafka }, options)
  return Promise.resolve(openEmbeddedLogs(settings, options))
}
