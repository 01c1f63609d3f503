import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { Database, RootDatabase } from 'lmdb'
import { LogNotFoundError, LogVersionError, NotASluiceLogError, storageError } from './errors.ts'
import { checkNotCut } from './file-check.ts'
import { NO_PAGE, readMetaPage } from './meta-pages.ts'

/** Storage format of the directory: the databases below and the layout of a batch. */
const FORMAT = 1
const FORMAT_KEY = Buffer.from('format')

/**
 * Virtual address space for the file: a bound nobody reaches before the disk is full. lmdb maps it without taking memory,
 * and a map that never moves needs no remapping under readers.
 */
const MAP_BYTES = 2 ** 40

type Bytes = Database<Buffer, Buffer>

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

export interface EnvironmentOptions {
  readonly directory: string
  readonly readOnly: boolean
}

/** Name of lmdb's data file within the directory. */
export const DATA_FILE = 'data.mdb'

/**
 * Opens or creates the file. Every commit is lmdb's own: pages written, `fdatasync`, then the meta page through a descriptor
 * opened with `O_DSYNC`. None of lmdb's relaxed modes is in use.
 *
 * @throws LogNotFoundError, NotASluiceLogError, LogVersionError, LogDamagedError, LogStorageError
 */
export function openEnvironment({ directory, readOnly }: EnvironmentOptions): Environment {
  const file = join(directory, DATA_FILE)
  const isNew = !hasContent(directory, file)
  if (isNew && readOnly) throw new LogNotFoundError(directory)
  const root = openRoot(directory, readOnly)
  try {
    if (isNew) createDatabases({ directory, file, root })
    return databases({ directory, file, root })
  } catch (error) {
    void root.close()
    throw error
  }
}

/**
 * Looks at the file before lmdb maps it: reading beyond the end of a mapped file would end the process.
 * A file that was created but has no database yet counts as none.
 */
function hasContent(directory: string, file: string): boolean {
  if (!existsSync(file) || statSync(file).size === 0) return false
  const descriptor = openSync(file, 'r')
  try {
    const meta = readMetaPage(descriptor)
    if (typeof meta === 'string') throw new NotASluiceLogError(directory, meta)
    checkNotCut(descriptor, meta)
    return meta.roots[1] !== NO_PAGE
  } finally {
    closeSync(descriptor)
  }
}

function openRoot(directory: string, readOnly: boolean): RootDatabase<Buffer, Buffer> {
  try {
    if (!readOnly) mkdirSync(directory, { recursive: true })
    return open<Buffer, Buffer>({
      path: directory,
      noSubdir: false,
      overlappingSync: false,
      mapSize: MAP_BYTES,
      maxDbs: 8,
      encoding: 'binary',
      keyEncoding: 'binary',
      readOnly,
    })
  } catch (error) {
    throw storageError(error, `opening ${directory}`)
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

/** Undefined if it does not exist and is not to be created, whatever the type declarations say. */
function openDatabase(
  root: RootDatabase<Buffer, Buffer>,
  name: string,
  create: boolean,
): Bytes | undefined {
  const options = { name, create, encoding: 'binary', keyEncoding: 'binary' } as const
  return root.openDB<Buffer, Buffer>(options)
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
