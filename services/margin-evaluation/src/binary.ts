const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Writes numbers and texts one after the other, little-endian. */
export class BinaryWriter {
  #bytes = new Uint8Array(65_536)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  integer(value: number): void {
    this.#room(4)
    this.#view.setInt32(this.#length, value, true)
    this.#length += 4
  }

  double(value: number): void {
    this.#room(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  text(value: string): void {
    this.#room(4 + value.length * 3)
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(this.#length + 4))
    this.integer(written)
    this.#length += written
  }

  #room(more: number): void {
    const least = this.#length + more
    if (least <= this.#bytes.length) return
    const longer = new Uint8Array(Math.max(least, this.#bytes.length * 2))
    longer.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = longer
    this.#view = new DataView(longer.buffer)
  }
}

/** Reads what a `BinaryWriter` wrote, in the same order. @throws RangeError beyond the end. */
export class BinaryReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #place = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  byte(): number {
    this.#place += 1
    return this.#view.getUint8(this.#place - 1)
  }

  integer(): number {
    this.#place += 4
    return this.#view.getInt32(this.#place - 4, true)
  }

  double(): number {
    this.#place += 8
    return this.#view.getFloat64(this.#place - 8, true)
  }

  text(): string {
    const length = this.integer()
    const start = this.#place
    this.#place += length
    return decoder.decode(this.#bytes.subarray(start, this.#place))
  }
}
