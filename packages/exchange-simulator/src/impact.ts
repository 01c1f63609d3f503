import type { Side } from '@sluice/contracts/generated/events'
import { halved } from './makers.ts'
import { MARKET } from './parameters.ts'

const FORGOTTEN = 1e-7
const ARBITRAGE_LEFT = halved(MARKET.stepMs, MARKET.arbitrageHalfLifeMs)
const INDEX_LEFT = halved(MARKET.stepMs, MARKET.indexDecayHalfLifeMs)

/**
 * How far forced orders have pushed one instrument from its given path, as logarithms.
 *
 *   venue  v ← v ± share · d · q / D          a forced order took q lots; makers want D within distance d
 *          v ← x + (v − x) · 2^(−1s / H_a)    arbitrage pulls the venue to the other venues
 *   index  x ← x + follow · (v − x)           other venues follow by a part each second
 *          x ← x · 2^(−1s / H_x)              and what they followed decays
 *
 * Makers quote around path · e^v, the index sources around path · e^x. Nothing else links a liquidation to the next: if it
 * pushes the index far enough, somebody else is liquidated.
 */
export class Displacement {
  venue = 0
  index = 0
  /** Largest absolute displacement so far */
  venueMax = 0
  indexMax = 0

  /** A forced order has taken `lots`; makers want to show `depthLots` within `depthDistanceRate`, eaten or not. */
  push(side: Side, lots: number, depthLots: number): void {
    if (lots === 0) return
    const part = Math.min(
      lots / Math.max(1, depthLots),
      MARKET.bookReachRate / MARKET.depthDistanceRate,
    )
    const distance = MARKET.impactShare * MARKET.depthDistanceRate * part
    const moved = this.venue + (side === 'buy' ? distance : -distance)
    this.venue = Math.max(-MARKET.displacementMax, Math.min(MARKET.displacementMax, moved))
    this.venueMax = Math.max(this.venueMax, Math.abs(this.venue))
  }

  /** One step passes. */
  relax(): void {
    if (this.venue === 0 && this.index === 0) return
    const gap = this.venue - this.index
    this.index = (this.index + MARKET.indexFollowPerSecond * gap) * INDEX_LEFT
    this.venue = this.index + (this.venue - this.index) * ARBITRAGE_LEFT
    this.indexMax = Math.max(this.indexMax, Math.abs(this.index))
    if (Math.abs(this.venue) < FORGOTTEN && Math.abs(this.index) < FORGOTTEN) {
      this.venue = 0
      this.index = 0
    }
  }
}
