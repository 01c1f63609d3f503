import { EachLog } from './each-log.ts'
import { GroupLog } from './group-log.ts'
import type { EmbeddedLog, EmbeddedLogOptions } from './log-port.ts'

export type { EmbeddedLog, EmbeddedLogOptions } from './log-port.ts'

/**
 * Opens the log in a directory, or creates it.
 *
 * @throws LogNotFoundError (read-only), NotASluiceLogError, LogVersionError, LogDamagedError, LogStorageError
 */
export function openEmbeddedLog(options: EmbeddedLogOptions): EmbeddedLog {
  return options.mode === 'each' ? new EachLog(options) : new GroupLog(options)
}
