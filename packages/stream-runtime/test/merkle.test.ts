import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { bytesOfDigest, digestFromBytes, digestFromHex, hexOfDigest } from '../src/digest.ts'
import {
  leafOfBytes,
  leafOfRecord,
  leafOfTick,
  MerkleAccumulator,
  rootOfEvents,
} from '../src/merkle.ts'

const sha = (...parts: Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** RFC 6962, section 2.1, as it is written there. */
function treeHash(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 0) return sha()
  if (leaves.length === 1) return sha(Buffer.from([0]), leaves[0]!)
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha(Buffer.from([1]), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)))
}

const bytes = fc.uint8Array({ maxLength: 90 })

describe('Merkle roots', () => {
  test('are those of RFC 6962 for any number of leaves', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 70 }), leaves => {
        expect(hexOfDigest(rootOfEvents(leaves))).toBe(treeHash(leaves).toString('hex'))
      }),
      { seed: 6962 },
    )
  })

  test('of nothing is the hash of nothing, also after clear', () => {
    const accumulator = new MerkleAccumulator()
    accumulator.append(leafOfBytes(Buffer.from('a')))
    accumulator.clear()
    expect(hexOfDigest(accumulator.root())).toBe(treeHash([]).toString('hex'))
    expect(accumulator.size).toBe(0)
  })

  test('may be asked for on the way without changing what follows', () => {
    const accumulator = new MerkleAccumulator()
    const leaves = Array.from({ length: 11 }, (_, index) => Buffer.from([index]))
    for (const [index, leaf] of leaves.entries()) {
      accumulator.append(leafOfBytes(leaf))
      const expected = treeHash(leaves.slice(0, index + 1)).toString('hex')
      expect(hexOfDigest(accumulator.root())).toBe(expected)
    }
  })
})

describe('leaves of inputs', () => {
  const record = { appendTime: 1_760_054_400_123, key: Buffer.from('k'), value: Buffer.from('v') }

  test('have append time, key length, key and value in a fixed form', () => {
    const time = Buffer.alloc(8)
    time.writeBigUInt64BE(1_760_054_400_123n)
    const expected = sha(Buffer.from([0]), time, Buffer.from([0, 0, 0, 1]), Buffer.from('kv'))
    expect(hexOfDigest(leafOfRecord(record))).toBe(expected.toString('hex'))
    expect(hexOfDigest(leafOfTick(1_760_054_400_123))).toBe(
      sha(Buffer.from([0]), time).toString('hex'),
    )
  })

  test('differ when a byte moves between key and value, or the key is empty instead of absent', () => {
    const leaves = [
      record,
      { ...record, key: Buffer.from('kv'), value: Buffer.alloc(0) },
      { ...record, key: Buffer.alloc(0), value: Buffer.from('kv') },
      { ...record, key: null, value: Buffer.from('kv') },
      { ...record, appendTime: record.appendTime + 1 },
    ].map(leafOfRecord)
    expect(new Set(leaves).size).toBe(5)
  })

  test('of records larger than the scratch buffer are right', () => {
    const value = Buffer.alloc(200_000, 7)
    const expected = sha(Buffer.from([0]), value).toString('hex')
    expect(hexOfDigest(leafOfBytes(value))).toBe(expected)
  })
})

test('digests go to bytes and hexadecimal and back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), digest => {
      const text = digestFromBytes(digest)
      expect(Buffer.compare(bytesOfDigest(text), digest)).toBe(0)
      expect(digestFromHex(hexOfDigest(text))).toBe(text)
    }),
    { seed: 32 },
  )
})
