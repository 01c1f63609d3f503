/**
 * Deadlines of slots, nearest first: an indexed binary heap, so that a deadline can be moved or taken back.
 * What it answers depends on its members only, never on the order in which they came.
 */
export class Deadlines {
  readonly #heap: number[] = []
  readonly #times = new Map<number, number>()
  readonly #places = new Map<number, number>()

  /** The nearest deadline, or null. */
  next(): number | null {
    const first = this.#heap[0]
    return first === undefined ? null : (this.#times.get(first) ?? null)
  }

  get size(): number {
    return this.#heap.length
  }

  has(slot: number): boolean {
    return this.#times.has(slot)
  }

  /** Deadline of a slot. */
  at(slot: number): number | undefined {
    return this.#times.get(slot)
  }

  set(slot: number, time: number): void {
    this.delete(slot)
    this.#times.set(slot, time)
    this.#heap.push(slot)
    this.#rise(this.#heap.length - 1)
  }

  delete(slot: number): void {
    const place = this.#places.get(slot)
    if (place === undefined) return
    this.#times.delete(slot)
    this.#places.delete(slot)
    const last = this.#heap.pop()
    if (last === undefined || last === slot) return
    this.#heap[place] = last
    this.#places.set(last, place)
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

  #time(place: number): number {
    return this.#times.get(this.#heap[place] as number) as number
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
    this.#places.set(this.#heap[place] as number, place)
  }
}
