// Generated from schemas/*.avsc by `pnpm generate`. Do not edit.

import type { Decimal } from '@sluice/domain/decimal'

/** First record of every batch a task appends: which inputs, in which order, and which events they gave. */
export interface BatchReceipt {
  readonly task: string
  /** One more than the last valid receipt */
  readonly sequence: number
  /** SHA-256 of the last valid receipt's bytes, or of the task's name */
  readonly previousHash: Sha256
  /** Counted up by each takeover */
  readonly tenure: number
  /** Random at every start */
  readonly owner: string
  /** Group generation of the assignment */
  readonly generation: number
  /** Number of the first event that follows */
  readonly firstEvent: number
  readonly eventCount: number
  /** Events of the last input that are out when its output spans receipts; 0: all of them */
  readonly emittedOfLastInput: number
  readonly inputRuns: readonly (InputRun | TickRun)[]
  /** RFC 6962 Merkle root over the inputs' bytes and append times, in run order */
  readonly inputsRoot: Sha256
  /** RFC 6962 Merkle root over the encoded events */
  readonly eventsRoot: Sha256
  readonly logicVersion: number
  readonly settingsHash: Sha256
  /** Hash of the canonical snapshot that belongs to this receipt */
  readonly stateHash: null | Sha256
}

/** One price level of an order book. */
export interface BookLevel {
  readonly priceTicks: number
  readonly quantityLots: number
}

/** A scope that may be deleveraged, with its rank score. */
export interface DeleveragingCandidate {
  readonly scope: string
  /** Signed position in the instrument */
  readonly quantityLots: number
  readonly unrealisedProfit: Decimal
  /** Profit ratio times effective leverage; higher goes first */
  readonly score: number
}

/** An input broke a rule: nothing of it was applied. */
export interface InputRefused {
  readonly type: 'InputRefused'
  readonly meta: Meta
  readonly source: string
  readonly partition: number
  readonly offset: number
  /** Closed union; see the refusal reference */
  readonly reason: string
  /** What, where, and what to do */
  readonly detail: string
}

/** Consecutive inputs of one partition, in offset order. */
export interface InputRun {
  /** Topic */
  readonly source: string
  readonly partition: number
  readonly fromOffset: number
  /** Inclusive */
  readonly toOffset: number
  readonly count: number
  /** For our own topics: hash of the last valid receipt at or before toOffset */
  readonly upstreamHead: null | Sha256
}

/** Whether a liquidation reduces to what restores margin, or closes everything. */
export type LiquidationMode = 'partial' | 'full'

/** How a liquidation ended. */
export type LiquidationOutcome = 'restored' | 'closed' | 'averted'

/** How far a liquidation of the venue's own engine has come. */
export type LiquidationStage = 'ordered' | 'filled'

/** What the book holds within a distance of the mid price. */
export interface LiquidityBand {
  readonly distanceRate: Decimal
  readonly bidLots: number
  readonly askLots: number
}

/** Where a margin scope stands. */
export type MarginStatus = 'healthy' | 'margin_call' | 'liquidating'

/** What every event of ours starts with. */
export interface Meta {
  /** The event's number in its task, from 1; its id is <task>/<sequence> */
  readonly sequence: number
  /** Ids of the events this one follows from, nearest first */
  readonly causeIds: readonly string[]
  /** Task time when it was decided */
  readonly time: number
  /** Version of the rules that decided */
  readonly logicVersion: number
}

/** What works in the book for one instrument and side. */
export interface OpenOrderTotal {
  readonly instrument: string
  readonly side: Side
  readonly quantityLots: number
}

/** Whether the venue is asked for anything. */
export type OperatingMode = 'live' | 'shadow'

/** A position as the ledger holds it. */
export interface Position {
  readonly instrument: string
  /** Signed: above zero long, below zero short; never zero */
  readonly quantityLots: number
  /** Signed cost: sum of quantity times entry price, in the settlement currency; negative for a short */
  readonly entryNotional: Decimal
}

/** One position, valued. */
export interface PositionRisk {
  readonly instrument: string
  /** Signed */
  readonly quantityLots: number
  /** Signed cost */
  readonly entryNotional: Decimal
  readonly markTicks: number
  /** Absolute value at the mark price */
  readonly notional: Decimal
  readonly unrealisedProfit: Decimal
  /** notional x maintenanceRate - maintenanceDeduction */
  readonly maintenanceMargin: Decimal
  readonly maintenanceRate: Decimal
  readonly maintenanceDeduction: Decimal
  /** Version of the risk tiers applied */
  readonly tiersVersion: number
  /** Mark price of this instrument, others unchanged, at which the scope reaches its trigger; null: none above zero */
  readonly liquidationPriceTicks: null | number
  /** Price at which closing this position leaves nothing of the equity allotted to it; null: none above zero */
  readonly bankruptcyPriceTicks: null | number
}

/** Side of a position. */
export type PositionSide = 'long' | 'short'

