import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { LogNotFoundError, LogVersionError, NotASluiceLogError } from './errors.ts'
import { DATA_FILE, hasContent, openDatabase, openRoot } from './lmdb-file.ts'
import type { Bytes, FileOptions } from './lmdb-file.ts'

/** Storage format of the directory: the databases below and the layout of a batch. */
const FORMAT = 1
const FORMAT_KEY = Buffer.from('format')

/** The lmdb file of one log and its databases. */
export interface Environment {
  readonly directory: string
  readonly file: string
  readonly root: RootDatabase<Buffer, Buffer>
  /** Partition number → its name as JSON. */
  readonly partitions: Bytes
  /** See batch-format.ts. */
  readonly records: Bytes
  /** Small JSON values by name; `format` is the storage format. */
  readonly meta: Bytes
}

/**
 * Opens or creates the file of one log.
 *
 * @throws LogNotFoundError, NotASluiceLogError, LogVersionError, LogDamagedError, LogStorageError
 */
export function openEnvironment({ directory, readOnly }: FileOptions): Environment {
  const file = join(directory, DATA_FILE)
  const isNew = !hasContent(directory)
  if (isNew && readOnly) throw new LogNotFoundError(directory)
  const root = openRoot({ directory, readOnly })
  try {
    if (isNew) createDatabases({ directory, file, root })
    return databases({ directory, file, root })
  } catch (error) {
    void root.close()
    throw error
  }
}

interface Opened {
  readonly directory: string
  readonly file: string
  readonly root: RootDatabase<Buffer, Buffer>
}

/** All in one transaction, so that nobody ever finds half of them. */
function createDatabases({ root }: Opened): void {
  root.transactionSync(() => {
    const meta = openDatabase(root, 'meta', true)
    openDatabase(root, 'partitions', true)
    openDatabase(root, 'records', true)
    if (meta?.get(FORMAT_KEY) === undefined) meta?.putSync(FORMAT_KEY, json(FORMAT))
  })
}

function databases({ root, directory, file }: Opened): Environment {
  const meta = openDatabase(root, 'meta', false)
  const format = meta?.get(FORMAT_KEY)
  if (meta === undefined || format === undefined) {
    throw new NotASluiceLogError(directory, 'an lmdb file without a format record')
  }
  const found: unknown = JSON.parse(format.toString())
  if (found !== FORMAT) throw new LogVersionError(directory, found, FORMAT)
  const partitions = openDatabase(root, 'partitions', false)
  const records = openDatabase(root, 'records', false)
  if (partitions === undefined || records === undefined) {
    throw new NotASluiceLogError(directory, 'its databases are incomplete')
  }
  return { directory, file, root, partitions, records, meta }
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
