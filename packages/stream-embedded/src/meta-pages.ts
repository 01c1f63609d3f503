import { readSync } from 'node:fs'

/**
 * What lmdb's two meta pages say. Each commit writes one of them in turn; the one with the higher transaction id is in force.
 * Layout (little-endian, lmdb's data format 2 as `lmdb` 3 builds it): page header 24 bytes, magic u32, version u32, address u64, map
 * size u64, two database records of 48 bytes (the first begins with the page size), last page u64, transaction u64.
 */
export interface MetaPage {
  readonly pageBytes: number
  /** Root page of the tree of free pages and of the tree of databases; `NO_PAGE`: empty. */
  readonly roots: readonly [free: bigint, main: bigint]
  readonly lastPage: number
  readonly transaction: number
}

const MAGIC = 0xbeefc0de
export const DATA_VERSION = 2
const META_AT = 24
const META_BYTES = 168
const DATABASES_AT = META_AT + 24
const DATABASE_BYTES = 48
const ROOT_AT = DATABASES_AT + 40
const LAST_PAGE_AT = DATABASES_AT + 2 * DATABASE_BYTES
/** Stored for the root of an empty tree. */
export const NO_PAGE = 0xffff_ffff_ffff_ffffn

/** The meta page in force, or what is wrong with the file. */
export function readMetaPage(file: number): MetaPage | string {
  const first = readOne(file, 0)
  if (typeof first === 'string') return first
  const second = readOne(file, first.pageBytes)
  if (typeof second === 'string') return second
  return second.transaction > first.transaction ? second : first
}

function readOne(file: number, at: number): MetaPage | string {
  const bytes = Buffer.alloc(META_BYTES)
  if (readSync(file, bytes, 0, META_BYTES, at) < META_BYTES) return 'the file is too short'
  if (bytes.readUInt32LE(META_AT) !== MAGIC) return 'it is not an lmdb file'
  const version = bytes.readUInt32LE(META_AT + 4) & 0xff
  if (version !== DATA_VERSION) return `lmdb data format ${version} instead of ${DATA_VERSION}`
  return {
    pageBytes: bytes.readUInt32LE(DATABASES_AT),
    roots: [bytes.readBigUInt64LE(ROOT_AT), bytes.readBigUInt64LE(ROOT_AT + DATABASE_BYTES)],
    lastPage: Number(bytes.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: Number(bytes.readBigUInt64LE(LAST_PAGE_AT + 8)),
  }
}
