import { Decimal, ZERO } from '@sluice/domain/decimal'
import avsc from 'avsc'
import type { Type } from 'avsc'
import { isWellFormed, readText, writeShortText } from './text-bytes.ts'
import { DECIMAL_BYTES_MAX, DecimalFormat } from './decimal-bytes.ts'

/**
 * Our own avsc types. They override `_read` and `_write`, which avsc does not document; its version is pinned, and the
 * golden bytes and hostile-input tests would show a change.
 */

type Schema = ConstructorParameters<typeof avsc.types.LogicalType>[0]

/** avsc's cursor over a buffer: methods may run past the end, which `isValid` tells afterwards. */
interface Tap {
  buf: Buffer
  pos: number
  isValid(): boolean
  readLong(): number
  skipLong(): void
  writeString(value: string): void
  writeLong(value: number): void
  _invalidate(): void
}

interface Readable {
  _read(tap: Tap): unknown
}

/** The bytes cannot be what the schema says, whatever follows. */
export class MalformedBytesError extends Error {
  override readonly name = 'MalformedBytesError'
}

/** A decimal that was read has more digits than its schema allows. */
export class DecimalTooLongError extends Error {
  override readonly name = 'DecimalTooLongError'
}

/** A text that was read is not valid UTF-8. */
export class TextNotUtf8Error extends Error {
  override readonly name = 'TextNotUtf8Error'
}

/** A value that was to be written does not fit its schema; the path is found afterwards. */
export class ValueMisfitError extends Error {
  override readonly name = 'ValueMisfitError'
}

let signedZeros = 0

/**
 * Zeros with a minus sign written so far. The wire has no such zero: what is read back differs from what was written, and this
 * count tells so, as nothing else of a value does that has been written without an error.
 */
export const signedZerosWritten = (): number => signedZeros

/** The `decimal` logical type: bytes ↔ `Decimal`, without a buffer in between. */
export class DecimalType extends avsc.types.LogicalType {
  readonly format: DecimalFormat

  constructor(schema: Schema, options?: object) {
    super(schema, options)
    const { precision, scale } = schema as object as { precision: number; scale: number }
    this.format = new DecimalFormat(precision, scale)
  }

  _check(value: unknown, _flags: unknown, hook?: (value: unknown, type: Type) => void): boolean {
    const fits = value instanceof Decimal && this.format.faultOf(value) === undefined
    if (!fits) hook?.(value, this)
    return fits
  }

  _read(tap: Tap): Decimal {
    const length = tap.readLong()
    if (length < 1) throw new MalformedBytesError(`a decimal of ${String(length)} bytes`)
    const offset = tap.pos
    tap.pos += length
    if (!tap.isValid()) return ZERO
    if (length > DECIMAL_BYTES_MAX)
      throw new DecimalTooLongError(`a decimal of ${String(length)} bytes`)
    const value = this.format.read(tap.buf, offset, length)
    if (value.e + 1 + this.format.scale > this.format.precision)
      throw new DecimalTooLongError(
        `a decimal of more than ${String(this.format.precision)} digits`,
      )
    return value
  }

  _write(tap: Tap, value: unknown): void {
    if (!(value instanceof Decimal) || this.format.faultOf(value) !== undefined)
      throw new ValueMisfitError('a decimal')
    if (value.s < 0 && value.d[0] === 0) signedZeros += 1
    const length = this.format.write(value, tap.buf, tap.pos + 1)
    tap.writeLong(length)
    tap.pos += length
  }

  protected override _fromValue(bytes: Buffer): Decimal {
    return this.format.read(bytes, 0, bytes.length)
  }

  protected override _toValue(value: Decimal): Buffer {
    const bytes = Buffer.alloc(DECIMAL_BYTES_MAX)
    return bytes.subarray(0, this.format.write(value, bytes, 0))
  }
}

/** A long that was read lies beyond 2^53. */
export class UnsafeLongError extends Error {
  override readonly name = 'UnsafeLongError'
}

/**
 * Longs that a double holds exactly, all of them: avsc's own writer and reader double the number first, and so change
 * the ones below -2^52 without a word. Zigzag puts the sign into the lowest bit: n ≥ 0 is 2n, n < 0 is 2(-n - 1) + 1.
 */
export class SafeLongType extends avsc.types.LongType {
  _check(value: unknown, _flags: unknown, hook?: (value: unknown, type: Type) => void): boolean {
    const fits = Number.isSafeInteger(value)
    if (!fits) hook?.(value, this)
    return fits
  }

  _read(tap: Tap): number {
    const { buf } = tap
    let byte = buf[tap.pos++] as number
    const isNegative = (byte & 1) === 1
    let magnitude = (byte & 0x7f) >> 1
    for (let factor = 64; byte >= 0x80; factor *= 128) {
      byte = buf[tap.pos++] as number
      magnitude += (byte & 0x7f) * factor
    }
    const value = isNegative ? -magnitude - 1 : magnitude
    if (Number.isSafeInteger(value)) return value
    throw new UnsafeLongError(`a number beyond 2^53 before byte ${String(tap.pos)}`)
  }

  _write(tap: Tap, value: unknown): void {
    if (!Number.isSafeInteger(value)) throw new ValueMisfitError('a long')
    const { buf } = tap
    const number = value as number
    if (Object.is(number, -0)) signedZeros += 1
    let rest = number >= 0 ? number : -number - 1
    let part = (rest % 64) * 2 + (number >= 0 ? 0 : 1)
    rest = Math.floor(rest / 64)
    while (rest > 0) {
      buf[tap.pos++] = part | 0x80
      part = rest % 128
      rest = Math.floor(rest / 128)
    }
    buf[tap.pos++] = part
  }
}

/** Ints as avsc writes them, but the zeros that lose their sign are counted. */
export class CountedIntType extends avsc.types.IntType {
  _write(tap: Tap, value: unknown): void {
    const number = value as number
    if (number !== (number | 0)) throw new ValueMisfitError('an int')
    if (Object.is(number, -0)) signedZeros += 1
    tap.writeLong(number)
  }
}

/** Texts that are UTF-8, checked on both ways. */
export class TextType extends avsc.types.StringType {
  _check(value: unknown, _flags: unknown, hook?: (value: unknown, type: Type) => void): boolean {
    const fits = typeof value === 'string' && isWellFormed(value)
    if (!fits) hook?.(value, this)
    return fits
  }

  _read(tap: Tap): string {
    const length = tap.readLong()
    if (length < 0) throw new MalformedBytesError(`a text of ${String(length)} bytes`)
    const start = tap.pos
    tap.pos += length
    if (!tap.isValid()) return ''
    const text = readText(tap.buf, start, tap.pos)
    if (text === undefined) throw new TextNotUtf8Error(`the text at byte ${String(start)}`)
    return text
  }

  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'string') throw new ValueMisfitError('a text')
    const end = writeShortText(value, tap.buf, tap.pos)
    if (end !== undefined) {
      tap.pos = end
      return
    }
    if (!isWellFormed(value)) throw new ValueMisfitError('a text that has a UTF-8 form')
    tap.writeString(value)
  }
}

/** Arrays whose stated length is believed only if the bytes left could hold it: a few bytes must not claim gigabytes. */
export class BoundedArrayType extends avsc.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items: Readable = this.itemsType as object as Readable
    const values: unknown[] = []
    for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
      if (count < 0) {
        count = -count
        tap.skipLong()
      }
      if (!(count <= tap.buf.length - tap.pos)) {
        tap._invalidate()
        return values
      }
      for (; count > 0; count--) values.push(items._read(tap))
    }
    return values
  }
}
