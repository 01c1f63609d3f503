import { Decimal } from '@sluice/domain/decimal'
import type { Type } from 'avsc'
import { formerTypeOf, typeOf } from './avro.ts'
import { DecimalTooLongError, TextNotUtf8Error, UnsafeLongError } from './avro-types.ts'
import { DecodingError, EncodingError, type ValueFault } from './codec-errors.ts'
import { LIMITS } from './generated/limits.ts'
import { SCHEMAS } from './generated/schemas.ts'
import { FORMER_SCHEMAS, SCHEMA_IDS } from './schema-ids.ts'

/** Confluent's header: a zero byte, then the schema id, big-endian. */
const HEADER_BYTES = 5
const SLAB_BYTES = 65_536

/** One record type with its id on the wire, its avsc type and its limits. */
export interface RecordCodec {
  readonly name: string
  readonly id: number
  readonly type: Type
  readonly faultOf: (value: never) => ValueFault | undefined
  /** Fields that a former schema lacks: they are read as null. */
  readonly missing: readonly string[]
}

const nothingToCheck = (): undefined => undefined

function buildCodecs(): Map<string, RecordCodec> {
  const ids: Readonly<Record<string, number>> = SCHEMA_IDS
  const codecs = new Map<string, RecordCodec>()
  for (const entry of SCHEMAS) {
    const { name } = entry.schema
    const id = ids[name]
    if (id !== undefined)
      codecs.set(name, {
        name,
        id,
        type: typeOf(entry),
        faultOf: LIMITS[name] ?? nothingToCheck,
        missing: [],
      })
  }
  return codecs
}

const codecs = buildCodecs()
const codecsById = new Map(
  [...codecs.values(), ...buildFormerCodecs()].map(codec => [codec.id, codec]),
)

function buildFormerCodecs(): RecordCodec[] {
  return FORMER_SCHEMAS.flatMap(({ id, name, without }) => {
    const entry = SCHEMAS.find(({ schema }) => schema.name === name)
    const present = codecs.get(name)
    if (entry === undefined || present === undefined) return []
    return [{ ...present, id, type: formerTypeOf(entry, without), missing: without }]
  })
}

/** The codec of a record by its name; undefined if it has no id. */
export const codecNamed = (name: string): RecordCodec | undefined => codecs.get(name)

let slab = Buffer.alloc(SLAB_BYTES)

/** Where `value` does not fit the type; the first misfit in the order of fields. */
function misfit({ name, type }: RecordCodec, value: unknown, cause: unknown): EncodingError {
  const rule = 'it does not fit its schema'
  let error = new EncodingError(name, { field: '', value, rule }, { cause })
  type.isValid(value, {
    errorHook: (path, part, expected) => {
      if (error.field !== '') return
      const asked = `the schema asks for ${expected.typeName.replace('logical:', '')}`
      const field = path.join('.')
      error = new EncodingError(name, { field, value: part, rule: asked }, { cause })
    },
  })
  return error
}

/** Writes header and body into the slab and answers the length. */
function fillSlab(codec: RecordCodec, value: unknown): number {
  for (;;) {
    const end = codec.type.encode(value, slab, HEADER_BYTES)
    if (end >= 0) return end
    slab = Buffer.alloc(2 * (slab.length - end))
  }
}

/** Header and body of a record, in bytes of their own. @throws EncodingError */
export function encodeRecord(codec: RecordCodec, value: unknown): Uint8Array {
  let length: number
  try {
    length = fillSlab(codec, value)
  } catch (cause) {
    throw misfit(codec, value, cause)
  }
  const fault = codec.faultOf(value as never)
  if (fault !== undefined) throw new EncodingError(codec.name, fault)
  slab[0] = 0
  slab.writeUInt32BE(codec.id, 1)
  const bytes = Buffer.allocUnsafe(length)
  slab.copy(bytes, 0, 0, length)
  return bytes
}

/** The same bytes with the methods of a buffer. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The codec that the header names. @throws DecodingError */
export function codecOf(bytes: Buffer): RecordCodec {
  if (bytes.length < HEADER_BYTES || bytes[0] !== 0)
    throw new DecodingError(
      'header_missing',
      `a record of ${String(bytes.length)} bytes without the header 00 and schema id: write it with the codec`,
    )
  const id = bytes.readUInt32BE(1)
  const codec = codecsById.get(id)
  if (codec === undefined)
    throw new DecodingError(
      'schema_unknown',
      `schema id ${String(id)} is not in the table: a newer version wrote it, or another registry gave it`,
    )
  return codec
}

function bodyFault({ name }: RecordCodec, error: unknown): DecodingError {
  const detail = `${name}: ${error instanceof Error ? error.message : String(error)}`
  if (error instanceof DecimalTooLongError) return new DecodingError('decimal_too_long', detail)
  if (error instanceof TextNotUtf8Error) return new DecodingError('text_not_utf8', detail)
  if (error instanceof UnsafeLongError) return new DecodingError('number_out_of_range', detail)
  return new DecodingError('bytes_malformed', detail)
}

/** The record after the header, held to its limits. @throws DecodingError */
export function decodeBody(codec: RecordCodec, bytes: Buffer): unknown {
  let decoded: { value: unknown; offset: number }
  try {
    decoded = codec.type.decode(bytes, HEADER_BYTES)
  } catch (error) {
    throw bodyFault(codec, error)
  }
  if (decoded.offset === -1)
    throw new DecodingError(
      'bytes_truncated',
      `${codec.name} ends after ${String(bytes.length)} bytes`,
    )
  if (decoded.offset !== bytes.length)
    throw new DecodingError(
      'bytes_trailing',
      `${codec.name} goes on for ${String(bytes.length - decoded.offset)} bytes after its end`,
    )
  const record = decoded.value as Record<string, unknown>
  for (const name of codec.missing) record[name] = null
  const fault = codec.faultOf(record as never)
  if (fault !== undefined) throw limitFault(codec, fault)
  return record
}

const limitFault = (codec: RecordCodec, fault: ValueFault): DecodingError => {
  const isNegative = fault.value instanceof Decimal ? fault.value.s < 0 : Number(fault.value) < 0
  const reason = isNegative ? 'quantity_negative' : 'number_out_of_range'
  return DecodingError.ofValue(reason, codec.name, fault)
}
