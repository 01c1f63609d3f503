import { approximate, APPROXIMATION_ERROR, floorWithin, type Decimal } from './decimal.ts'
import type { InstrumentSpec } from './instrument.ts'
import { requireWhole } from './invalid-risk-input.ts'

/** What bounds one slice; all quantities in lots, without sign. */
export interface SliceInput {
  /** What would restore margin, or the whole position */
  readonly wantedLots: number
  /** What may still be closed: the position less what works already */
  readonly positionLots: number
  /** Visible on the side of the book that the order hits */
  readonly bookLots: number
  /** Largest part of the visible book one slice may take */
  readonly bookFraction: Decimal
  readonly spec: Pick<InstrumentSpec, 'orderLotsMin' | 'orderLotsMax'>
}

/**
 * Size of one slice.
 *
 *   slice = min(wanted, position, ⌊fraction·book⌋, orderMax), at least orderMin, never above the position
 *
 * Rounded down to what the book allows. The smallest order goes out even into an empty book, so that a liquidation in a
 * market without takers is seen to fail and the waterfall goes on. A remainder below the smallest order (dust) could not be
 * traded by its owner: it is closed too, if the largest order has room, else with the next slice. Zero if nothing is wanted.
 *
 * @throws InvalidRiskInputError if a quantity is not a whole number ≥ 0
 * @see docs/reference/sizing.md, "Slices"
 */
export function sliceLots(input: SliceInput): number {
  const { wantedLots, positionLots, bookLots, bookFraction, spec } = input
  requireWhole('sliceLots', { wantedLots, positionLots, bookLots }, 0)
  if (wantedLots === 0 || positionLots === 0) return 0

  const visible = visibleLots(bookFraction, bookLots)
  const bounded = Math.min(wantedLots, visible, spec.orderLotsMax)
  const slice = Math.min(positionLots, Math.max(bounded, spec.orderLotsMin))
  const leavesDust = positionLots - slice < spec.orderLotsMin
  return leavesDust && positionLots <= spec.orderLotsMax ? positionLots : slice
}

/** ⌊fraction·book⌋; in decimals where the error of doubles leaves a doubt. */
function visibleLots(bookFraction: Decimal, bookLots: number): number {
  const product = approximate(bookFraction) * bookLots
  const floor = floorWithin(product, 2 * APPROXIMATION_ERROR * Math.abs(product))
  return floor ?? bookFraction.times(bookLots).floor().toNumber()
}