/** How far a mark price may be trusted. */
export type PriceQuality = 'good' | 'degraded' | 'stale' | 'divergent' | 'halted'

/** A source of the index with its weight. */
export interface PriceSource {
  readonly source: string
  readonly weight: number
}

/** Notional that liquidates within one bin of log price. */
export interface ProfileBin {
  /** floor(ln(price in ticks) / binWidth) */
  readonly index: number
  readonly notional: number
}

/** How a position was reduced. */
export type ReductionMechanism = 'order' | 'deleveraging'

/** Complete risk of one margin scope at one instant, with its evidence. */
export interface RiskStatement {
  /** <account> for cross margin, <account>/<instrument> for an isolated position */
  readonly scope: string
  readonly currency: string
  /** Ledger sequence of the account record it contains */
  readonly ledgerSequence: number
  readonly evaluatedAt: number
  readonly walletBalance: Decimal
  /** walletBalance + unrealised profit of all positions */
  readonly equity: Decimal
  readonly maintenanceMargin: Decimal
  /** equity / maintenanceMargin, rounded down, clamped to the type; null without maintenance margin */
  readonly marginRatio: null | Decimal
  readonly positions: readonly PositionRisk[]
  readonly openOrders: readonly OpenOrderTotal[]
  readonly policy: string
  readonly policyVersion: number
  readonly accountEventId: string
  /** One for each position, in their order */
  readonly priceEventIds: readonly string[]
}

/** One bracket of tiered maintenance margin. */
export interface RiskTier {
  /** Bracket begins above this notional */
  readonly notionalFloor: Decimal
  /** Bracket ends at this notional, inclusive; null: no end */
  readonly notionalCap: null | Decimal
  readonly maintenanceRate: Decimal
  /** Makes the requirement continuous: notional x rate - deduction */
  readonly deduction: Decimal
  readonly leverageMax: number
}

/** A SHA-256 digest. */
export type Sha256 = Uint8Array

/** Side of an order or trade. */
export type Side = 'buy' | 'sell'

/** The numbers that went into a slice. */
export interface SliceSizing {
  /** Of the scope at mark, less the fee accrued */
  readonly equity: Decimal
  readonly maintenanceMargin: Decimal
  readonly markTicks: number
  readonly maintenanceRate: Decimal
  readonly restoreBuffer: Decimal
  readonly expectedSlippage: Decimal
  readonly feeRate: Decimal
  /** Smallest quantity that restores the target */
  readonly restoreLots: number
  /** Visible book within the limit on the side that is hit */
  readonly bookLots: number
  /** Lots of that side spoken for: in working orders of ours, or filled since the book was published */
  readonly spokenLots: number
  readonly bookFraction: Decimal
  /** Bound from the bankruptcy price */
  readonly bankruptcyTicks: null | number
  /** How far below bankruptcy others stand behind it: reserved of pools, and shared losses */
  readonly fundAllowance: Decimal
}

/** A moment of time delivered as an input. */
export interface TickRun {
  readonly tick: number
}

/** What changed in one margin scope, as values after the change. */
export interface AccountChanged {
  readonly type: 'AccountChanged'
  /** Opaque */
  readonly account: string
  readonly isolatedInstrument: null | string
  /** The change before; another one known makes the scope untrusted */
  readonly previousLedgerSequence: number
  readonly ledgerSequence: number
  readonly walletBalance: Decimal
  /** The position after the change, if one changed and is left */
  readonly position: null | Position
  /** The instrument whose position is gone */
  readonly closedInstrument: null | string
  /** All open orders, if they changed */
  readonly openOrders: null | readonly OpenOrderTotal[]
}

/** The scope is gone. */
export interface AccountClosed {
  readonly type: 'AccountClosed'
  readonly account: string
  readonly isolatedInstrument: null | string
  readonly ledgerSequence: number
}

/** Snapshot of one margin scope. */
export interface AccountUpdated {
  readonly type: 'AccountUpdated'
  /** Opaque */
  readonly account: string
  /** Set for an isolated position; null for cross margin */
  readonly isolatedInstrument: null | string
  readonly currency: string
  /** Rises with every change of this scope */
  readonly ledgerSequence: number
  readonly walletBalance: Decimal
  /** By instrument, ascending */
  readonly positions: readonly Position[]
  readonly openOrders: readonly OpenOrderTotal[]
}

/** Every scope of this partition has been written once. Nothing is triggered before it. */
export interface SnapshotCompleted {
  readonly type: 'SnapshotCompleted'
  /** Scopes of this partition */
  readonly scopeCount: number
  /** Greatest ledger sequence among them */
  readonly ledgerSequence: number
  /** SHA-256 over the scopes of this partition (`snapshotHash`); null: nothing is verified */
  readonly hash: null | Sha256
}

