import { sha256, writeDigest, type Digest } from './digest.ts'

/** Domain separation of RFC 6962, section 2.1. */
const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01
const EMPTY_ROOT = sha256(new Uint8Array(0))

const node = new Uint8Array(65)
node[0] = NODE_PREFIX

function nodeOf(left: Digest, right: Digest): Digest {
  writeDigest(left, node, 1)
  writeDigest(right, node, 33)
  return sha256(node)
}

let scratch = Buffer.alloc(65_536)

/** A buffer of at least `length` bytes whose first byte is the leaf prefix. Its content is good until the next call. */
function leafBuffer(length: number): Buffer {
  if (scratch.length < length) scratch = Buffer.alloc(2 * length)
  scratch[0] = LEAF_PREFIX
  return scratch
}

/** RFC 6962 leaf: SHA-256(0x00 ‖ data). */
export function leafOfBytes(data: Uint8Array): Digest {
  const buffer = leafBuffer(data.length + 1)
  buffer.set(data, 1)
  return sha256(buffer.subarray(0, data.length + 1))
}

/** What of a record is an input: all but its place, which the receipt's run states. */
export interface HashedRecord {
  readonly appendTime: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array
}

const NO_KEY = 0xffffffff
const RECORD_HEADER_BYTES = 13

/**
 * Leaf of an input record: SHA-256(0x00 ‖ append time, 8 bytes ‖ key length, 4 bytes, all ones without a key ‖ key ‖ value);
 * numbers big-endian. A tick's leaf is shorter than any record's, so the two never meet.
 */
export function leafOfRecord({ appendTime, key, value }: HashedRecord): Digest {
  const keyLength = key === null ? 0 : key.length
  const length = RECORD_HEADER_BYTES + keyLength + value.length
  const buffer = leafBuffer(length)
  writeTime(buffer, appendTime)
  buffer.writeUInt32BE(key === null ? NO_KEY : keyLength, 9)
  if (key !== null) buffer.set(key, RECORD_HEADER_BYTES)
  buffer.set(value, RECORD_HEADER_BYTES + keyLength)
  return sha256(buffer.subarray(0, length))
}

/** Leaf of a tick: SHA-256(0x00 ‖ time, 8 bytes big-endian). */
export function leafOfTick(time: number): Digest {
  const buffer = leafBuffer(9)
  writeTime(buffer, time)
  return sha256(buffer.subarray(0, 9))
}

/** Milliseconds fit 53 bits: two halves, without a bigint. */
function writeTime(buffer: Buffer, time: number): void {
  const high = Math.floor(time / 0x1_0000_0000)
  buffer.writeUInt32BE(high, 1)
  buffer.writeUInt32BE(time - high * 0x1_0000_0000, 5)
}

/**
 * Root of a Merkle tree (RFC 6962) over leaves that arrive one at a time. It holds one digest for each set bit of the leaf
 * count: the roots of the perfect subtrees, largest first.
 */
export class MerkleAccumulator {
  readonly #subtrees: Digest[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  append(leaf: Digest): void {
    let digest = leaf
    for (let bits = this.#size; (bits & 1) === 1; bits >>>= 1)
      digest = nodeOf(this.#subtrees.pop() ?? EMPTY_ROOT, digest)
    this.#subtrees.push(digest)
    this.#size += 1
  }

  root(): Digest {
    const { length } = this.#subtrees
    let root = this.#subtrees[length - 1] ?? EMPTY_ROOT
    for (let index = length - 2; index >= 0; index -= 1)
      root = nodeOf(this.#subtrees[index] ?? EMPTY_ROOT, root)
    return root
  }

  clear(): void {
    this.#subtrees.length = 0
    this.#size = 0
  }
}

/** Root over event bytes, in order. */
export function rootOfEvents(events: readonly Uint8Array[]): Digest {
  const accumulator = new MerkleAccumulator()
  for (const event of events) accumulator.append(leafOfBytes(event))
  return accumulator.root()
}
