import type { PriceEvent } from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import { changedMaterially, liquidityOf } from './liquidity.ts'
import type { PriceSettings } from './settings.ts'
import type { Instrument } from './state.ts'

/** Sums the book that waits and publishes it if it says something new; either way it waits no longer. */
export function publishLiquidity(
  instrument: Instrument,
  settings: PriceSettings,
  turn: Turn<PriceEvent>,
): void {
  const { stagedId, rules } = instrument
  if (stagedId === null || rules === null) return
  const book = liquidityOf(instrument.book, rules.liquidityDistanceRates)
  instrument.stagedId = null
  if (!changedMaterially(instrument.liquidity, book, settings.liquidityChangeRate)) return
  const { bidTicks, askTicks, bands } = book
  turn.emit(
    {
      type: 'BookLiquidityUpdated',
      instrument: instrument.instrument,
      bidTicks,
      askTicks,
      bands,
    },
    [stagedId],
  )
  const lots = bands.map(({ bidLots, askLots }) => ({ bidLots, askLots }))
  instrument.liquidity = { bidTicks, askTicks, bands: lots, at: turn.now }
}
