import type { InstrumentTable } from './instruments.ts'
import { approximateMoney } from './money.ts'
import type { ScopeStore } from './scope-store.ts'
import { tierAt } from './screen.ts'

/** One scope valued in doubles, for analytics and preselection: it decides nothing. */
export interface ApproximateMargin {
  readonly equity: number
  readonly maintenance: number
}

/** Profit and requirement of one leg at a price, in doubles. */
export function approximateLeg(
  store: ScopeStore,
  instruments: InstrumentTable,
  { leg, ticks }: { leg: number; ticks?: number },
): { profit: number; maintenance: number; notional: number; entry: number } {
  const instrument = instruments.at(store.legInstrument[leg] as number)
  const worth =
    (store.legLots[leg] as number) * instrument.tickValue * (ticks ?? instrument.markTicks)
  const entry = approximateMoney(
    store.legEntryWhole[leg] as number,
    store.legEntryFraction[leg] as number,
  )
  const notional = Math.abs(worth)
  const tier = tierAt(instrument, notional)
  const maintenance =
    notional * (instrument.tierRates[tier] as number) - (instrument.tierDeductions[tier] as number)
  return { profit: worth - entry, maintenance, notional, entry }
}

/** Equity and maintenance margin of a scope in doubles; every leg must be priced. */
export function approximateMargin(
  store: ScopeStore,
  instruments: InstrumentTable,
  slot: number,
): ApproximateMargin {
  let equity = approximateMoney(
    store.walletWhole[slot] as number,
    store.walletFraction[slot] as number,
  )
  let maintenance = 0
  const start = store.legStart[slot] as number
  const end = start + (store.legCount[slot] as number)
  for (let leg = start; leg < end; leg += 1) {
    const valued = approximateLeg(store, instruments, { leg })
    equity += valued.profit
    maintenance += valued.maintenance
  }
  return { equity, maintenance }
}
