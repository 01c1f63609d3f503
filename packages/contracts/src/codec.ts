import { Decimal } from '@sluice/domain/decimal'
import type { types } from 'avsc'
import { recordType } from './avro.ts'
import { DecimalTooLongError, TextNotUtf8Error } from './avro-types.ts'
import { DecodingError, EncodingError, type ValueFault } from './codec-errors.ts'
import type { BatchReceipt, InputRun, SluiceEvent, TickRun } from './generated/events.ts'
import { LIMITS } from './generated/limits.ts'
import { SCHEMAS } from './generated/schemas.ts'
import { SCHEMA_IDS } from './schema-ids.ts'

/** Confluent's header: a zero byte, then the schema id, big-endian. */
const HEADER_BYTES = 5
const SLAB_BYTES = 65_536

interface Codec {
  readonly name: string
  readonly id: number
  readonly type: types.RecordType
  readonly faultOf: (value: never) => ValueFault | undefined
}

const nothingToCheck = (): undefined => undefined

function buildCodecs(): Map<string, Codec> {
  const ids: Readonly<Record<string, number>> = SCHEMA_IDS
  const codecs = new Map<string, Codec>()
  for (const entry of SCHEMAS) {
    const { name } = entry.schema
    const id = ids[name]
    if (id !== undefined)
      codecs.set(name, {
        name,
        id,
        type: recordType(entry),
        faultOf: LIMITS[name] ?? nothingToCheck,
      })
  }
  return codecs
}

const codecs = buildCodecs()
const codecsById = new Map([...codecs.values()].map(codec => [codec.id, codec]))

let slab = Buffer.alloc(SLAB_BYTES)

/** Where `value` does not fit the type; the first misfit in the order of fields. */
function misfit({ name, type }: Codec, value: unknown): EncodingError {
  let error = new EncodingError(name, { field: '', value, rule: 'it does not fit its schema' })
  type.isValid(value, {
    errorHook: (path, part, expected) => {
      if (error.field !== '') return
      const rule = `the schema asks for ${expected.typeName.replace('logical:', '')}`
      error = new EncodingError(name, { field: path.join('.'), value: part, rule })
    },
  })
  return error
}

/** Writes header and body into the slab and answers the length. */
function fillSlab(codec: Codec, value: unknown): number {
  for (;;) {
    const end = codec.type.encode(value, slab, HEADER_BYTES)
    if (end >= 0) return end
    slab = Buffer.alloc(2 * (slab.length - end))
  }
}

function encode(codec: Codec, value: unknown): Uint8Array {
  let length: number
  try {
    length = fillSlab(codec, value)
  } catch {
    throw misfit(codec, value)
  }
  const fault = codec.faultOf(value as never)
  if (fault !== undefined) throw new EncodingError(codec.name, fault)
  slab[0] = 0
  slab.writeUInt32BE(codec.id, 1)
  const bytes = Buffer.allocUnsafe(length)
  slab.copy(bytes, 0, 0, length)
  return bytes
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function codecOf(bytes: Buffer): Codec {
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

/** What avsc says of a long beyond 2^53. */
const UNSAFE_LONG = 'potential precision loss'

function bodyFault({ name }: Codec, error: unknown): DecodingError {
  const message = error instanceof Error ? error.message : String(error)
  const detail = `${name}: ${message}`
  if (error instanceof DecimalTooLongError) return new DecodingError('decimal_too_long', detail)
  if (error instanceof TextNotUtf8Error) return new DecodingError('text_not_utf8', detail)
  if (message === UNSAFE_LONG)
    return new DecodingError(
      'number_out_of_range',
      `${name}: a number beyond 2^53 in either direction`,
    )
  return new DecodingError('bytes_malformed', detail)
}

function decodeBody(codec: Codec, bytes: Buffer): unknown {
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
  const fault = codec.faultOf(decoded.value as never)
  if (fault !== undefined) throw limitFault(codec, fault)
  return decoded.value
}

const limitFault = (codec: Codec, fault: ValueFault): DecodingError => {
  const isNegative = fault.value instanceof Decimal ? fault.value.s < 0 : Number(fault.value) < 0
  const reason = isNegative ? 'quantity_negative' : 'number_out_of_range'
  return DecodingError.ofValue(reason, codec.name, fault)
}

/**
 * The bytes of an event: the 5-byte Confluent header, then Avro. Equal events give equal bytes.
 *
 * @throws EncodingError if a field is missing, has another type, or breaks a limit of the wire.
 */
export function encodeEvent(event: SluiceEvent): Uint8Array {
  const codec = codecs.get(event.type)
  if (codec === undefined)
    throw new EncodingError(event.type, { field: 'type', value: event.type, rule: 'no such event' })
  return encode(codec, event)
}

/**
 * The event in a record's bytes. It may be shared by all who read the record: treat it as immutable.
 *
 * @throws DecodingError with the reason for which the record is refused.
 */
export function decodeEvent(bytes: Uint8Array): SluiceEvent {
  const buffer = asBuffer(bytes)
  const codec = codecOf(buffer)
  const event = decodeBody(codec, buffer) as { type: string }
  event.type = codec.name
  return event as SluiceEvent
}

const RECEIPT = codecs.get('BatchReceipt') as Codec
const INPUT_RUN = 'sluice.shared.InputRun'
const TICK_RUN = 'sluice.shared.TickRun'

/**
 * The bytes of a receipt, with the same header as an event.
 *
 * @throws EncodingError if a field is missing, has another type, or breaks a limit of the wire.
 */
export function encodeReceipt(receipt: BatchReceipt): Uint8Array {
  const inputRuns = receipt.inputRuns.map(run => ({ ['tick' in run ? TICK_RUN : INPUT_RUN]: run }))
  return encode(RECEIPT, { ...receipt, inputRuns })
}

/** Whether a record of one of our topics holds a receipt; it is an event otherwise. */
export function isReceipt(bytes: Uint8Array): boolean {
  return (
    bytes[4] === SCHEMA_IDS.BatchReceipt &&
    bytes[0] === 0 &&
    bytes[1] === 0 &&
    bytes[2] === 0 &&
    bytes[3] === 0
  )
}

/**
 * The receipt in a record's bytes.
 *
 * @throws DecodingError if they do not hold one.
 */
export function decodeReceipt(bytes: Uint8Array): BatchReceipt {
  const buffer = asBuffer(bytes)
  const codec = codecOf(buffer)
  if (codec !== RECEIPT)
    throw new DecodingError('event_misplaced', `${codec.name} instead of a BatchReceipt`)
  const receipt = decodeBody(codec, buffer) as { inputRuns: Record<string, InputRun | TickRun>[] }
  const inputRuns = receipt.inputRuns.map(wrapped => wrapped[INPUT_RUN] ?? wrapped[TICK_RUN])
  return { ...receipt, inputRuns } as unknown as BatchReceipt
}
