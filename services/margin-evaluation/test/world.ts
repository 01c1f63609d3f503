import type {
  AccountChanged,
  AccountClosed,
  AccountUpdated,
  DeleveragingRequested,
  InstrumentListed,
  LiquidationCompleted,
  LiquidationPolicySet,
  MarkPriceUpdated,
  PolicyActivated,
  Position,
  PriceQuality,
  PriceQualityChanged,
  RiskTiersSet,
  ScopeHeld,
  ScopeReleased,
  SnapshotCompleted,
  TriggerOverridden,
} from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import type { RiskTier } from '@sluice/domain/tiers'
import { metaOf } from '@sluice/testkit/given'

/** Events of a small world: lots of 1, ticks of 1, so that prices, quantities and money are the same small numbers. */

let sequence = 0
const nextMeta = () => metaOf((sequence += 1))
const record = { version: 1, author: 'risk', reason: 'test' }

export function listed(instrument: string, rest: Partial<InstrumentListed> = {}): InstrumentListed {
  return {
    type: 'InstrumentListed',
    instrument,
    ...record,
    settlementCurrency: 'USD',
    lotSize: new Decimal(1),
    tickSize: new Decimal(1),
    orderLotsMin: 1,
    orderLotsMax: 1_000_000,
    insurancePool: 'main',
    ...rest,
  }
}

/** Tiers from caps and rates, with the deductions that make them continuous. */
export function tiersOf(...brackets: readonly (readonly [cap: number | null, rate: number])[]) {
  const tiers: RiskTier[] = []
  let floor = new Decimal(0)
  let deduction = new Decimal(0)
  let before = new Decimal(brackets[0]![1])
  for (const [cap, rate] of brackets) {
    const maintenanceRate = new Decimal(rate)
    deduction = deduction.plus(floor.times(maintenanceRate.minus(before)))
    const notionalCap = cap === null ? null : new Decimal(cap)
    tiers.push({ notionalFloor: floor, notionalCap, maintenanceRate, deduction, leverageMax: 50 })
    before = maintenanceRate
    floor = notionalCap ?? floor
  }
  return tiers
}

export const TIERS = tiersOf([10_000, 0.01], [50_000, 0.025], [null, 0.1])

export function tiersSet(
  instrument: string,
  tiers: readonly RiskTier[] = TIERS,
  version = 1,
): RiskTiersSet {
  return { type: 'RiskTiersSet', instrument, ...record, version, tiers }
}

export function policy(rest: Partial<LiquidationPolicySet> = {}): LiquidationPolicySet {
  return {
    type: 'LiquidationPolicySet',
    policy: 'standard',
    ...record,
    mode: 'partial',
    triggerRatio: new Decimal(1),
    restoreBuffer: new Decimal('0.1'),
    expectedSlippage: new Decimal('0.001'),
    feeRate: new Decimal('0.0005'),
    bookFraction: new Decimal('0.2'),
    bookDistanceRate: new Decimal('0.01'),
    cooldownMs: 1_000,
    orderTimeoutMs: 5_000,
    triggerMaxAgeMs: 5_000,
    unfilledSlicesMax: 3,
    candidateDeadlineMs: 2_000,
    candidatesMax: 3,
    marginCallRatios: [new Decimal('1.5'), new Decimal('1.2')],
    marginCallHysteresis: new Decimal('0.1'),
    marginCallDwellMs: 10_000,
    riskReportIntervalMs: 2_000,
    profileIntervalMs: 30_000,
    parkMs: 15_000,
    ...rest,
  }
}

export function mark(
  instrument: string,
  markTicks: number,
  quality: PriceQuality = 'good',
): MarkPriceUpdated {
  return {
    type: 'MarkPriceUpdated',
    meta: nextMeta(),
    instrument,
    markTicks,
    indexTicks: markTicks,
    fundingPriceTicks: markTicks,
    basisPriceTicks: markTicks,
    lastPriceTicks: null,
    quality,
  }
}

