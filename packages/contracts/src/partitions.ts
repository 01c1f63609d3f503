/**
 * The partition of a record key, as Kafka's default partitioner gives it, so that an exchange that keys its own records
 * and we agree: (murmur2(UTF-8 bytes of the key) & 0x7fffffff) mod partitions.
 *
 * @param partitions At least 1.
 */
export function partitionOf(key: string, partitions: number): number {
  return partitions === 1 ? 0 : (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions
}

const encoder = new TextEncoder()
const SEED = 0x9747b28c
const MIX = 0x5bd1e995
const SHIFT = 24

const mixed = (word: number): number => {
  const product = Math.imul(word, MIX)
  return Math.imul(product ^ (product >>> SHIFT), MIX)
}

/** MurmurHash2, 32 bits, with the seed of Kafka's `Utils.murmur2`; signed as in Java. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tail = bytes.length & ~3
  let hash = SEED ^ bytes.length
  for (let offset = 0; offset < tail; offset += 4)
    hash = Math.imul(hash, MIX) ^ mixed(view.getInt32(offset, true))
  if (tail < bytes.length) {
    for (let index = bytes.length - 1; index >= tail; index--)
      hash ^= (bytes[index] as number) << (8 * (index - tail))
    hash = Math.imul(hash, MIX)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, MIX)
  return hash ^ (hash >>> 15)
}
