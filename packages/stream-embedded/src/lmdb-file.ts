import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import type { Database, RootDatabase } from 'lmdb'
import { NotASluiceLogError, storageError } from './errors.ts'
import { checkNotCut } from './file-check.ts'
import { NO_PAGE, readMetaPage } from './meta-pages.ts'

/** Name of lmdb's data file within the directory. */
export const DATA_FILE = 'data.mdb'

/**
 * Virtual address space for the file: a bound nobody reaches before the disk is full. lmdb maps it without taking memory,
 * and a map that never moves needs no remapping under readers.
 */
const MAP_BYTES = 2 ** 40

/** A database whose keys and values are bytes. */
export type Bytes = Database<Buffer, Buffer>

export interface FileOptions {
  readonly directory: string
  readonly readOnly: boolean
}

/**
 * Looks at the file before lmdb maps it: reading beyond the end of a mapped file would end the process.
 * A file that was created but has no database yet counts as none.
 *
 * @throws NotASluiceLogError, LogDamagedError
 */
export function hasContent(directory: string): boolean {
  const file = join(directory, DATA_FILE)
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

/**
 * Every commit is lmdb's own: pages written, `fdatasync`, then the meta page through a descriptor opened with `O_DSYNC`. None
 * of lmdb's relaxed modes is in use.
 *
 * @throws LogFullError, LogStorageError
 */
export function openRoot({ directory, readOnly }: FileOptions): RootDatabase<Buffer, Buffer> {
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

/** Undefined if it does not exist and is not to be created, whatever the type declarations say. */
export function openDatabase(
  root: RootDatabase<Buffer, Buffer>,
  name: string,
  create: boolean,
): Bytes | undefined {
  const options = { name, create, encoding: 'binary', keyEncoding: 'binary' } as const
  return root.openDB<Buffer, Buffer>(options)
}

/** What `putSync` is: it answers whether it stored the entry, although lmdb's type declarations say nothing of it. */
interface Putting {
  putSync(key: Buffer, value: Buffer, options: { noOverwrite: boolean }): unknown
}

/** Stores an entry within a transaction; false if the key is taken. */
export function putNew(database: Putting, key: Buffer, value: Buffer): boolean {
  return database.putSync(key, value, { noOverwrite: true }) === true
}
