import { crc32 } from 'node:zlib'
import { json } from './environment.ts'
import { LogDamagedError } from './errors.ts'

const CRC_BYTES = 4

/** What is written down about a log: CRC-32 (big-endian), then JSON. */
export function encodeMeta(value: unknown): Buffer {
  const text = json(value)
  const checksum = Buffer.alloc(CRC_BYTES)
  checksum.writeUInt32BE(crc32(text))
  return Buffer.concat([checksum, text])
}

/** @throws LogDamagedError if the bytes are not what was written */
export function decodeMeta(name: string, bytes: Buffer): unknown {
  const text = bytes.subarray(CRC_BYTES)
  if (bytes.length < CRC_BYTES || bytes.readUInt32BE() !== crc32(text))
    throw new LogDamagedError(`the checksum of what it says of itself ("${name}") does not match`)
  const value: unknown = JSON.parse(text.toString())
  return value
}
