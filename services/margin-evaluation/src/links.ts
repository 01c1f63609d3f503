const ABSENT = -1

/**
 * The linked-list fields of ladder entries of one direction, one entry per leg of the pool, in typed arrays.
 * `previous` is a leg, or −2 − bucket for the first of a bucket, or −1 for a leg that is in no ladder.
 */
export class Links {
  key = new Float64Array(0)
  next = new Int32Array(0)
  previous = new Int32Array(0)

  has(leg: number): boolean {
    return leg < this.previous.length && this.previous[leg] !== ABSENT
  }

  /** Follows the pool's room. */
  grow(length: number): void {
    if (length <= this.key.length) return
    const key = new Float64Array(length)
    const next = new Int32Array(length).fill(ABSENT)
    const previous = new Int32Array(length).fill(ABSENT)
    key.set(this.key)
    next.set(this.next)
    previous.set(this.previous)
    this.key = key
    this.next = next
    this.previous = previous
  }
}
