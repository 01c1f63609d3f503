import type { BatchReceipt, InputRun, SluiceEvent, TickRun } from './generated/events.ts'
import { LIMITS } from './generated/limits.ts'
import { signedZerosWritten } from './avro-types.ts'
import { DecodingError, EncodingError, type ValueFault } from './codec-errors.ts'
import { each } from './limits.ts'
import { asBuffer, codecNamed, codecOf, decodeBody, encodeRecord } from './record-codec.ts'
import { SCHEMA_IDS } from './schema-ids.ts'

const RECEIPT = 'BatchReceipt'
const INPUT_RUN = 'sluice.shared.InputRun'
const TICK_RUN = 'sluice.shared.TickRun'

/**
 * The bytes of an event: the 5-byte Confluent header, then Avro. Equal events give equal bytes.
 *
 * @throws EncodingError if a field is missing, has another type, or breaks a limit of the wire.
 */
export function encodeEvent(event: SluiceEvent): Uint8Array {
  const codec = codecNamed(event.type)
  if (codec !== undefined) return encodeRecord(codec, event)
  const rule = 'no such event; see docs/reference/events.md'
  throw new EncodingError(event.type, { field: 'type', value: event.type, rule })
}

/** An event's bytes, and whether reading them gives an event that nobody could tell from it. */
export interface EncodedEvent {
  readonly bytes: Uint8Array
  readonly isExact: boolean
}

/**
 * Like `encodeEvent`, for a writer that hands the event itself to readers in the same process. It is inexact where it holds a zero
 * with a minus sign: the bytes have none.
 *
 * @throws EncodingError
 */
export function encodeExactly(event: SluiceEvent): EncodedEvent {
  const before = signedZerosWritten()
  const bytes = encodeEvent(event)
  return { bytes, isExact: signedZerosWritten() === before }
}

/**
 * The event in a record's bytes. It may be shared by all who read the record: treat it as immutable.
 *
 * @throws DecodingError with the reason for which the record is refused.
 */
export function decodeEvent(bytes: Uint8Array): SluiceEvent {
  const buffer = asBuffer(bytes)
  const codec = codecOf(buffer)
  if (codec.id === SCHEMA_IDS.BatchReceipt)
    throw new DecodingError('event_misplaced', 'a BatchReceipt instead of an event')
  const event = decodeBody(codec, buffer) as { type: string }
  event.type = codec.name
  return event as SluiceEvent
}

/** A receipt as Avro has it: each run under the name of its type. */
type WrappedReceipt = Omit<BatchReceipt, 'inputRuns'> & {
  readonly inputRuns: readonly Readonly<Record<string, InputRun | TickRun>>[]
}

const runFault = (run: InputRun | TickRun): ValueFault | undefined =>
  LIMITS['tick' in run ? 'TickRun' : 'InputRun']?.(run as never)

/**
 * The bytes of a receipt, with the same header as an event.
 *
 * @throws EncodingError if a field is missing, has another type, or breaks a limit of the wire.
 */
export function encodeReceipt(receipt: BatchReceipt): Uint8Array {
  const codec = codecOfReceipt()
  const inputRuns = receipt.inputRuns.map(run => ({ ['tick' in run ? TICK_RUN : INPUT_RUN]: run }))
  const bytes = encodeRecord(codec, { ...receipt, inputRuns })
  const fault = each(receipt.inputRuns, 'inputRuns', runFault)
  if (fault !== undefined) throw new EncodingError(RECEIPT, fault)
  return bytes
}

function codecOfReceipt(): NonNullable<ReturnType<typeof codecNamed>> {
  const codec = codecNamed(RECEIPT)
  if (codec !== undefined) return codec
  throw new EncodingError(RECEIPT, { field: 'type', value: RECEIPT, rule: 'it has no schema id' })
}

/** Whether a record of one of our topics holds a receipt; it is an event otherwise. */
export function isReceipt(bytes: Uint8Array): boolean {
  const isShortId = bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0
  return isShortId && bytes[4] === SCHEMA_IDS.BatchReceipt
}

/**
 * The receipt in a record's bytes.
 *
 * @throws DecodingError if they do not hold one.
 */
export function decodeReceipt(bytes: Uint8Array): BatchReceipt {
  const buffer = asBuffer(bytes)
  const codec = codecOf(buffer)
  if (codec.name !== RECEIPT)
    throw new DecodingError('event_misplaced', `${codec.name} instead of a ${RECEIPT}`)
  const wrapped = decodeBody(codec, buffer) as WrappedReceipt
  const inputRuns = wrapped.inputRuns.flatMap(run => Object.values(run))
  const fault = each(inputRuns, 'inputRuns', runFault)
  if (fault !== undefined) throw DecodingError.ofValue('number_out_of_range', RECEIPT, fault)
  return { ...wrapped, inputRuns }
}
