/** One bit per slot, clear at first. */
export class Bits {
  #words = new Uint32Array(64)

  set(slot: number, on: boolean): void {
    const word = slot >>> 5
    if (word >= this.#words.length) {
      const longer = new Uint32Array(Math.max(word + 1, 2 * this.#words.length))
      longer.set(this.#words)
      this.#words = longer
    }
    const bits = this.#words[word] as number
    const bit = 1 << (slot & 31)
    this.#words[word] = on ? bits | bit : bits & ~bit
  }

  /** The first slot from `slot` on whose bit is clear: 32 at a time are passed over. */
  nextClear(slot: number): number {
    let word = slot >>> 5
    let clear = ~(this.#words[word] ?? 0) & (-1 << (slot & 31))
    while (clear === 0) {
      word += 1
      clear = ~(this.#words[word] ?? 0)
    }
    return 32 * word + 31 - Math.clz32(clear & -clear)
  }
}
