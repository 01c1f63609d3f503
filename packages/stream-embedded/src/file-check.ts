import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { LogDamagedError } from './errors.ts'
import { NO_PAGE, readMetaPage } from './meta-pages.ts'
import type { MetaPage } from './meta-pages.ts'

/**
 * lmdb trusts its file: a page number or a length that a damaged disk changed would make it read beyond the map, and the process
 * would end without a word. This walk reads the file by itself and follows every page in use, so that the damage becomes an error.
 *
 * Layout (little-endian): page header 24 bytes: number u64, transaction u64, pad u16, flags u16, then lower u16 and upper u16, or
 * the number of overflow pages u32. A list of u16 node positions follows (from the end of the header). A node is lo u16, hi u16, flags u16,
 * key length u16, key, data. In a branch lo, hi and flags are the child's page number; in a leaf lo and hi are the length of
 * the data, which is in place, on overflow pages (flag 1), or the record of a database (flag 2) with its root at byte 40.
 */
const PAGE_HEADER_BYTES = 24
const NODE_HEADER_BYTES = 8
const BRANCH = 1
const LEAF = 2
const OVERFLOW = 4
const ON_OVERFLOW = 1
const IS_DATABASE = 2
const DATABASE_BYTES = 48
const OVERFLOW_RECORD_BYTES = 24

/** A writer that is at work may reuse pages under the walk; it is then taken again from the new state. */
const ATTEMPTS_MAX = 20

/**
 * Checks the structure of a log's file: every page in use is there, is what it should be, and is used once. What the
 * pages hold is checked as it is read. A log that is being written is checked as of one of its commits.
 *
 * @throws LogDamagedError
 */
export function checkLogFile(directory: string): { readonly pages: number } {
  const file = openSync(join(directory, 'data.mdb'), 'r')
  try {
    return { pages: checkPages(file) }
  } finally {
    closeSync(file)
  }
}

/** The same, only if the file is shorter than the pages it says it has: it may be, where the last ones are free. */
export function checkNotCut(file: number, meta: MetaPage): void {
  const bytes = (meta.lastPage + 1) * meta.pageBytes
  if (fstatSync(file).size < bytes) checkPages(file)
}

function checkPages(file: number): number {
  for (let attempt = 1; ; attempt += 1) {
    const meta = readMetaPage(file)
    if (typeof meta === 'string') throw new LogDamagedError(meta)
    try {
      return new Walk(file, meta).run(meta.roots)
    } catch (error) {
      const after = readMetaPage(file)
      const moved = typeof after !== 'string' && after.transaction !== meta.transaction
      if (!moved || attempt === ATTEMPTS_MAX) throw error
    }
  }
}

class Walk {
  readonly #file: number
  readonly #pageBytes: number
  readonly #lastPage: number
  readonly #used: Uint8Array
  readonly #waiting: number[] = []
  #count = 0

  constructor(file: number, meta: MetaPage) {
    this.#file = file
    this.#pageBytes = meta.pageBytes
    this.#lastPage = Math.min(meta.lastPage, Math.ceil(fstatSync(file).size / meta.pageBytes) - 1)
    this.#used = new Uint8Array(this.#lastPage + 1)
  }

  run(roots: readonly bigint[]): number {
    for (const root of roots) this.#follow(root, 'a root')
    for (let page = this.#waiting.pop(); page !== undefined; page = this.#waiting.pop()) {
      this.#checkPage(page)
    }
    return this.#count
  }

  #follow(page: bigint, from: string): void {
    if (page === NO_PAGE) return
    this.#waiting.push(this.#use(page, from))
  }

  #use(page: bigint, from: string): number {
    const number = Number(page)
    if (page < 2n || number > this.#lastPage) {
      throw new LogDamagedError(
        `${from} points to page ${page}, the file ends at ${this.#lastPage}`,
      )
    }
    if (this.#used[number] === 1) throw new LogDamagedError(`page ${page} is used twice`)
    this.#used[number] = 1
    this.#count += 1
    return number
  }

  #checkPage(number: number): void {
    const page = this.#read(number, this.#pageBytes)
    const flags = page.readUInt16LE(18)
    if ((flags & ~0x4000) !== BRANCH && (flags & ~0x4000) !== LEAF) {
      throw new LogDamagedError(`page ${number} has flags ${flags}`)
    }
    const nodes = page.readUInt16LE(20) / 2
    if (!Number.isInteger(nodes) || PAGE_HEADER_BYTES + nodes * 2 > this.#pageBytes) {
      throw new LogDamagedError(`page ${number} says it has ${nodes} nodes`)
    }
    for (let index = 0; index < nodes; index += 1) {
      const at = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + index * 2)
      if (at + NODE_HEADER_BYTES > this.#pageBytes) {
        throw new LogDamagedError(`node ${index} of page ${number} lies outside of it`)
      }
      const node = page.subarray(at)
      if ((flags & LEAF) === 0) this.#checkBranchNode(node, number)
      else this.#checkLeafNode(node, number)
    }
  }

  #checkBranchNode(node: Buffer, page: number): void {
    const child = BigInt(node.readUInt32LE(0)) | (BigInt(node.readUInt16LE(4)) << 32n)
    if (NODE_HEADER_BYTES + node.readUInt16LE(6) > node.length) {
      throw new LogDamagedError(`a key of page ${page} reaches beyond it`)
    }
    this.#follow(child, `page ${page}`)
  }

  #checkLeafNode(node: Buffer, page: number): void {
    const flags = node.readUInt16LE(4)
    const dataBytes = node.readUInt32LE(0)
    const data = node.subarray(NODE_HEADER_BYTES + node.readUInt16LE(6))
    const inPlace = (flags & ON_OVERFLOW) === 0 ? dataBytes : OVERFLOW_RECORD_BYTES
    if (data.length < inPlace || ((flags & IS_DATABASE) !== 0 && dataBytes !== DATABASE_BYTES)) {
      throw new LogDamagedError(`data of page ${page} reaches beyond it`)
    }
    if ((flags & ON_OVERFLOW) !== 0) this.#checkOverflow(data, dataBytes, page)
    if ((flags & IS_DATABASE) !== 0) this.#follow(data.readBigUInt64LE(40), `page ${page}`)
  }

  #checkOverflow(record: Buffer, dataBytes: number, page: number): void {
    const first = record.readBigUInt64LE(0)
    const pages = Number(record.readBigUInt64LE(16))
    if (pages * this.#pageBytes < PAGE_HEADER_BYTES + dataBytes) {
      throw new LogDamagedError(`data of page ${page} is longer than its ${pages} overflow pages`)
    }
    for (let index = 0; index < pages; index += 1) this.#use(first + BigInt(index), `page ${page}`)
    const header = this.#read(Number(first), PAGE_HEADER_BYTES)
    if (header.readUInt16LE(18) !== OVERFLOW || header.readUInt32LE(20) !== pages) {
      throw new LogDamagedError(`page ${first} is not the overflow page that page ${page} expects`)
    }
  }

  /** @throws LogDamagedError if the page is not all there, or says it is another one. */
  #read(number: number, length: number): Buffer {
    const page = Buffer.allocUnsafe(length)
    const read = readSync(this.#file, page, 0, length, number * this.#pageBytes)
    if (read < length) throw new LogDamagedError(`page ${number} is cut off`)
    if (Number(page.readBigUInt64LE(0)) !== number) {
      throw new LogDamagedError(`page ${number} says it is page ${page.readBigUInt64LE(0)}`)
    }
    return page
  }
}