/** No forced reduction within the gap: the cascade is over. */
export interface CascadeClosed {
  readonly type: 'CascadeClosed'
  readonly meta: Meta
  /** Id of the first reduction */
  readonly cascadeId: string
  readonly instrument: string
  /** Side of the forced orders */
  readonly side: Side
  readonly liquidations: number
  readonly reductions: number
  readonly generations: number
  readonly notional: Decimal
  readonly openTicks: number
  readonly extremeTicks: number
  /** Against the mark price at each fill */
  readonly slippageCost: Decimal
  readonly fundDraw: Decimal
  readonly deleveragedNotional: Decimal
  readonly openedAt: number
  readonly lastAt: number
}

/** A liquidation joined a cascade. */
export interface CascadeExtended {
  readonly type: 'CascadeExtended'
  readonly meta: Meta
  /** Id of the first reduction */
  readonly cascadeId: string
  readonly instrument: string
  /** Side of the forced orders */
  readonly side: Side
  readonly liquidationId: string
  /** The liquidation whose forced trades moved the price that triggered this one */
  readonly parentLiquidationId: null | string
  /** Distance from the first in the tree of causes */
  readonly generation: number
  /** Of the cascade so far */
  readonly notional: Decimal
}

/** A forced reduction with none before it within the gap. */
export interface CascadeOpened {
  readonly type: 'CascadeOpened'
  readonly meta: Meta
  /** Id of the first reduction */
  readonly cascadeId: string
  readonly instrument: string
  /** Side of the forced orders */
  readonly side: Side
  readonly liquidationId: string
  readonly markTicks: number
}

/** The nearest price at which liquidations would feed on themselves. */
export interface CliffDetected {
  readonly type: 'CliffDetected'
  readonly meta: Meta
  readonly instrument: string
  /** Side that would be liquidated */
  readonly side: PositionSide
  readonly cliffTicks: number
  readonly distanceRate: number
  readonly branchingRatio: number
}

/** Where positions liquidate, and where a shock would come to rest. */
export interface HeatMapUpdated {
  readonly type: 'HeatMapUpdated'
  readonly meta: Meta
  readonly instrument: string
  readonly markTicks: number
  readonly binWidth: number
  readonly longs: readonly ProfileBin[]
  readonly shorts: readonly ProfileBin[]
  readonly shockRate: number
  readonly projectedDownTicks: number
  readonly projectedUpTicks: number
  readonly branchingDown: number
  readonly branchingUp: number
}

/** A position was offset against another scope. */
export interface DeleveragingExecuted {
  readonly type: 'DeleveragingExecuted'
  readonly requestId: string
  readonly executionId: string
  readonly scope: string
  readonly counterparty: string
  readonly instrument: string
  /** Side on which the liquidated scope traded */
  readonly side: Side
  readonly priceTicks: number
  readonly quantityLots: number
  readonly ledgerSequence: number
}

/** The venue could not offset the pair. */
export interface DeleveragingRejected {
  readonly type: 'DeleveragingRejected'
  readonly requestId: string
  readonly scope: string
  readonly counterparty: string
  readonly instrument: string
  readonly reason: string
}

/** A liquidation fee moved from a scope to a pool. */
export interface FeeBooked {
  readonly type: 'FeeBooked'
  readonly requestId: string
  readonly executionId: string
  readonly pool: string
  readonly scope: string
  readonly currency: string
  /** What was booked; at most what the scope could pay */
  readonly amount: Decimal
  readonly poolBalance: Decimal
  readonly ledgerSequence: number
}

/** Money moved between an insurance pool and a scope. */
export interface FundMovementBooked {
  readonly type: 'FundMovementBooked'
  readonly requestId: string
  readonly executionId: string
  readonly pool: string
  readonly scope: string
  readonly currency: string
  /** Above zero: the pool paid the scope */
  readonly amount: Decimal
  /** After the booking */
  readonly poolBalance: Decimal
  readonly ledgerSequence: number
}

/** The pool cannot pay. */
export interface FundMovementRefused {
  readonly type: 'FundMovementRefused'
  readonly requestId: string
  readonly pool: string
  readonly scope: string
  readonly reason: string
  readonly poolBalance: Decimal
}

/** A loss nobody covered was shared among scopes in profit. */
export interface LossShareBooked {
  readonly type: 'LossShareBooked'
  readonly requestId: string
  readonly executionId: string
  readonly scope: string
  readonly currency: string
  readonly amount: Decimal
  readonly contributorCount: number
  readonly ledgerSequence: number
}

/** The venue took the order. */
export interface OrderAccepted {
  readonly type: 'OrderAccepted'
  readonly clientOrderId: string
  readonly scope: string
  readonly instrument: string
  readonly venueOrderId: string
}

/** The rest of an order is gone. */
export interface OrderExpired {
  readonly type: 'OrderExpired'
  readonly clientOrderId: string
  readonly scope: string
  readonly instrument: string
  readonly filledLots: number
  readonly ledgerSequence: number
}

