import type {
  AccountRiskReported,
  BookLiquidityUpdated,
  FundMovementBooked,
  InstrumentListed,
  LiquidationPolicySet,
  LiquidationTriggered,
  MarkPriceUpdated,
  OpenOrderTotal,
  OrderExpired,
  OrderFilled,
  PositionRisk,
  PriceQuality,
  RiskStatement,
  RiskTiersSet,
} from '@sluice/contracts/generated/events'
import { bankruptcyPriceTicks } from '@sluice/domain/bankruptcy-price'
import { Decimal } from '@sluice/domain/decimal'
import type { InstrumentSpec } from '@sluice/domain/instrument'
import {
  marginOf,
  marginRatio,
  positionMaintenance,
  positionNotional,
  unrealisedProfit,
} from '@sluice/domain/margin'
import type { PositionInput } from '@sluice/domain/margin'
import { metaOf, scenario } from '@sluice/testkit/given'
import { createProcessor } from '../src/processor.ts'
import type { ExecutionInput } from '../src/processor.ts'
import type { ExecutionSettings } from '../src/settings.ts'

/** One lot is 0.001 of base, one tick 0.1 of settlement: a lot gains 0.0001 per tick. */
export const BTC = 'BTC-USD'
export const ETH = 'ETH-USD'
export const SCOPE = 'alice'
export const POOL = 'main'
/** Id of the first trigger of `start`, and so of the liquidation. */
export const LIQUIDATION = 'margin-evaluation-0/1'

const authored = { version: 1, author: 'risk', reason: 'test' }

export function dec(value: number | string): Decimal {
  return new Decimal(value)
}

export function specOf(instrument: string): InstrumentSpec {
  return {
    instrument,
    lotSize: dec('0.001'),
    tickSize: dec('0.1'),
    orderLotsMin: 10,
    orderLotsMax: 100_000,
  }
}

export function listed(instrument: string): InstrumentListed {
  const spec = specOf(instrument)
  const currency = { settlementCurrency: 'USD', insurancePool: POOL }
  return { type: 'InstrumentListed', ...authored, ...spec, ...currency }
}

/** 1 % up to 1,000,000, then 2 %. */
export const TIERS: RiskTiersSet['tiers'] = [
  {
    notionalFloor: dec(0),
    notionalCap: dec(1_000_000),
    maintenanceRate: dec('0.01'),
    deduction: dec(0),
    leverageMax: 50,
  },
  {
    notionalFloor: dec(1_000_000),
    notionalCap: null,
    maintenanceRate: dec('0.02'),
    deduction: dec(10_000),
    leverageMax: 25,
  },
]

export function policy(fields: Partial<LiquidationPolicySet> = {}): LiquidationPolicySet {
  return {
    type: 'LiquidationPolicySet',
    policy: 'standard',
    ...authored,
    mode: 'partial',
    triggerRatio: dec(1),
    restoreBuffer: dec('0.1'),
    expectedSlippage: dec('0.001'),
    feeRate: dec('0.001'),
    bookFraction: dec('0.2'),
    bookDistanceRate: dec('0.01'),
    cooldownMs: 1_000,
    orderTimeoutMs: 3_000,
    triggerMaxAgeMs: 5_000,
    unfilledSlicesMax: 3,
    candidateDeadlineMs: 2_000,
    candidatesMax: 10,
    marginCallRatios: [dec('1.5')],
    marginCallHysteresis: dec('0.1'),
    marginCallDwellMs: 10_000,
    riskReportIntervalMs: 1_000,
    profileIntervalMs: 10_000,
    parkMs: 5_000,
    ...fields,
  }
}

export function mark(
  instrument: string,
  markTicks: number,
  quality: PriceQuality = 'good',
): MarkPriceUpdated {
  const prices = { indexTicks: markTicks, fundingPriceTicks: markTicks, basisPriceTicks: markTicks }
  return {
    type: 'MarkPriceUpdated',
    ...{ meta: metaOf(1), instrument, markTicks, ...prices },
    ...{ lastPriceTicks: null, quality },
  }
}

/** A book with the same lots on both sides: a tenth within 0.1 % of mid, all that is visible within 0.5 %. */
export function book(
  instrument: string,
  lots: number,
  top: { bidTicks?: number; askTicks?: number } = {},
): BookLiquidityUpdated {
  const { bidTicks = 500_000, askTicks = 500_001 } = top
  return {
    type: 'BookLiquidityUpdated',
    ...{ meta: metaOf(1), instrument, bidTicks, askTicks },
    bands: [
      {
        distanceRate: dec('0.001'),
        bidLots: Math.floor(lots / 10),
        askLots: Math.floor(lots / 10),
      },
      { distanceRate: dec('0.005'), bidLots: lots, askLots: lots },
      { distanceRate: dec('0.05'), bidLots: lots * 5, askLots: lots * 5 },
    ],
  }
}

export interface Holding {
  readonly instrument: string
  readonly quantityLots: number
  /** Entry price */
  readonly entryTicks?: number
  readonly entryNotional?: Decimal
  readonly markTicks: number
}

export interface StatementFields {
  readonly scope?: string
  readonly ledgerSequence?: number
  readonly evaluatedAt?: number
  readonly wallet: Decimal
  readonly holdings: readonly Holding[]
  readonly openOrders?: readonly OpenOrderTotal[]
  readonly policyVersion?: number
}

