import type { AccountUpdated, BookDepthUpdated } from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import type { LoopWorld } from './loop-world.ts'

const INSTRUMENT = 'BTC-PERP'
const SOURCES = ['atlas', 'borealis', 'cirrus'] as const
/** The mark at the low quote is this much below the high one. */
const FALL = 0.01
const VICTIM_LOTS = 100

/** One instrument moved by hand, and accounts that are safe at its high price and liquidatable at its low one. */
export interface LoopMarket {
  readonly instrument: string
  readonly highTicks: number
  readonly lowTicks: number
  readonly tickValue: Decimal
  quotes(priceTicks: number, time: number): VenueRecord[]
  /** Every other instrument is quoted again at its opening price. */
  others(time: number): VenueRecord[]
  victim(number: number): AccountUpdated
}

export function marketOf({ opening }: Pick<LoopWorld, 'opening'>): LoopMarket {
  const listed = opening
    .map(({ event }) => event)
    .find(event => event.type === 'InstrumentListed' && event.instrument === INSTRUMENT)
  const depth = opening
    .map(({ event }) => event)
    .find(event => event.type === 'BookDepthUpdated' && event.instrument === INSTRUMENT)
  if (listed?.type !== 'InstrumentListed' || depth?.type !== 'BookDepthUpdated')
    throw new RangeError(`the venue does not list ${INSTRUMENT}`)
  const highTicks = depth.bids[0]?.priceTicks ?? 0
  const lowTicks = Math.round(highTicks * (1 - FALL))
  const tickValue = listed.lotSize.times(listed.tickSize)
  const entryNotional = tickValue.times(VICTIM_LOTS).times(highTicks)
  // The loss at the low price and half of the maintenance margin there: below the requirement, above bankruptcy.
  const walletBalance = entryNotional.times(new Decimal(FALL).plus('0.002'))
  const positions = [{ instrument: INSTRUMENT, quantityLots: VICTIM_LOTS, entryNotional }]
  return {
    instrument: INSTRUMENT,
    highTicks,
    lowTicks,
    tickValue,
    quotes: (priceTicks, time) => quotes(priceTicks, time, depth),
    others: time => opening.flatMap(record => requoted(record, time)),
    victim: number => ({
      type: 'AccountUpdated',
      account: `victim-${number}`,
      isolatedInstrument: null,
      currency: listed.settlementCurrency,
      ledgerSequence: 1,
      walletBalance,
      positions,
      openOrders: [],
    }),
  }
}

function requoted({ event }: VenueRecord, time: number): VenueRecord[] {
  if (event.type !== 'IndexComponentPriced' || event.instrument === INSTRUMENT) return []
  const { instrument } = event
  return [{ topic: 'market-data', key: instrument, event: { ...event, sourceTime: time } }]
}

function quotes(priceTicks: number, time: number, depth: BookDepthUpdated): VenueRecord[] {
  const shift = priceTicks - (depth.bids[0]?.priceTicks ?? 0)
  const moved = (levels: BookDepthUpdated['bids']) =>
    levels.map(level => ({ ...level, priceTicks: level.priceTicks + shift }))
  const events = [
    {
      type: 'BookDepthUpdated',
      instrument: INSTRUMENT,
      bids: moved(depth.bids),
      asks: moved(depth.asks),
    },
    {
      type: 'TradePrinted',
      instrument: INSTRUMENT,
      priceTicks,
      quantityLots: 1,
      aggressor: 'sell',
    },
    ...SOURCES.map(
      source =>
        ({
          type: 'IndexComponentPriced',
          instrument: INSTRUMENT,
          source,
          priceTicks,
          sourceTime: time,
        }) as const,
    ),
  ] as const
  return events.map(event => ({ topic: 'market-data', key: INSTRUMENT, event }))
}