/** Part or all of an order was filled. */
export interface OrderFilled {
  readonly type: 'OrderFilled'
  readonly clientOrderId: string
  readonly scope: string
  readonly instrument: string
  /** Unique at the venue; a repeat is recognised by it */
  readonly executionId: string
  readonly side: Side
  readonly priceTicks: number
  readonly quantityLots: number
  /** Of the scope's account record that contains this fill */
  readonly ledgerSequence: number
}

/** The venue refused the order. */
export interface OrderRejected {
  readonly type: 'OrderRejected'
  readonly clientOrderId: string
  readonly scope: string
  readonly instrument: string
  readonly reason: string
}

/** The open orders of a scope are gone. */
export interface OrdersCancelled {
  readonly type: 'OrdersCancelled'
  readonly requestId: string
  readonly scope: string
  readonly orderCount: number
  readonly ledgerSequence: number
}

/** Asks the venue to offset the scope against a counterparty. */
export interface DeleveragingOrdered {
  readonly type: 'DeleveragingOrdered'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly requestId: string
  readonly counterparty: string
  readonly instrument: string
  /** Side on which the liquidated scope trades */
  readonly side: Side
  readonly quantityLots: number
  readonly priceTicks: number
  readonly rank: number
  readonly score: number
}

/** Asks all evaluators for candidates. */
export interface DeleveragingRequested {
  readonly type: 'DeleveragingRequested'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly requestId: string
  readonly instrument: string
  /** Side of the position to be closed */
  readonly side: PositionSide
  readonly quantityLots: number
  readonly priceTicks: number
  readonly deadline: number
}

/** Asks the venue to cover a deficit from an insurance pool. */
export interface FundMovementRequested {
  readonly type: 'FundMovementRequested'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly requestId: string
  readonly pool: string
  readonly currency: string
  readonly amount: Decimal
}

/** The scope recovered before the first order. */
export interface LiquidationAverted {
  readonly type: 'LiquidationAverted'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly reason: string
}

/** The liquidation is over. */
export interface LiquidationCompleted {
  readonly type: 'LiquidationCompleted'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly outcome: LiquidationOutcome
  readonly slices: number
  readonly reducedNotional: Decimal
  readonly deleveragedNotional: Decimal
  readonly fees: Decimal
  readonly fundDraw: Decimal
  readonly sharedLoss: Decimal
  readonly startedAt: number
}

/** Asks the venue to move the liquidation fee to the pool, once, before the liquidation ends. amount = notional × feeRate rounded down, at most the equity of the scope. */
export interface LiquidationFeeRequested {
  readonly type: 'LiquidationFeeRequested'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly requestId: string
  readonly pool: string
  readonly currency: string
  /** Filled by orders of this liquidation and not charged for before */
  readonly notional: Decimal
  readonly feeRate: Decimal
  readonly amount: Decimal
}

/** The liquidation cannot go on without a person. */
export interface LiquidationHalted {
  readonly type: 'LiquidationHalted'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly reason: string
}

/** Asks the venue for a reduce-only immediate-or-cancel order. */
export interface LiquidationOrderPlaced {
  readonly type: 'LiquidationOrderPlaced'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  /** Id of this event */
  readonly clientOrderId: string
  readonly instrument: string
  readonly side: Side
  readonly quantityLots: number
  readonly limitTicks: number
  /** From 1 */
  readonly slice: number
  /** Event that carried the risk statement */
  readonly statementId: string
  readonly sizing: SliceSizing
}

/** The liquidation waits. */
export interface LiquidationPaused {
  readonly type: 'LiquidationPaused'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly reason: string
}

/** The liquidation goes on. */
export interface LiquidationResumed {
  readonly type: 'LiquidationResumed'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
}

/** A liquidation began, under one version of the policy. */
export interface LiquidationStarted {
  readonly type: 'LiquidationStarted'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly policy: string
  readonly policyVersion: number
  readonly mode: LiquidationMode
}

/** Asks the venue to share a loss that nothing covered. */
export interface LossShareRequested {
  readonly type: 'LossShareRequested'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly requestId: string
  readonly currency: string
  readonly amount: Decimal
}

/** Asks the venue to cancel the scope's open orders. */
export interface OrderCancellationRequested {
  readonly type: 'OrderCancellationRequested'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly requestId: string
}

/** Gives money that was reserved and is not needed back to the pool. */
export interface PoolReleased {
  readonly type: 'PoolReleased'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly pool: string
  readonly currency: string
  readonly amount: Decimal
  /** What the pool still stands behind this liquidation with */
  readonly reserved: Decimal
  /** What the pool can promise now */
  readonly poolAvailable: Decimal
}

