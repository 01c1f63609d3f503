import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

const UINT32 = 4_294_967_296
const FNV_OFFSET = 2_166_136_261
const FNV_PRIME = 16_777_619
/** Neighbouring seeds begin alike in this generator; after so many draws they no longer do. */
const WARM_UP = 16

/**
 * Seeded numbers for one purpose. Two purposes never share a stream, so that drawing more for one changes nothing in
 * another. Only +, −, × and √ are used: the numbers are the same on every machine.
 */
export class Random {
  readonly #generator: { next(): number }

  constructor(seed: number, purpose: string) {
    this.#generator = xoroshiro128plus(seedOf(seed, purpose))
    for (let drawn = 0; drawn < WARM_UP; drawn += 1) this.#generator.next()
  }

  /** Uniform in [0, 1), 32 bits. */
  uniform(): number {
    return (this.#generator.next() >>> 0) / UINT32
  }

  /** Uniform integer in [0, n). */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform()
  }

  /**
   * Nearly standard normal: the sum of four uniforms, scaled to mean 0 and variance 1 (Irwin–Hall). It ends at ±3.46, which
   * a one-second price step can do without, and needs no logarithm.
   */
  normal(): number {
    const sum = this.uniform() + this.uniform() + this.uniform() + this.uniform()
    return (sum - 2) * Math.sqrt(3)
  }

  /** An entry of a table drawn by its weight. The weights need not sum to one. */
  pick<const Table extends WeightedTable>(table: Table): Table[number] {
    let total = 0
    for (const entry of table) total += entry.weight
    let left = this.uniform() * total
    for (const entry of table) {
      left -= entry.weight
      if (left < 0) return entry
    }
    return table[0]
  }
}

type Weighted = { readonly weight: number }
type WeightedTable = readonly [Weighted, ...Weighted[]]

/** FNV-1a over the seed's decimal digits and the purpose. */
function seedOf(seed: number, purpose: string): number {
  let hash = FNV_OFFSET
  for (const character of `${seed}/${purpose}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), FNV_PRIME)
  }
  return hash | 0
}