export function quality(instrument: string, to: PriceQuality): PriceQualityChanged {
  return {
    type: 'PriceQualityChanged',
    meta: nextMeta(),
    instrument,
    from: 'good',
    to,
    reason: 'test',
  }
}

export function position(instrument: string, quantityLots: number, entryTicks: number): Position {
  return { instrument, quantityLots, entryNotional: new Decimal(quantityLots).times(entryTicks) }
}

export function account(
  name: string,
  ledgerSequence: number,
  rest: Partial<AccountUpdated> & { wallet?: number } = {},
): AccountUpdated {
  const { wallet = 1_000, ...fields } = rest
  return {
    type: 'AccountUpdated',
    account: name,
    isolatedInstrument: null,
    currency: 'USD',
    ledgerSequence,
    walletBalance: new Decimal(wallet),
    positions: [],
    openOrders: [],
    ...fields,
  }
}

export function change(
  name: string,
  sequences: readonly [previous: number, next: number],
  rest: Partial<AccountChanged> & { wallet?: number } = {},
): AccountChanged {
  const { wallet = 1_000, ...fields } = rest
  return {
    type: 'AccountChanged',
    account: name,
    isolatedInstrument: null,
    previousLedgerSequence: sequences[0],
    ledgerSequence: sequences[1],
    walletBalance: new Decimal(wallet),
    position: null,
    closedInstrument: null,
    openOrders: null,
    ...fields,
  }
}

export function closed(name: string, ledgerSequence: number): AccountClosed {
  return { type: 'AccountClosed', account: name, isolatedInstrument: null, ledgerSequence }
}

export const snapshotCompleted: SnapshotCompleted = {
  type: 'SnapshotCompleted',
  scopeCount: 0,
  ledgerSequence: 0,
  hash: null,
}

export function held(scope: string, expiresAt: number | null = null): ScopeHeld {
  return { type: 'ScopeHeld', scope, actor: 'op', reason: 'test', approver: null, expiresAt }
}

export function released(scope: string): ScopeReleased {
  return {
    type: 'ScopeReleased',
    scope,
    actor: 'op',
    reason: 'test',
    approver: null,
    expiresAt: null,
  }
}

const person = { actor: 'op', reason: 'test', approver: null }

export function overridden(
  scope: string,
  ratio: number | null,
  expiresAt: number | null = null,
): TriggerOverridden {
  const triggerRatio = ratio === null ? null : new Decimal(ratio)
  return { type: 'TriggerOverridden', scope, triggerRatio, ...person, expiresAt }
}

export function activated(version: number, expiresAt: number | null = null): PolicyActivated {
  return {
    type: 'PolicyActivated',
    policy: 'standard',
    version: Math.max(0, version),
    ...person,
    expiresAt,
  }
}

export function completed(scope: string, liquidationId: string): LiquidationCompleted {
  const zero = new Decimal(0)
  return {
    type: 'LiquidationCompleted',
    meta: nextMeta(),
    liquidationId,
    scope,
    outcome: 'restored',
    slices: 1,
    reducedNotional: zero,
    deleveragedNotional: zero,
    fees: zero,
    fundDraw: zero,
    sharedLoss: zero,
    startedAt: 0,
  }
}

export function deleveraging(
  rest: Partial<DeleveragingRequested> & Pick<DeleveragingRequested, 'scope'>,
): DeleveragingRequested {
  return {
    type: 'DeleveragingRequested',
    meta: nextMeta(),
    liquidationId: 'margin-evaluation-0/1',
    requestId: 'liquidation-execution-0/9',
    instrument: 'BTC',
    side: 'long',
    quantityLots: 10,
    priceTicks: 900,
    deadline: 0,
    ...rest,
  }
}

/** A market that is open: two instruments, a policy, marks, and every account known. */
export const OPEN = [
  listed('BTC'),
  tiersSet('BTC'),
  listed('ETH'),
  tiersSet('ETH'),
  policy(),
  mark('BTC', 1_000),
  mark('ETH', 100),
  snapshotCompleted,
]
