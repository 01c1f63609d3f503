import type { PriceEvent } from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import { changedMaterially, liquidityOf } from './liquidity.ts'
import type { PriceSettings } from './settings.ts'
import type { Instrument } from './state.ts'

/** Sums the staged book and publishes it if it says something new; either way it waits no longer. */
export function publishLiquidity(
  instrument: Instrument,
  settings: PriceSettings,
  turn: Turn<PriceEvent>,
): void {
  const { staged, rules } = instrument
  if (staged === null || rules === null) return
  const book = liquidityOf(staged, rules.liquidityDistanceRates)
  instrument.staged = null
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
    [staged.eventId],
  )
  const lots = bands.map(({ bidLots, askLots }) => ({ bidLots, askLots }))
  instrument.liquidity = { bidTicks, askTicks, bands: lots, at: turn.now }
}
