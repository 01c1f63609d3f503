/** A set of slots (small integers) in two typed arrays: add, remove and has in constant time, no object per member. */
export class SlotSet {
  #members = new Int32Array(64)
  /** Place of a slot in `#members`, plus one; 0: not a member. */
  #places = new Int32Array(64)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(slot: number): boolean {
    return slot < this.#places.length && this.#places[slot] !== 0
  }

  add(slot: number): void {
    if (this.has(slot)) return
    this.#places = grown(this.#places, slot + 1)
    this.#members = grown(this.#members, this.#size + 1)
    this.#members[this.#size] = slot
    this.#size += 1
    this.#places[slot] = this.#size
  }

  delete(slot: number): void {
    if (!this.has(slot)) return
    const place = (this.#places[slot] as number) - 1
    const last = this.#members[this.#size - 1] as number
    this.#members[place] = last
    this.#places[last] = place + 1
    this.#places[slot] = 0
    this.#size -= 1
  }

  clear(): void {
    for (let i = 0; i < this.#size; i += 1) this.#places[this.#members[i] as number] = 0
    this.#size = 0
  }

  /**
   * The members, ascending, as a copy: the order of arrival reaches nobody, and the set may change while it is walked.
   */
  ascending(): Int32Array {
    return this.#members.slice(0, this.#size).sort()
  }
}

/** The array, or a longer copy that has at least `length` elements. */
function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (array.length >= length) return array
  const longer = new Int32Array(Math.max(length, array.length * 2))
  longer.set(array)
  return longer
}
