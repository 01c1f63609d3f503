import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { checkLogFile } from '@sluice/stream-embedded/file-check'
import { hasContent } from '@sluice/stream-embedded/lmdb-file'
import { topologyOf, type PipelineTopology } from '@sluice/pipeline/topology'

/** A log opened for looking at, and the pipeline that wrote it. */
export interface OpenedLog {
  readonly log: EmbeddedLog
  readonly topology: PipelineTopology
}

/**
 * Opens the log in `directory` without writing to it, hands it to `use`, and closes it. The file's structure is checked before it
 * is mapped, so that a damaged one is an error and never the end of the process.
 *
 * @throws LogNotFoundError, NotASluiceLogError, LogDamagedError; TopologyError if it does not say which tasks wrote it.
 */
export async function withLog<Result>(
  directory: string,
  use: (opened: OpenedLog) => Result | Promise<Result>,
): Promise<Result> {
  if (hasContent(directory)) checkLogFile(directory)
  const log = openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })
  try {
    return await use({ log, topology: topologyOf(log.readMeta('topology')) })
  } finally {
    await log.close()
  }
}

/** Records of all partitions, as far as they are durable. */
export function recordsOf(log: EmbeddedLog): number {
  return log.partitions().reduce((sum, partition) => sum + log.committedEnd(partition), 0)
}
