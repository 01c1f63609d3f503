import type { AccountUpdated, MarketDataEvent } from '@sluice/contracts/generated/events'
import { Random } from '@sluice/exchange-simulator/random'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { ONE } from '@sluice/domain/decimal'
import type { LoopWorld } from './loop-world.ts'

/** Shares of the inputs appended. Marks come on top: the price service makes them, and the others take them as inputs. */
export const MIX = { bookAndTrades: 0.74, components: 0.1, accounts: 0.16 } as const

interface Quote {
  readonly instrument: string
  readonly fairTicks: number
}

/** `count` records in the mix of a busy exchange, at prices around those the world opened with; the same for the same seed. */
export function mixedInputs({ accounts, opening }: LoopWorld, count: number): VenueRecord[] {
  const random = new Random(1, 'loop inputs')
  const quotes = quotesOf(opening)
  const sequences = new Map<number, number>()
  return Array.from({ length: count }, (_, at): VenueRecord => {
    const kind = random.uniform()
    const quote = quotes[random.below(quotes.length)]
    if (kind < MIX.accounts || quote === undefined)
      return accountRecord(accounts, sequences, random)
    if (kind < MIX.accounts + MIX.components) return marketRecord(componentOf(quote, random, at))
    return marketRecord(bookOrTradeOf(quote, random))
  })
}

function quotesOf(opening: readonly VenueRecord[]): Quote[] {
  const found = new Map<string, Quote>()
  for (const { event } of opening) {
    if (event.type === 'IndexComponentPriced')
      found.set(event.instrument, { instrument: event.instrument, fairTicks: event.priceTicks })
  }
  return [...found.values()]
}

const marketRecord = (event: MarketDataEvent): VenueRecord => ({
  topic: 'market-data',
  key: event.instrument,
  event,
})

const SOURCES = ['atlas', 'borealis', 'cirrus'] as const

function componentOf(
  { instrument, fairTicks }: Quote,
  random: Random,
  at: number,
): MarketDataEvent {
  const priceTicks = Math.round(fairTicks * (1 + 0.0001 * random.normal()))
  return {
    type: 'IndexComponentPriced',
    instrument,
    source: SOURCES[at % SOURCES.length] ?? '',
    priceTicks,
    sourceTime: 0,
  }
}

function bookOrTradeOf({ instrument, fairTicks }: Quote, random: Random): MarketDataEvent {
  const bidTicks = Math.floor(fairTicks * (1 - 0.00005 * (1 + random.uniform())))
  const askTicks = Math.ceil(fairTicks * (1 + 0.00005 * (1 + random.uniform())))
  if (random.uniform() < 0.5) {
    return {
      type: 'TradePrinted',
      instrument,
      priceTicks: bidTicks,
      quantityLots: 1 + random.below(50),
      aggressor: 'sell',
    }
  }
  return {
    type: 'BookTopUpdated',
    instrument,
    bidTicks,
    bidLots: 1 + random.below(500),
    askTicks,
    askLots: 1 + random.below(500),
  }
}

/** An account again, with a deposit of one unit: a new snapshot, nothing to liquidate. */
function accountRecord(
  accounts: readonly AccountUpdated[],
  sequences: Map<number, number>,
  random: Random,
): VenueRecord {
  const at = random.below(accounts.length)
  const account = accounts[at]
  if (account === undefined) throw new RangeError('the world has no accounts')
  const ledgerSequence = (sequences.get(at) ?? account.ledgerSequence) + 1
  sequences.set(at, ledgerSequence)
  const event = { ...account, ledgerSequence, walletBalance: account.walletBalance.plus(ONE) }
  return { topic: 'accounts', key: account.account, event }
}
