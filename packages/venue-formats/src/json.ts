import { decodeEvent, encodeEvent } from '@sluice/contracts/codec'
import { DecodingError, EncodingError } from '@sluice/contracts/codec-errors'
import type { SluiceEvent } from '@sluice/contracts/generated/events'

/** Longest text of a value in an error: records hold what they like. */
const SHOWN_MAX = 60

/** A value as errors show it. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text
}

/** What a record's bytes hold as JSON. @throws DecodingError */
export function parseJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new DecodingError('json_malformed', detail)
  }
}

/**
 * The event as everybody else would read it from its bytes: whatever it was made of, what is folded is what our Avro says.
 * @throws DecodingError if it breaks its schema or a limit of it.
 */
export function canonical(event: SluiceEvent): SluiceEvent {
  try {
    return decodeEvent(encodeEvent(event))
  } catch (error) {
    if (error instanceof EncodingError) throw new DecodingError('json_unfit', error.message)
    throw error
  }
}