/** Sets money of a pool aside for a liquidation whose scope cannot pay for its own closing. No money moves. amount = closingLoss − equity − what was reserved before, at most what the pool has left. */
export interface PoolReserved {
  readonly type: 'PoolReserved'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly pool: string
  readonly currency: string
  readonly amount: Decimal
  /** What the pool stands behind this liquidation with from now on */
  readonly reserved: Decimal
  /** What the pool can still promise */
  readonly poolAvailable: Decimal
  /** Of the scope at mark, less the fee accrued */
  readonly equity: Decimal
  /** What closing the rest costs at the worst price that slices take; zero where nothing is open */
  readonly closingLoss: Decimal
}

/** A fill of ours, applied. */
export interface PositionReduced {
  readonly type: 'PositionReduced'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  /** Client order id, or id of the deleveraging order */
  readonly requestId: string
  readonly executionId: string
  readonly instrument: string
  readonly side: Side
  readonly priceTicks: number
  readonly quantityLots: number
  readonly notional: Decimal
  readonly markTicks: number
  readonly mechanism: ReductionMechanism
  /** The next slice needs a statement that contains it */
  readonly ledgerSequence: number
}

/** In shadow mode: the first order that would have been placed. Nothing is asked of the venue. */
export interface SlicePlanned {
  readonly type: 'SlicePlanned'
  readonly meta: Meta
  readonly liquidationId: string
  readonly scope: string
  readonly instrument: string
  readonly side: Side
  readonly quantityLots: number
  readonly limitTicks: number
  /** Event that carried the risk statement */
  readonly statementId: string
  readonly sizing: SliceSizing
}

/** Risk of a scope under liquidation, after its account or a price changed. */
export interface AccountRiskReported {
  readonly type: 'AccountRiskReported'
  readonly meta: Meta
  readonly liquidationId: string
  readonly statement: RiskStatement
}

/** One evaluator's candidates for a deleveraging request, best first. */
export interface DeleveragingCandidatesRanked {
  readonly type: 'DeleveragingCandidatesRanked'
  readonly meta: Meta
  readonly requestId: string
  readonly liquidationId: string
  readonly instrument: string
  /** The task that ranked */
  readonly evaluator: string
  readonly candidates: readonly DeleveragingCandidate[]
}

/** Notional by true liquidation price, this instrument moving alone. */
export interface LiquidationProfileReported {
  readonly type: 'LiquidationProfileReported'
  readonly meta: Meta
  readonly instrument: string
  readonly side: PositionSide
  readonly markTicks: number
  /** Of log price */
  readonly binWidth: number
  /** Ascending, without empty ones */
  readonly bins: readonly ProfileBin[]
}

/** A scope fell below its trigger. The id of this event is the id of the liquidation. */
export interface LiquidationTriggered {
  readonly type: 'LiquidationTriggered'
  readonly meta: Meta
  readonly statement: RiskStatement
  /** The scope's own, where a person overrode its policy's */
  readonly triggerRatio: null | Decimal
}

/** A margin call is over. */
export interface MarginCallCleared {
  readonly type: 'MarginCallCleared'
  readonly meta: Meta
  readonly scope: string
  readonly marginRatio: null | Decimal
  readonly equity: Decimal
  readonly maintenanceMargin: Decimal
}

/** A scope fell below the first margin-call ratio. */
export interface MarginCallIssued {
  readonly type: 'MarginCallIssued'
  readonly meta: Meta
  readonly scope: string
  /** The threshold */
  readonly ratio: Decimal
  readonly marginRatio: null | Decimal
  readonly equity: Decimal
  readonly maintenanceMargin: Decimal
  /** Deposit that clears the call at these prices */
  readonly topUp: Decimal
}

/** A scope moved between healthy, margin call and liquidation. */
export interface MarginStatusChanged {
  readonly type: 'MarginStatusChanged'
  readonly meta: Meta
  readonly scope: string
  readonly from: MarginStatus
  readonly to: MarginStatus
  readonly marginRatio: null | Decimal
  readonly equity: Decimal
  readonly maintenanceMargin: Decimal
}

/** What is known of a scope is incomplete: no trigger, no slice, until the next snapshot. */
export interface ScopeDistrusted {
  readonly type: 'ScopeDistrusted'
  readonly meta: Meta
  readonly scope: string
  readonly reason: string
}

/** A good snapshot arrived. */
export interface ScopeTrusted {
  readonly type: 'ScopeTrusted'
  readonly meta: Meta
  readonly scope: string
  readonly ledgerSequence: number
}

/** Levels of the book that changed, in any order. It follows a book that stands at previousUpdateId or later, and before lastUpdateId. */
export interface BookDepthChanged {
  readonly type: 'BookDepthChanged'
  readonly instrument: string
  /** Of the update before the first one in it */
  readonly previousUpdateId: number
  /** Of the last update in it */
  readonly lastUpdateId: number
  /** New quantity of each price; 0: the level is gone */
  readonly bids: readonly BookLevel[]
  /** New quantity of each price; 0: the level is gone */
  readonly asks: readonly BookLevel[]
}

