import type {
  BookDepthUpdated,
  BookLevel,
  BookTopUpdated,
  FundingRateUpdated,
  IndexComponentPriced,
  InstrumentHalted,
  InstrumentListed,
  InstrumentResumed,
  PriceSourcesSet,
  TradePrinted,
} from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import type { PlacedEvent, Scenario } from '@sluice/testkit/given'
import { placed, scenario } from '@sluice/testkit/given'
import type { PriceEvent } from '@sluice/contracts/generated/events'
import type { PriceInput } from '../src/handlers.ts'
import { priceProcessor } from '../src/processor.ts'
import { DEFAULT_PRICE_SETTINGS } from '../src/settings.ts'
import type { PriceState } from '../src/state.ts'

export const BTC = 'BTC-PERP'
const BY = { author: 'risk', reason: 'listing' }

export function listing(rest: Partial<InstrumentListed> = {}): InstrumentListed {
  return {
    type: 'InstrumentListed',
    instrument: BTC,
    version: 1,
    ...BY,
    settlementCurrency: 'USD',
    lotSize: new Decimal('0.001'),
    tickSize: new Decimal('0.1'),
    orderLotsMin: 1,
    orderLotsMax: 1_000_000,
    insurancePool: 'main',
    ...rest,
  }
}

export function sourcesSet(rest: Partial<PriceSourcesSet> = {}): PriceSourcesSet {
  return {
    type: 'PriceSourcesSet',
    instrument: BTC,
    version: 1,
    ...BY,
    sources: [
      { source: 'alpha', weight: 1 },
      { source: 'beta', weight: 1 },
      { source: 'gamma', weight: 2 },
    ],
    quorum: 2,
    sourceMaxAgeMs: 10_000,
    outlierRate: new Decimal('0.02'),
    lastPriceMaxAgeMs: 5_000,
    basisWindowMs: 60_000,
    basisSampleMs: 1_000,
    fundingIntervalMs: 28_800_000,
    markIntervalMs: 1_000,
    liquidityDistanceRates: [new Decimal('0.001'), new Decimal('0.01')],
    liquidityIntervalMs: 1_000,
    ...rest,
  }
}

export function component(
  source: string,
  priceTicks: number,
  sourceTime: number,
): PlacedEvent<IndexComponentPriced> {
  const event: IndexComponentPriced = {
    type: 'IndexComponentPriced',
    instrument: BTC,
    source,
    priceTicks,
    sourceTime,
  }
  return placed(event, { time: sourceTime })
}

/** All three sources at one time. */
export function round(
  time: number,
  [alpha, beta, gamma]: readonly [number, number, number],
): PlacedEvent<IndexComponentPriced>[] {
  return [
    component('alpha', alpha, time),
    component('beta', beta, time),
    component('gamma', gamma, time),
  ]
}

export function trade(time: number, priceTicks: number): PlacedEvent<TradePrinted> {
  return placed(
    { type: 'TradePrinted', instrument: BTC, priceTicks, quantityLots: 1, aggressor: 'buy' },
    { time },
  )
}

export function bookTop(
  time: number,
  bidTicks: number,
  askTicks: number,
): PlacedEvent<BookTopUpdated> {
  return placed(
    {
      type: 'BookTopUpdated',
      instrument: BTC,
      bidTicks,
      bidLots: bidTicks === 0 ? 0 : 5,
      askTicks,
      askLots: askTicks === 0 ? 0 : 5,
    },
    { time },
  )
}

export function level(priceTicks: number, quantityLots: number): BookLevel {
  return { priceTicks, quantityLots }
}

export function depth(
  time: number,
  bids: readonly BookLevel[],
  asks: readonly BookLevel[],
): PlacedEvent<BookDepthUpdated> {
  return placed({ type: 'BookDepthUpdated', instrument: BTC, bids, asks }, { time })
}

export function funding(
  time: number,
  rate: string,
  nextFundingAt: number,
): PlacedEvent<FundingRateUpdated> {
  return placed(
    { type: 'FundingRateUpdated', instrument: BTC, rate: new Decimal(rate), nextFundingAt },
    { time },
  )
}

export function halt(time: number): PlacedEvent<InstrumentHalted> {
  return placed({ type: 'InstrumentHalted', instrument: BTC, version: 2, ...BY }, { time })
}

export function resume(time: number): PlacedEvent<InstrumentResumed> {
  return placed({ type: 'InstrumentResumed', instrument: BTC, version: 3, ...BY }, { time })
}

export type PriceScenario = Scenario<PriceState, PriceInput, PriceEvent>

/** A scenario on a listed instrument with its sources set. */
export function configured(rest: Partial<PriceSourcesSet> = {}): PriceScenario {
  return scenario(priceProcessor(DEFAULT_PRICE_SETTINGS)).given(listing(), sourcesSet(rest))
}

/** The same, priced once at 1 s: index and mark 10,000 ticks. */
export function priced(rest: Partial<PriceSourcesSet> = {}): PriceScenario {
  return configured(rest).given(...round(1_000, [10_000, 10_000, 10_000]))
}

/** A component whose own time is not that of its arrival. */
export function placedComponent(
  source: string,
  priceTicks: number,
  { sourceTime, time }: { readonly sourceTime: number; readonly time: number },
): PlacedEvent<IndexComponentPriced> {
  const event = component(source, priceTicks, sourceTime).event
  return placed(event, { time })
}
