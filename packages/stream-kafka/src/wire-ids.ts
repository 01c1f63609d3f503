import type { SchemaIdMap } from './schema-id-map.ts'

const HEADER_BYTES = 5
const MAGIC = 0
const ID_AT = 1

const hasHeader = (value: Uint8Array): boolean => value.length >= HEADER_BYTES && value[0] === MAGIC

/** The value as it goes out, with the registry's id. The bytes given belong to others and stay as they are. */
export function withWireId(value: Buffer, ids: SchemaIdMap): Buffer {
  if (!hasHeader(value)) return value
  const copy = Buffer.from(value)
  copy.writeUInt32BE(ids.toWire(value.readUInt32BE(ID_AT)), ID_AT)
  return copy
}

/** Puts our id in its place, in bytes that have just come in and belong to nobody else yet. */
export function putOwnId(value: Buffer, ids: SchemaIdMap): void {
  if (!hasHeader(value)) return
  value.writeUInt32BE(ids.fromWire(value.readUInt32BE(ID_AT)), ID_AT)
}
