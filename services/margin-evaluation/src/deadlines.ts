const NONE = -1

/**
 * Deadlines of slots, nearest first: an indexed binary heap, so that a deadline can be moved or taken back.
 * What it answers depends on its members only, never on the order in which they came.
 */
export class Deadlines {
  readonly #heap: number[] = []
  /** Deadline of each slot, and its place in the heap; NONE: it has none */
  #times = new Float64Array(64)
  #places = new Int32Array(64).fill(NONE)

  /** The nearest deadline, or null. */
  next(): number | null {
    const first = this.#heap[0]
    return first === undefined ? null : (this.#times[first] as number)
  }

  get size(): number {
    return this.#heap.length
  }

  has(slot: number): boolean {
    return slot < this.#places.length && this.#places[slot] !== NONE
  }

  /** Deadline of a slot. */
  at(slot: number): number | undefined {
    return this.has(slot) ? this.#times[slot] : undefined
  }

  set(slot: number, time: number): void {
    this.delete(slot)
    if (slot >= this.#places.length) this.#grow(slot + 1)
    this.#times[slot] = time
    this.#heap.push(slot)
    this.#rise(this.#heap.length - 1)
  }

  delete(slot: number): void {
    if (!this.has(slot)) return
    const place = this.#places[slot] as number
    this.#places[slot] = NONE
    const last = this.#heap.pop()
    if (last === undefined || last === slot) return
    this.#heap[place] = last
    this.#places[last] = place
    this.#sink(place)
    this.#rise(place)
  }

  /** Takes out the slots whose deadline is at or before `now`; ascending by slot. */
  takeDue(now: number): number[] {
    const due: number[] = []
    for (let next = this.next(); next !== null && next <= now; next = this.next()) {
      const slot = this.#heap[0] as number
      due.push(slot)
      this.delete(slot)
    }
    return due.sort((a, b) => a - b)
  }

  /** Members, ascending. */
  slots(): number[] {
    return [...this.#heap].sort((a, b) => a - b)
  }

  #grow(least: number): void {
    const length = Math.max(least, 2 * this.#places.length)
    const times = new Float64Array(length)
    const places = new Int32Array(length).fill(NONE)
    times.set(this.#times)
    places.set(this.#places)
    this.#times = times
    this.#places = places
  }

  #time(place: number): number {
    return this.#times[this.#heap[place] as number] as number
  }

  #rise(from: number): void {
    let place = from
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (this.#time(parent) <= this.#time(place)) break
      this.#swap(parent, place)
      place = parent
    }
    this.#settle(place)
  }

  #sink(from: number): void {
    let place = from
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#heap.length) break
      if (child + 1 < this.#heap.length && this.#time(child + 1) < this.#time(child)) child += 1
      if (this.#time(place) <= this.#time(child)) break
      this.#swap(place, child)
      place = child
    }
    this.#settle(place)
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a] as number
    this.#heap[a] = this.#heap[b] as number
    this.#heap[b] = first
    this.#settle(a)
    this.#settle(b)
  }

  #settle(place: number): void {
    this.#places[this.#heap[place] as number] = place
  }
}
