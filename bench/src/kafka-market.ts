import type { PriceEvent } from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import type { Draft } from '@sluice/stream-runtime/processor'

const BAND_RATES = ['0.0025', '0.005', '0.01', '0.02']
const DEEP_LOTS = 1_000_000_000

/** A mark of good quality where everything that makes it agrees. */
export const markAt = (instrument: string, markTicks: number): Draft<PriceEvent> => ({
  type: 'MarkPriceUpdated',
  instrument,
  markTicks,
  indexTicks: markTicks,
  fundingPriceTicks: markTicks,
  basisPriceTicks: markTicks,
  lastPriceTicks: markTicks,
  quality: 'good',
})

/** A book that swallows whatever the benchmark sells into it. */
export const deepBookAt = (instrument: string, priceTicks: number): Draft<PriceEvent> => ({
  type: 'BookLiquidityUpdated',
  instrument,
  bidTicks: priceTicks,
  askTicks: priceTicks + 1,
  bands: BAND_RATES.map(rate => ({
    distanceRate: new Decimal(rate),
    bidLots: DEEP_LOTS,
    askLots: DEEP_LOTS,
  })),
})

/** Each instrument of a venue's opening where its first source has it. */
export function openingPrices(opening: readonly VenueRecord[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const { event } of opening) {
    if (event.type === 'IndexComponentPriced' && !found.has(event.instrument))
      found.set(event.instrument, event.priceTicks)
  }
  return found
}
