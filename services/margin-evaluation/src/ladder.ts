/**
 * Buckets of entries ordered by price, for one instrument and one direction.
 *
 * `direction` +1: entries wait below the price and are met when it falls to their key; −1: they wait above it. Internally a key
 * is its rank, direction × price, so that both directions read alike: an entry is met when rank(mark) ≤ its rank.
 *
 * A bucket is the top bits of the key as a double, which is a logarithm drawn with straight lines: 8,192 buckets an octave (0.6 to
 * 1.2 basis points), monotone in the key without exception. Entries of a bucket are a doubly linked list through `links`.
 */
import type { Links } from './links.ts'

const BUCKETS = 16_384
const WORDS = BUCKETS / 32
const MANTISSA_SHIFT = 7
const NONE = -1

const doubles = new Float64Array(1)
const words = new Uint32Array(doubles.buffer)
/** Which half of a double holds the exponent on this machine. */
const HIGH = highWord()

function highWord(): 0 | 1 {
  doubles[0] = 1
  return words[1] === 0 ? 0 : 1
}

function scaleOf(price: number): number {
  doubles[0] = price
  return (words[HIGH] as number) >>> MANTISSA_SHIFT
}

export class Ladder {
  readonly #direction: 1 | -1
  readonly #links: Links
  readonly #heads = new Int32Array(BUCKETS).fill(NONE)
  readonly #filled = new Uint32Array(WORDS)
  readonly #filledWords = new Uint32Array(WORDS / 32)
  #base = NONE
  /** Price at which the next entry is met, as a rank; never further than the truth, so no entry is passed unseen. */
  #nearest = -Infinity

  constructor(direction: 1 | -1, links: Links) {
    this.#direction = direction
    this.#links = links
  }

  /** Whether no entry is met at this price: the whole cost of a calm tick. */
  isClearOf(markTicks: number): boolean {
    return this.#direction * markTicks > this.#nearest
  }

  /** Adds an entry that is met when the price reaches `keyTicks`. */
  insert(leg: number, keyTicks: number): void {
    if (this.#base === NONE) this.#centre(keyTicks)
    const bucket = this.#bucketOf(keyTicks)
    const links = this.#links
    const head = this.#heads[bucket] as number
    links.key[leg] = keyTicks
    links.next[leg] = head
    links.previous[leg] = -2 - bucket
    if (head >= 0) links.previous[head] = leg
    else this.#fill(bucket)
    this.#heads[bucket] = leg
    const rank = this.#direction * keyTicks
    if (rank > this.#nearest) this.#nearest = rank
  }

  /** Takes an entry out. `#nearest` stays: at worst one look finds nothing there. */
  remove(leg: number): void {
    const links = this.#links
    const next = links.next[leg] as number
    const previous = links.previous[leg] as number
    if (next >= 0) links.previous[next] = previous
    if (previous >= 0) links.next[previous] = next
    else this.#replaceHead(-2 - previous, next)
    links.previous[leg] = NONE
    links.next[leg] = NONE
  }

  /**
   * Calls `meet` for each entry that the price has reached, and moves `#nearest` to the first that it has not. The entries stay: whoever
   * is met is certified anew or taken out, and either removes them.
   */
  collect(markTicks: number, meet: (leg: number) => void): void {
    const mark = this.#direction * markTicks
    let nearest = -Infinity
    for (let bucket = this.#last(BUCKETS - 1); bucket >= 0; bucket = this.#last(bucket - 1)) {
      nearest = this.#collectBucket(bucket, mark, meet)
      if (nearest > -Infinity) break
    }
    this.#nearest = nearest
    this.#follow(markTicks)
  }

  /** Meets what the price has reached in one bucket; answers the nearest rank that it has not, or -Infinity. */
  #collectBucket(bucket: number, mark: number, meet: (leg: number) => void): number {
    const { key, next } = this.#links
    let nearest = -Infinity
    for (let leg = this.#heads[bucket] as number; leg >= 0; leg = next[leg] as number) {
      const rank = this.#direction * (key[leg] as number)
      if (rank >= mark) meet(leg)
      else if (rank > nearest) nearest = rank
    }
    return nearest
  }

  /** Draws the buckets anew around a price that has left their middle: keys beyond the ends share the end buckets. */
  #follow(markTicks: number): void {
    const place = scaleOf(markTicks) - this.#base
    if (this.#base === NONE || (place > BUCKETS / 8 && place < (BUCKETS * 7) / 8)) return
    const entries: number[] = []
    for (let bucket = this.#last(BUCKETS - 1); bucket >= 0; bucket = this.#last(bucket - 1)) {
      const { next } = this.#links
      for (let leg = this.#heads[bucket] as number; leg >= 0; leg = next[leg] as number)
        entries.push(leg)
    }
    this.#heads.fill(NONE)
    this.#filled.fill(0)
    this.#filledWords.fill(0)
    this.#centre(markTicks)
    for (const leg of entries) this.insert(leg, this.#links.key[leg] as number)
  }

  #centre(ticks: number): void {
    this.#base = scaleOf(ticks) - BUCKETS / 2
  }

  #bucketOf(ticks: number): number {
    const place = Math.min(BUCKETS - 1, Math.max(0, scaleOf(ticks) - this.#base))
    return this.#direction === 1 ? place : BUCKETS - 1 - place
  }

  #replaceHead(bucket: number, head: number): void {
    this.#heads[bucket] = head
    if (head >= 0) return
    const word = bucket >>> 5
    const rest = (this.#filled[word] as number) & ~(1 << (bucket & 31))
    this.#filled[word] = rest
    if (rest === 0) {
      this.#filledWords[word >>> 5] =
        (this.#filledWords[word >>> 5] as number) & ~(1 << (word & 31))
    }
  }

  #fill(bucket: number): void {
    const word = bucket >>> 5
    this.#filled[word] = (this.#filled[word] as number) | (1 << (bucket & 31))
    this.#filledWords[word >>> 5] = (this.#filledWords[word >>> 5] as number) | (1 << (word & 31))
  }

  /** The last filled bucket at or before this one, or −1. */
  #last(bucket: number): number {
    if (bucket < 0) return NONE
    const word = bucket >>> 5
    const within = lowBits(this.#filled[word] as number, bucket & 31)
    if (within !== 0) return word * 32 + 31 - Math.clz32(within)
    const before = this.#lastWord(word - 1)
    return before < 0 ? NONE : before * 32 + 31 - Math.clz32(this.#filled[before] as number)
  }

  #lastWord(word: number): number {
    if (word < 0) return NONE
    let group = word >>> 5
    let within = lowBits(this.#filledWords[group] as number, word & 31)
    while (within === 0 && group > 0) {
      group -= 1
      within = this.#filledWords[group] as number
    }
    return within === 0 ? NONE : group * 32 + 31 - Math.clz32(within)
  }
}

/** Bits 0 to `top` of a word. */
function lowBits(word: number, top: number): number {
  return top === 31 ? word : word & ((1 << (top + 1)) - 1)
}