/** The visible book, best level first; replaces the one before. */
export interface BookDepthUpdated {
  readonly type: 'BookDepthUpdated'
  readonly instrument: string
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

/** The whole book, best level first, as it was after one of its updates; changes go on from there. */
export interface BookSnapshotTaken {
  readonly type: 'BookSnapshotTaken'
  readonly instrument: string
  /** Of the last update in it */
  readonly updateId: number
  readonly bids: readonly BookLevel[]
  readonly asks: readonly BookLevel[]
}

/** Best bid and ask of the venue. */
export interface BookTopUpdated {
  readonly type: 'BookTopUpdated'
  readonly instrument: string
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
}

/** The funding rate of the running interval. */
export interface FundingRateUpdated {
  readonly type: 'FundingRateUpdated'
  readonly instrument: string
  /** Per interval; above zero longs pay */
  readonly rate: Decimal
  readonly nextFundingAt: number
}

/** A price of one index source. */
export interface IndexComponentPriced {
  readonly type: 'IndexComponentPriced'
  readonly instrument: string
  readonly source: string
  readonly priceTicks: number
  /** The source's own time; checked for plausibility only */
  readonly sourceTime: number
}

/** A trade on the venue. */
export interface TradePrinted {
  readonly type: 'TradePrinted'
  readonly instrument: string
  readonly priceTicks: number
  readonly quantityLots: number
  readonly aggressor: Side
}

/** No new order; working orders are cancelled; evaluation goes on. */
export interface KillSwitchEngaged {
  readonly type: 'KillSwitchEngaged'
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
  /** When it lapses by itself; null: never */
  readonly expiresAt: null | number
}

/** Liquidations go on. */
export interface KillSwitchReleased {
  readonly type: 'KillSwitchReleased'
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
  /** When it lapses by itself; null: never */
  readonly expiresAt: null | number
}

/** From now on liquidations are asked of the venue (live), or only planned (shadow). */
export interface ModeChanged {
  readonly type: 'ModeChanged'
  readonly mode: OperatingMode
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
}

/** Liquidations triggered from now on follow this version of the policy, whatever is set after it; when it lapses, the version set last is followed again. */
export interface PolicyActivated {
  readonly type: 'PolicyActivated'
  readonly policy: string
  readonly version: number
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
  /** When it lapses by itself; null: never */
  readonly expiresAt: null | number
}

/** A refused record was written to its topic once more; a dead letter is redriven once. */
export interface RecordRedriven {
  readonly type: 'RecordRedriven'
  /** Id of the InputRefused event that the dead letter was made from */
  readonly deadLetter: string
  readonly topic: string
  readonly partition: number
  /** Where the record was refused */
  readonly offset: number
  /** SHA-256 of the bytes written: those refused, or corrected ones */
  readonly valueHash: Sha256
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
}

/** One scope is not liquidated. */
export interface ScopeHeld {
  readonly type: 'ScopeHeld'
  readonly scope: string
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
  /** When it lapses by itself; null: never */
  readonly expiresAt: null | number
}

/** The scope is liquidated again. */
export interface ScopeReleased {
  readonly type: 'ScopeReleased'
  readonly scope: string
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
  /** When it lapses by itself; null: never */
  readonly expiresAt: null | number
}

/** One scope is liquidated, and restored, by a trigger ratio of its own instead of its policy's. */
export interface TriggerOverridden {
  readonly type: 'TriggerOverridden'
  readonly scope: string
  /** Liquidate when equity is below this multiple of maintenance margin; null: as the policy says */
  readonly triggerRatio: null | Decimal
  /** Who decided */
  readonly actor: string
  /** Why */
  readonly reason: string
  /** Second approver, where one is asked for */
  readonly approver: null | string
  /** When it lapses by itself; null: never */
  readonly expiresAt: null | number
}

/** The book of an instrument is no longer known. Its liquidity is published as nothing until it is. */
export interface BookDistrusted {
  readonly type: 'BookDistrusted'
  readonly meta: Meta
  readonly instrument: string
  /** snapshot_missing, updates_missing or book_crossed */
  readonly reason: string
  /** Up to which the book was known */
  readonly updateId: null | number
  /** previousUpdateId of the change that does not follow */
  readonly nextUpdateId: null | number
}

/** What the book holds near the mid price; nothing at all where the book is not known. */
export interface BookLiquidityUpdated {
  readonly type: 'BookLiquidityUpdated'
  readonly meta: Meta
  readonly instrument: string
  readonly bidTicks: number
  readonly askTicks: number
  readonly bands: readonly LiquidityBand[]
}

/** The book of an instrument is known again, from a whole book and what followed it. */
export interface BookTrusted {
  readonly type: 'BookTrusted'
  readonly meta: Meta
  readonly instrument: string
  /** Of the last update in it; null: of a venue that numbers none */
  readonly updateId: null | number
}

/** The index changed. */
export interface IndexPriceUpdated {
  readonly type: 'IndexPriceUpdated'
  readonly meta: Meta
  readonly instrument: string
  readonly indexTicks: number
  readonly sourceCount: number
}

/** The mark price, and the three prices it is the median of. */
export interface MarkPriceUpdated {
  readonly type: 'MarkPriceUpdated'
  readonly meta: Meta
  readonly instrument: string
  readonly markTicks: number
  readonly indexTicks: number
  /** Index with the funding still to accrue */
  readonly fundingPriceTicks: number
  /** Index plus smoothed basis */
  readonly basisPriceTicks: number
  /** Last trade, if recent */
  readonly lastPriceTicks: null | number
  readonly quality: PriceQuality
}

/** The mark price may be trusted more, or less. */
export interface PriceQualityChanged {
  readonly type: 'PriceQualityChanged'
  readonly meta: Meta
  readonly instrument: string
  readonly from: PriceQuality
  readonly to: PriceQuality
  readonly reason: string
}

/** A source no longer counts. */
export interface PriceSourceExcluded {
  readonly type: 'PriceSourceExcluded'
  readonly meta: Meta
  readonly instrument: string
  readonly source: string
  /** stale or outlier */
  readonly reason: string
  readonly priceTicks: null | number
  readonly medianTicks: null | number
}

/** A source counts again. */
export interface PriceSourceRestored {
  readonly type: 'PriceSourceRestored'
  readonly meta: Meta
  readonly instrument: string
  readonly source: string
}

/** Trading is halted: no trigger, no slice. */
export interface InstrumentHalted {
  readonly type: 'InstrumentHalted'
  readonly instrument: string
  /** Version of this record; decisions name it */
  readonly version: number
  /** Who set it */
  readonly author: string
  /** Why it was set */
  readonly reason: string
}

/** A linear perpetual, or a new version of its record. */
export interface InstrumentListed {
  readonly type: 'InstrumentListed'
  readonly instrument: string
  /** Version of this record; decisions name it */
  readonly version: number
  /** Who set it */
  readonly author: string
  /** Why it was set */
  readonly reason: string
  readonly settlementCurrency: string
  /** Base units of one lot */
  readonly lotSize: Decimal
  /** Settlement currency of one tick */
  readonly tickSize: Decimal
  /** Smallest order, and smallest remainder a liquidation may leave (dust) */
  readonly orderLotsMin: number
  readonly orderLotsMax: number
  readonly insurancePool: string
}

/** Trading goes on. */
export interface InstrumentResumed {
  readonly type: 'InstrumentResumed'
  readonly instrument: string
  /** Version of this record; decisions name it */
  readonly version: number
  /** Who set it */
  readonly author: string
  /** Why it was set */
  readonly reason: string
}

/** An insurance pool and what it holds when first set. */
export interface InsurancePoolSet {
  readonly type: 'InsurancePoolSet'
  readonly pool: string
  /** Version of this record; decisions name it */
  readonly version: number
  /** Who set it */
  readonly author: string
  /** Why it was set */
  readonly reason: string
  readonly currency: string
  readonly balance: Decimal
}

/** How accounts are watched and liquidated. A liquidation keeps the version it started with. */
export interface LiquidationPolicySet {
  readonly type: 'LiquidationPolicySet'
  readonly policy: string
  /** Version of this record; decisions name it */
  readonly version: number
  /** Who set it */
  readonly author: string
  /** Why it was set */
  readonly reason: string
  readonly mode: LiquidationMode
  /** Liquidate when equity is below this multiple of maintenance margin */
  readonly triggerRatio: Decimal
  /** Margin restored is (1 + buffer) times maintenance margin */
  readonly restoreBuffer: Decimal
  readonly expectedSlippage: Decimal
  /** Liquidation fee on the notional filled */
  readonly feeRate: Decimal
  /** Largest part of the visible book one slice may take */
  readonly bookFraction: Decimal
  /** How far from the mid price the book counts as visible */
  readonly bookDistanceRate: Decimal
  /** Between slices */
  readonly cooldownMs: number
  /** Without an answer after this the liquidation pauses and asks again */
  readonly orderTimeoutMs: number
  /** A statement older than this starts no order */
  readonly triggerMaxAgeMs: number
  /** Slices in a row without a fill before the insurance fund is asked */
  readonly unfilledSlicesMax: number
  /** How long deleveraging candidates are gathered */
  readonly candidateDeadlineMs: number
  /** Candidates each evaluator reports */
  readonly candidatesMax: number
  /** Descending; the first one issues a margin call */
  readonly marginCallRatios: readonly Decimal[]
  /** A call clears at ratio x (1 + hysteresis) */
  readonly marginCallHysteresis: Decimal
  /** Shortest time between two changes of status that are not liquidations */
  readonly marginCallDwellMs: number
  /** At most one report of an unchanged account under liquidation in this time */
  readonly riskReportIntervalMs: number
  readonly profileIntervalMs: number
  /** How long a record waits for an instrument not yet known */
  readonly parkMs: number
}

/** How index and mark price of one instrument are made. */
export interface PriceSourcesSet {
  readonly type: 'PriceSourcesSet'
  readonly instrument: string
  /** Version of this record; decisions name it */
  readonly version: number
  /** Who set it */
  readonly author: string
  /** Why it was set */
  readonly reason: string
  readonly sources: readonly PriceSource[]
  /** Sources needed for a good index */
  readonly quorum: number
  readonly sourceMaxAgeMs: number
  /** A source further than this from the median is left out */
  readonly outlierRate: Decimal
  readonly lastPriceMaxAgeMs: number
  readonly basisWindowMs: number
  readonly basisSampleMs: number
  readonly fundingIntervalMs: number
  readonly markIntervalMs: number
  /** Ascending distances from the mid price at which the book is summed */
  readonly liquidityDistanceRates: readonly Decimal[]
  readonly liquidityIntervalMs: number
}

/** The maintenance brackets of one instrument. */
export interface RiskTiersSet {
  readonly type: 'RiskTiersSet'
  readonly instrument: string
  /** Version of this record; decisions name it */
  readonly version: number
  /** Who set it */
  readonly author: string
  /** Why it was set */
  readonly reason: string
  /** Ascending, continuous */
  readonly tiers: readonly RiskTier[]
}

/** The venue's own engine liquidated, or ordered to. For shadow mode to compare with; nothing is decided by it. */
export interface VenueLiquidationReported {
  readonly type: 'VenueLiquidationReported'
  readonly instrument: string
  /** Whose position, where the venue says it */
  readonly scope: null | string
  /** The venue's id of the order or fill; repeats are recognised by it */
  readonly venueId: null | string
  readonly stage: LiquidationStage
  /** Of the order that closes the position */
  readonly side: Side
  /** Lots ordered or filled, by stage */
  readonly quantityLots: number
  /** Mean price of the fill, or limit or bankruptcy price of the order; quotes need not lie on a tick */
  readonly price: null | Decimal
  /** The venue's own time */
  readonly venueTime: number
}

export type AccountsEvent =
  | AccountChanged
  | AccountClosed
  | AccountUpdated
  | SnapshotCompleted

export type CascadeAnalyticsEvent =
  | CascadeClosed
  | CascadeExtended
  | CascadeOpened
  | CliffDetected
  | HeatMapUpdated
  | InputRefused

export type ExecutionReportsEvent =
  | DeleveragingExecuted
  | DeleveragingRejected
  | FeeBooked
  | FundMovementBooked
  | FundMovementRefused
  | LossShareBooked
  | OrderAccepted
  | OrderExpired
  | OrderFilled
  | OrderRejected
  | OrdersCancelled

export type LiquidationExecutionEvent =
  | DeleveragingOrdered
  | DeleveragingRequested
  | FundMovementRequested
  | LiquidationAverted
  | LiquidationCompleted
  | LiquidationFeeRequested
  | LiquidationHalted
  | LiquidationOrderPlaced
  | LiquidationPaused
  | LiquidationResumed
  | LiquidationStarted
  | LossShareRequested
  | OrderCancellationRequested
  | PoolReleased
  | PoolReserved
  | PositionReduced
  | SlicePlanned
  | InputRefused

export type MarginEvaluationEvent =
  | AccountRiskReported
  | DeleveragingCandidatesRanked
  | LiquidationProfileReported
  | LiquidationTriggered
  | MarginCallCleared
  | MarginCallIssued
  | MarginStatusChanged
  | ScopeDistrusted
  | ScopeTrusted
  | InputRefused

export type MarketDataEvent =
  | BookDepthChanged
  | BookDepthUpdated
  | BookSnapshotTaken
  | BookTopUpdated
  | FundingRateUpdated
  | IndexComponentPriced
  | TradePrinted

export type OperationsEvent =
  | KillSwitchEngaged
  | KillSwitchReleased
  | ModeChanged
  | PolicyActivated
  | RecordRedriven
  | ScopeHeld
  | ScopeReleased
  | TriggerOverridden

export type PriceEvent =
  | BookDistrusted
  | BookLiquidityUpdated
  | BookTrusted
  | IndexPriceUpdated
  | MarkPriceUpdated
  | PriceQualityChanged
  | PriceSourceExcluded
  | PriceSourceRestored
  | InputRefused

export type ReferenceDataEvent =
  | InstrumentHalted
  | InstrumentListed
  | InstrumentResumed
  | InsurancePoolSet
  | LiquidationPolicySet
  | PriceSourcesSet
  | RiskTiersSet

export type VenueLiquidationsEvent =
  | VenueLiquidationReported

export type SluiceEvent =
  | AccountsEvent
  | CascadeAnalyticsEvent
  | ExecutionReportsEvent
  | LiquidationExecutionEvent
  | MarginEvaluationEvent
  | MarketDataEvent
  | OperationsEvent
  | PriceEvent
  | ReferenceDataEvent
  | VenueLiquidationsEvent
