import type { createLogger } from '@sluice/observability/logger'
import type { TopicName } from '@sluice/contracts/topics'
import type { PartitionId, StreamLog } from '@sluice/stream-runtime/log'
import type { SnapshotStore } from '@sluice/stream-runtime/snapshots'
import { openEmbeddedLogs } from './embedded-logs.ts'
import type { HostSettings } from './host-settings.ts'
import type { Layout } from './layout.ts'
import type { Service } from './service.ts'

/** A log opened for one reader or writer. */
export interface Handle {
  readonly log: StreamLog
  close(): Promise<void>
}

/** The tasks of a service that this process is to run, and since which generation of the group. */
export interface Assignment {
  readonly tasks: readonly number[]
  readonly generation: number
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
  /** A handle on these partitions. On Kafka each has its own connections; those of an embedded log share one. */
  open(partitions: readonly PartitionId[]): Promise<Handle>
  /** Undefined: without snapshots. */
  openSnapshots(): Promise<OpenedStore | undefined>
  /** Says which tasks of a service are this process's, at once and whenever that changes, until the signal aborts. */
  assign(
    service: Service,
    onAssigned: (assignment: Assignment) => void,
    signal: AbortSignal,
  ): Promise<void>
  close(): Promise<void>
}

export interface LogsOptions {
  /** What will be read or written; on Kafka all of it has to be there. */
  readonly topics: readonly TopicName[]
  readonly logger: ReturnType<typeof createLogger>
  /** Of two owners of a task the one of the greater generation stays; only for the embedded log, where no group counts it. */
  readonly generation: number
}

/**
 * Opens what the settings name.
 *
 * @throws TopologyChangedError if it is cut otherwise than the settings say; what opening the log throws.
 */
export function openLogs(settings: HostSettings, options: LogsOptions): Promise<Logs> {
  return Promise.resolve(openEmbeddedLogs(settings, options))
}
