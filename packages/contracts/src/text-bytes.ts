import { isUtf8 } from 'node:buffer'

/**
 * Text ↔ UTF-8. Nearly all our texts are short ASCII names that come again and again, so those are read from a cache
 * (no call out of the engine, one string for all readers) and written byte by byte.
 */

const SHORT = 40
const SLOTS = 8_192
const ASCII_MAX = 0x7f

const cache: (string | undefined)[] = new Array<string | undefined>(SLOTS).fill(undefined)

function isTextAt(text: string, source: Uint8Array, offset: number): boolean {
  for (let index = 0; index < text.length; index++)
    if (text.charCodeAt(index) !== source[offset + index]) return false
  return true
}

/** The text in the bytes from `start` to `end`; undefined if they are not valid UTF-8. */
export function readText(source: Buffer, start: number, end: number): string | undefined {
  const length = end - start
  if (length > SHORT) return readLongText(source, start, end)
  let hash = length
  for (let index = start; index < end; index++)
    hash = (Math.imul(hash, 31) + (source[index] as number)) | 0
  const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1)
  const known = cache[slot]
  if (known?.length === length && isTextAt(known, source, start)) return known
  const text = readLongText(source, start, end)
  cache[slot] = text
  return text
}

function readLongText(source: Buffer, start: number, end: number): string | undefined {
  const text = source.toString('utf8', start, end)
  const isSuspicious = text.includes('\uFFFD')
  return isSuspicious && !isUtf8(source.subarray(start, end)) ? undefined : text
}

/**
 * Writes a short ASCII text, its length before it as Avro wants it, and answers the offset after it; undefined if the
 * text is not one, or does not fit.
 */
export function writeShortText(
  text: string,
  target: Uint8Array,
  offset: number,
): number | undefined {
  const { length } = text
  if (length > SHORT || offset + 1 + length > target.length) return undefined
  target[offset] = length << 1
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code > ASCII_MAX) return undefined
    target[offset + 1 + index] = code
  }
  return offset + 1 + length
}

/** Whether the text has a UTF-8 form: no half of a surrogate pair stands alone. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)
