import type {
  BookLiquidityUpdated,
  InstrumentListed,
  LiquidationCompleted,
  LiquidationProfileReported,
  LiquidationTriggered,
  MarkPriceUpdated,
  PositionReduced,
  PositionRisk,
  ProfileBin,
} from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import type { PlacedEvent } from '@sluice/testkit/given'
import { metaOf, placed, scenario } from '@sluice/testkit/given'
import { cascadeAnalyticsProcessor } from '../src/processor.ts'
import type { AnalyticsSettings } from '../src/settings.ts'
import { DEFAULT_ANALYTICS_SETTINGS } from '../src/settings.ts'

export const BTC = 'BTC-PERP'
export const ETH = 'ETH-PERP'

/** A lot is a hundredth, a tick is 1 USD: one lot at 10,000 ticks is worth 100 USD. */
export function listing(instrument = BTC, rest: Partial<InstrumentListed> = {}): InstrumentListed {
  return {
    type: 'InstrumentListed',
    instrument,
    version: 1,
    author: 'risk',
    reason: 'listing',
    settlementCurrency: 'USD',
    lotSize: new Decimal('0.01'),
    tickSize: new Decimal(1),
    orderLotsMin: 1,
    orderLotsMax: 1_000_000,
    insurancePool: 'main',
    ...rest,
  }
}

let sequence = 0

/** Numbers are given in the order in which events are made; ids that a test names are made with `numbered`. */
function meta(time: number, number?: number) {
  return metaOf(number ?? (sequence += 1), { time })
}

export function mark(
  time: number,
  markTicks: number,
  instrument = BTC,
): PlacedEvent<MarkPriceUpdated> {
  const event: MarkPriceUpdated = {
    type: 'MarkPriceUpdated',
    meta: meta(time),
    instrument,
    markTicks,
    indexTicks: markTicks,
    fundingPriceTicks: markTicks,
    basisPriceTicks: markTicks,
    lastPriceTicks: null,
    quality: 'good',
  }
  return placed(event, { time })
}

export function leg(quantityLots: number, markTicks: number, instrument = BTC): PositionRisk {
  const zero = new Decimal(0)
  return {
    instrument,
    quantityLots,
    entryNotional: zero,
    markTicks,
    notional: zero,
    unrealisedProfit: zero,
    maintenanceMargin: zero,
    maintenanceRate: zero,
    maintenanceDeduction: zero,
    tiersVersion: 1,
    liquidationPriceTicks: null,
    bankruptcyPriceTicks: null,
  }
}

/** Trigger number `number`, whose id is that of the liquidation. */
export function triggered(
  number: number,
  time: number,
  { scope, legs }: { readonly scope: string; readonly legs: readonly PositionRisk[] },
): PlacedEvent<LiquidationTriggered> {
  const zero = new Decimal(0)
  const event: LiquidationTriggered = {
    type: 'LiquidationTriggered',
    triggerRatio: null,
    meta: meta(time, number),
    statement: {
      scope,
      currency: 'USD',
      ledgerSequence: 1,
      evaluatedAt: time,
      walletBalance: zero,
      equity: zero,
      maintenanceMargin: zero,
      marginRatio: null,
      positions: legs,
      openOrders: [],
      policy: 'standard',
      policyVersion: 1,
      accountEventId: 'accounts-0@0',
      priceEventIds: legs.map(() => 'price-0/1'),
    },
  }
  return placed(event, { time })
}

export function liquidationId(number: number): string {
  return `margin-evaluation-0/${String(number)}`
}

/** A fill of liquidation `of` on scope `scope-<of>`, its own number in the executor's task being `number`. */
export function reduced(
  number: number,
  time: number,
  rest: { readonly of: number } & Partial<PositionReduced>,
): PlacedEvent<PositionReduced> {
  const { of, ...fields } = rest
  const lots = fields.quantityLots ?? 10
  const priceTicks = fields.priceTicks ?? 10_000
  const event: PositionReduced = {
    type: 'PositionReduced',
    meta: meta(time, number),
    liquidationId: liquidationId(of),
    scope: `scope-${String(of)}`,
    requestId: 'liquidation-execution-0/1',
    executionId: `fill-${String(number)}`,
    instrument: BTC,
    side: 'sell',
    priceTicks,
    quantityLots: lots,
    notional: new Decimal('0.01').times(lots).times(priceTicks),
    markTicks: 10_000,
    mechanism: 'order',
    ledgerSequence: 2,
    ...fields,
  }
  return placed(event, { time })
}

export function completed(
  of: number,
  time: number,
  fundDraw: string,
): PlacedEvent<LiquidationCompleted> {
  const zero = new Decimal(0)
  const event: LiquidationCompleted = {
    type: 'LiquidationCompleted',
    meta: meta(time),
    liquidationId: liquidationId(of),
    scope: `scope-${String(of)}`,
    outcome: 'closed',
    slices: 1,
    reducedNotional: zero,
    deleveragedNotional: zero,
    fees: zero,
    fundDraw: new Decimal(fundDraw),
    sharedLoss: zero,
    startedAt: 0,
  }
  return placed(event, { time })
}

export function profile(
  time: number,
  bins: readonly ProfileBin[],
  rest: Partial<LiquidationProfileReported> & { readonly partition?: number } = {},
): PlacedEvent<LiquidationProfileReported> {
  const { partition = 0, ...fields } = rest
  const event: LiquidationProfileReported = {
    type: 'LiquidationProfileReported',
    meta: meta(time),
    instrument: BTC,
    side: 'long',
    markTicks: 10_000,
    binWidth: 0.001,
    bins,
    ...fields,
  }
  return placed(event, { time, partition })
}

/** A book with the same lots on both sides, cumulative by distance. */
export function liquidity(
  time: number,
  bands: readonly (readonly [distance: string, lots: number])[],
): PlacedEvent<BookLiquidityUpdated> {
  const event: BookLiquidityUpdated = {
    type: 'BookLiquidityUpdated',
    meta: meta(time),
    instrument: BTC,
    bidTicks: 9_999,
    askTicks: 10_001,
    bands: bands.map(([distance, lots]) => ({
      distanceRate: new Decimal(distance),
      bidLots: lots,
      askLots: lots,
    })),
  }
  return placed(event, { time })
}

/** A scenario with two listed instruments. */
export function analytics(settings: Partial<AnalyticsSettings> = {}) {
  const processor = cascadeAnalyticsProcessor({ ...DEFAULT_ANALYTICS_SETTINGS, ...settings })
  return scenario(processor).given(listing(BTC), listing(ETH))
}
