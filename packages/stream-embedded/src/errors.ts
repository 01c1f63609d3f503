/** Where in the log something was found. */
export interface LogPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** The stored bytes are not what was written. */
export class LogDamagedError extends Error {
  override readonly name = 'LogDamagedError'
  /** Undefined where the file as a whole is damaged. */
  readonly place: LogPlace | undefined

  constructor(what: string, place?: LogPlace) {
    const where = place === undefined ? '' : ` at ${place.topic}-${place.partition}@${place.offset}`
    super(`the log is damaged${where}: ${what}; restore the directory from a copy and verify it`)
    this.place = place
  }
}

/** There is no log where one was to be read. */
export class LogNotFoundError extends Error {
  override readonly name = 'LogNotFoundError'

  constructor(directory: string) {
    super(`no log in ${directory}: check the path, or start a writer there first`)
  }
}

/** The directory holds something else; nothing of it was touched. */
export class NotASluiceLogError extends Error {
  override readonly name = 'NotASluiceLogError'

  constructor(directory: string, what: string) {
    super(`${directory} holds no Sluice log (${what}): choose an empty or new directory`)
  }
}

/** The log was written by a version of Sluice with another storage format. */
export class LogVersionError extends Error {
  override readonly name = 'LogVersionError'

  constructor(directory: string, found: unknown, known: number) {
    super(
      `the log in ${directory} has storage format ${String(found)}, this version reads format ${known}: use the version that wrote it`,
    )
  }
}

/** The disk is full. Nothing of the append was stored. */
export class LogFullError extends Error {
  override readonly name = 'LogFullError'
}

/** A batch is larger than an entry of the log can be. Nothing of it was stored. */
export class BatchTooLargeError extends Error {
  override readonly name = 'BatchTooLargeError'
}

/** A write to a log that was opened for reading. */
export class LogReadOnlyError extends Error {
  override readonly name = 'LogReadOnlyError'

  constructor(directory: string) {
    super(`the log in ${directory} was opened read-only: open it without readOnly to append`)
  }
}

/** The log was used after `close`. */
export class LogClosedError extends Error {
  override readonly name = 'LogClosedError'

  constructor(directory: string) {
    super(`the log in ${directory} was closed: open it again`)
  }
}

/** Somebody else appended while appends of this process were waiting for `commit()`. Nothing of the group was stored. */
export class LogContendedError extends Error {
  override readonly name = 'LogContendedError'
}

/** The operating system refused a read or write. The process must end and recover from the log. */
export class LogStorageError extends Error {
  override readonly name = 'LogStorageError'
}

/** What lmdb threw, as one of the above. `doing` completes "while …". */
export function storageError(cause: unknown, doing: string): Error {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (/no space left|ENOSPC|disk quota|EDQUOT/i.test(message)) {
    return new LogFullError(
      `the disk is full while ${doing}: free space and start again; nothing was stored (${message})`,
      { cause },
    )
  }
  if (/MDB_CORRUPTED|MDB_PAGE_NOTFOUND|MDB_BAD/i.test(message)) {
    return new LogDamagedError(`lmdb reports ${message} while ${doing}`)
  }
  return new LogStorageError(
    `lmdb failed while ${doing}: ${message}; end this process, check the disk, start again`,
    { cause },
  )
}
