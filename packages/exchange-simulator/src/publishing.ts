import { Decimal } from '@sluice/domain/decimal'
import type {
  AccountUpdated,
  IndexComponentPriced,
  LiquidationMode,
  ReferenceDataEvent,
} from '@sluice/contracts/generated/events'
import type { Ledger, Participant } from './ledger.ts'
import type { Market } from './market.ts'
import { amountOf } from './money.ts'
import { MARKET, simulatedPolicy } from './parameters.ts'
import type { VenueRecord } from './types.ts'
import type { Venue } from './venue.ts'

const AUTHOR = 'exchange-simulator'
const LISTING = { version: 1, author: AUTHOR, reason: 'listed at the start of the simulation' }

/** The reference data of a venue: pools, then each instrument with its brackets and price sources, then the policy. */
export function referenceRecords(venue: Venue, mode: LiquidationMode): VenueRecord[] {
  const records = [...venue.ledger.pools].map(([pool, { units }]) =>
    reference(pool, {
      type: 'InsurancePoolSet',
      pool,
      ...LISTING,
      currency: venue.currency,
      balance: amountOf(units),
    }),
  )
  for (const market of venue.markets) records.push(...listingOf(market, venue.currency))
  const policy = simulatedPolicy(mode)
  records.push(reference(policy.policy, policy))
  return records
}

function listingOf({ spec }: Market, currency: string): VenueRecord[] {
  const { instrument, lotSize, tickSize, orderLotsMin, orderLotsMax, pool, tiers } = spec
  return [
    reference(instrument, {
      type: 'InstrumentListed',
      instrument,
      ...LISTING,
      settlementCurrency: currency,
      lotSize,
      tickSize,
      orderLotsMin,
      orderLotsMax,
      insurancePool: pool,
    }),
    reference(instrument, { type: 'RiskTiersSet', instrument, ...LISTING, tiers }),
    reference(instrument, {
      type: 'PriceSourcesSet',
      instrument,
      ...LISTING,
      sources: MARKET.sources.map(source => ({ source, weight: 1 })),
      quorum: 2,
      sourceMaxAgeMs: 10_000,
      outlierRate: new Decimal('0.03'),
      lastPriceMaxAgeMs: 30_000,
      basisWindowMs: 60_000,
      basisSampleMs: 5_000,
      fundingIntervalMs: MARKET.fundingIntervalMs,
      markIntervalMs: 1_000,
      liquidityDistanceRates: ['0.001', '0.0025', '0.005', '0.01', '0.02'].map(r => new Decimal(r)),
      liquidityIntervalMs: 1_000,
    }),
  ]
}

function reference(key: string, event: ReferenceDataEvent): VenueRecord {
  return { topic: 'reference-data', key, event }
}

/** What one index source says: the index price, a little off. `noise` in −1 to 1. */
export function componentRecord(
  market: Market,
  {
    source,
    noise,
    time,
  }: { readonly source: string; readonly noise: number; readonly time: number },
): VenueRecord {
  const { instrument } = market.spec
  const priceTicks = Math.max(
    1,
    Math.round(market.indexTicks * (1 + noise * MARKET.sourceNoiseRate)),
  )
  const event: IndexComponentPriced = {
    type: 'IndexComponentPriced',
    instrument,
    source,
    priceTicks,
    sourceTime: time,
  }
  return { topic: 'market-data', key: instrument, event }
}

export function depthRecord(market: Market): VenueRecord {
  const { instrument } = market.spec
  const event = { type: 'BookDepthUpdated' as const, instrument, ...market.depth() }
  return { topic: 'market-data', key: instrument, event }
}

export function fundingRecord(market: Market, nextFundingAt: number): VenueRecord {
  const { instrument } = market.spec
  const rate = new Decimal(MARKET.fundingRate)
  const event = { type: 'FundingRateUpdated' as const, instrument, rate, nextFundingAt }
  return { topic: 'market-data', key: instrument, event }
}

export function printRecords(market: Market): VenueRecord[] {
  const key = market.spec.instrument
  return market.takePrints().map(event => ({ topic: 'market-data', key, event }))
}

type AccountRecord = VenueRecord & { readonly topic: 'accounts'; readonly event: AccountUpdated }

/** The snapshot of a scope as it stands in the ledger. */
export function accountRecord(ledger: Ledger, currency: string, scope: Participant): AccountRecord {
  const event: AccountUpdated = {
    type: 'AccountUpdated',
    account: scope.account,
    isolatedInstrument: scope.isolatedInstrument,
    currency,
    ledgerSequence: scope.sequence,
    walletBalance: amountOf(scope.wallet.units),
    positions: scope.holdings.map(({ instrument, lots, entryUnits }) => ({
      instrument: ledger.instruments[instrument]?.instrument ?? '',
      quantityLots: lots,
      entryNotional: amountOf(entryUnits),
    })),
    openOrders: scope.openOrders,
  }
  return { topic: 'accounts', key: scope.account, event }
}
