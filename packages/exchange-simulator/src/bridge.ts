import type { Bar } from './bars.ts'
import type { Random } from './random.ts'

/** Fewest ticks that can touch open, both extremes and close. */
export const BRIDGE_TICKS_MIN = 4

/** Scale of the noise between the points touched, as a part of the bar's log range. */
const NOISE_SHARE = 0.25
/** How much of the noise one tick keeps of the tick before, and how much is new. */
const NOISE_KEPT = 0.9
const NOISE_NEW = 0.8

/** A point that the bridge touches. */
interface Anchor {
  readonly at: number
  readonly price: number
}

/**
 * One bar as `ticks` prices, seeded.
 *
 * The order of touch is: **open**, then the extreme **nearer to the open** (the high where both are equally near), then the other
 * extreme, then **close**. Between them the logarithm runs straight, with noise that is zero at the points touched and is cut at
 * the bar's range, which is [low, high] widened to the open where a source puts the open outside (BitMEX). The first tick is the open
 * and the last the close, exactly; both extremes are met exactly.
 */
export function bridge(bar: Bar, ticks: number, random: Random): Float64Array {
  if (ticks < BRIDGE_TICKS_MIN) {
    throw new RangeError(
      `bridge: ${ticks} ticks cannot touch open, high, low and close; use 4 or more`,
    )
  }
  const prices = new Float64Array(ticks)
  const anchors = anchorsOf(bar, ticks, random)
  const range = { low: Math.min(bar.low, bar.open), high: Math.max(bar.high, bar.open) }
  const noise = NOISE_SHARE * Math.log(range.high / range.low)
  for (let index = 1; index < anchors.length; index += 1) {
    const from = anchors[index - 1]
    const to = anchors[index]
    if (from !== undefined && to !== undefined) fill(prices, { from, to, noise, range, random })
  }
  return prices
}

/** Open at the first tick, close at the last, the extremes drawn in the first and the second half between. */
function anchorsOf(bar: Bar, ticks: number, random: Random): Anchor[] {
  const highFirst = Math.abs(bar.high - bar.open) <= Math.abs(bar.open - bar.low)
  const half = Math.floor(ticks / 2)
  const first = 1 + random.below(half - 1)
  const second = half + random.below(ticks - 1 - half)
  return [
    { at: 0, price: bar.open },
    { at: first, price: highFirst ? bar.high : bar.low },
    { at: second, price: highFirst ? bar.low : bar.high },
    { at: ticks - 1, price: bar.close },
  ]
}

/** A stretch between two touched points. */
interface Stretch {
  readonly from: Anchor
  readonly to: Anchor
  readonly noise: number
  readonly range: { readonly low: number; readonly high: number }
  readonly random: Random
}

function fill(prices: Float64Array, { from, to, noise, range, random }: Stretch): void {
  const length = to.at - from.at
  const slope = Math.log(to.price / from.price) / length
  prices[from.at] = from.price
  prices[to.at] = to.price
  let sway = 0
  for (let at = from.at + 1; at < to.at; at += 1) {
    const done = (at - from.at) / length
    sway =
      NOISE_KEPT * sway +
      (1 - NOISE_KEPT) * NOISE_NEW * 8 * (random.uniform() - 0.5) * done * (1 - done)
    const price = from.price * Math.exp(slope * (at - from.at) + noise * sway)
    prices[at] = Math.min(range.high, Math.max(range.low, price))
  }
}