/** A statement as the evaluator makes it, from the wallet and the positions. */
export function statementOf(fields: StatementFields): RiskStatement {
  const { wallet, holdings, ledgerSequence = 1, evaluatedAt = 0 } = fields
  const inputs = holdings.map(inputOf)
  const margin = marginOf(wallet, inputs)
  return {
    scope: fields.scope ?? SCOPE,
    ...{ currency: 'USD', ledgerSequence, evaluatedAt, ...margin },
    marginRatio: marginRatio(margin.equity, margin.maintenanceMargin),
    positions: inputs.map((_, index) => riskOf(wallet, inputs, index)),
    openOrders: fields.openOrders ?? [],
    ...{ policy: 'standard', policyVersion: fields.policyVersion ?? 1 },
    ...{ accountEventId: 'accounts-0@0', priceEventIds: holdings.map(() => 'price-0/1') },
  }
}

function inputOf({ instrument, quantityLots, entryTicks, entryNotional, markTicks }: Holding) {
  const spec = specOf(instrument)
  const value = dec(quantityLots)
    .times(entryTicks ?? markTicks)
    .times('0.0001')
  return { spec, tiers: TIERS, quantityLots, entryNotional: entryNotional ?? value, markTicks }
}

function riskOf(
  walletBalance: Decimal,
  positions: readonly PositionInput[],
  index: number,
): PositionRisk {
  const position = positions[index]!
  const { quantityLots, entryNotional, markTicks } = position
  return {
    ...{ instrument: position.spec.instrument, quantityLots, entryNotional, markTicks },
    notional: positionNotional(position),
    unrealisedProfit: unrealisedProfit(position),
    maintenanceMargin: positionMaintenance(position),
    ...{ maintenanceRate: dec('0.01'), maintenanceDeduction: dec(0), tiersVersion: 1 },
    liquidationPriceTicks: null,
    bankruptcyPriceTicks: bankruptcyPriceTicks({ walletBalance, positions, index }),
  }
}

export function triggered(fields: StatementFields, sequence = 1): LiquidationTriggered {
  return {
    type: 'LiquidationTriggered',
    triggerRatio: null,
    meta: metaOf(sequence),
    statement: statementOf(fields),
  }
}

let reports = 1_000

export function reported(
  fields: StatementFields,
  liquidationId: string = LIQUIDATION,
): AccountRiskReported {
  reports += 1
  const statement = statementOf(fields)
  return { type: 'AccountRiskReported', meta: metaOf(reports), liquidationId, statement }
}

/** A long of 2 BTC-USD at 50,000, mark 49,500: notional 99,000, maintenance margin 990. `equity` says how deep it is. */
export function long(equity: number, fields: Partial<StatementFields> = {}): StatementFields {
  const holding = { instrument: BTC, quantityLots: 2_000, entryTicks: 500_000, markTicks: 495_000 }
  return { wallet: dec(equity + 1_000), holdings: [holding], ...fields }
}

/** What is left of that long after `lots` were sold at the mark. */
export function reducedLong(
  equity: number,
  lots: number,
  fields: Partial<StatementFields> = {},
): StatementFields {
  const left = 2_000 - lots
  const holding = { instrument: BTC, quantityLots: left, entryTicks: 500_000, markTicks: 495_000 }
  return { wallet: dec(left / 2).plus(equity), holdings: left === 0 ? [] : [holding], ...fields }
}

/** Everything the service has to know before the first trigger. */
export function world(
  options: { policy?: Partial<LiquidationPolicySet>; pool?: number; bookLots?: number } = {},
): readonly ExecutionInput[] {
  const { pool = 1_000_000, bookLots = 100_000 } = options
  const instruments = [BTC, ETH]
  return [
    {
      type: 'InsurancePoolSet',
      ...{ pool: POOL, ...authored },
      ...{ currency: 'USD', balance: dec(pool) },
    },
    ...instruments.map(listed),
    ...instruments.map((instrument): RiskTiersSet => ({
      type: 'RiskTiersSet',
      instrument,
      ...authored,
      tiers: TIERS,
    })),
    policy(options.policy),
    ...instruments.map(instrument => mark(instrument, 495_000)),
    ...instruments.map(instrument =>
      book(instrument, bookLots, { bidTicks: 495_000, askTicks: 495_001 }),
    ),
  ]
}

export function execution(
  settings: Partial<ExecutionSettings> = {},
  options: Parameters<typeof world>[0] = {},
) {
  return scenario(createProcessor(settings)).given(...world(options))
}

let executions = 0

export function filled(
  clientOrderId: string,
  quantityLots: number,
  fields: Partial<OrderFilled> = {},
): OrderFilled {
  executions += 1
  return {
    type: 'OrderFilled',
    ...{ clientOrderId, scope: SCOPE, instrument: BTC },
    ...{ executionId: `execution-${executions}`, side: 'sell', priceTicks: 495_000 },
    ...{ quantityLots, ledgerSequence: 2, ...fields },
  }
}

export function expired(
  clientOrderId: string,
  filledLots: number,
  fields: Partial<OrderExpired> = {},
): OrderExpired {
  return {
    type: 'OrderExpired',
    ...{ clientOrderId, scope: SCOPE, instrument: BTC },
    ...{ filledLots, ledgerSequence: 2, ...fields },
  }
}

export function fundBooked(
  requestId: string,
  amount: Decimal,
  fields: Partial<FundMovementBooked> = {},
): FundMovementBooked {
  executions += 1
  return {
    type: 'FundMovementBooked',
    ...{ requestId, executionId: `execution-${executions}` },
    ...{ pool: POOL, scope: SCOPE, currency: 'USD', amount },
    ...{ poolBalance: dec(1_000_000).minus(amount), ledgerSequence: 3, ...fields },
  }
}

export const KILL_SWITCH = {
  type: 'KillSwitchEngaged',
  ...{ actor: 'ann', reason: 'drill', approver: null, expiresAt: null },
} as const
