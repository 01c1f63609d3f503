import type { Decimal } from '@sluice/domain/decimal'
import { ZERO } from '@sluice/domain/decimal'
import type { InstrumentSpec } from '@sluice/domain/instrument'
import type { RiskTier } from '@sluice/domain/tiers'
import type {
  DeleveragingCandidate,
  LiquidationPolicySet,
  LiquidityBand,
  OperatingMode,
  PositionSide,
  PriceQuality,
  RiskStatement,
  Side,
} from '@sluice/contracts/generated/events'
import { countWorking, openLots, workingOrder } from './book.ts'
import type { BookSide } from './book.ts'
import type { Deadlines } from './deadlines.ts'
import { newDeadlines } from './deadlines.ts'
import type { PoolAmounts } from './pool-amounts.ts'
import type { HaltReason, PauseReason } from './reasons.ts'
import { enqueue } from './room.ts'

export interface Instrument {
  readonly version: number
  readonly spec: InstrumentSpec
  readonly currency: string
  readonly pool: string
}

export interface Tiers {
  readonly version: number
  readonly tiers: readonly RiskTier[]
}

/** The part of a policy record that liquidating needs. */
export type Policy = Pick<
  LiquidationPolicySet,
  | 'bookDistanceRate'
  | 'bookFraction'
  | 'candidateDeadlineMs'
  | 'cooldownMs'
  | 'expectedSlippage'
  | 'feeRate'
  | 'mode'
  | 'orderTimeoutMs'
  | 'policy'
  | 'restoreBuffer'
  | 'triggerMaxAgeMs'
  | 'triggerRatio'
  | 'unfilledSlicesMax'
  | 'version'
>

export interface Pool {
  readonly version: number
  readonly currency: string
  /** As of the latest booking known. */
  readonly balance: Decimal
}

export interface Mark {
  readonly eventId: string
  readonly markTicks: number
  readonly quality: PriceQuality
}

export interface BookBand extends LiquidityBand {
  /** Whole half ticks from the mid price within which the lots lie */
  readonly reachHalfTicks: number
}

/** Our own lots that were filled since a book was published; they count against it until then. */
export interface FilledLots {
  readonly lots: number
  readonly until: number
}

export interface Book {
  readonly eventId: string
  /** Task time when it came */
  readonly at: number
  readonly bidTicks: number
  readonly askTicks: number
  /** Narrowest first */
  readonly bands: readonly BookBand[]
  /** By the side of our orders */
  readonly filled: Readonly<Record<Side, FilledLots | null>>
}

/** An order of a person that stands until it is taken back or lapses. */
export interface Intervention {
  readonly expiresAt: number | null
}

/** A request that the venue has not answered. A repeat carries the same `requestId`, so that the venue acts once. */
export interface Asked {
  readonly requestId: string
  readonly askedAt: number
}

export interface PlacedOrder {
  readonly instrument: string
  readonly side: Side
  readonly quantityLots: number
  readonly filledLots: number
  /** What the venue said was filled when the rest expired; null: it has not said. */
  readonly expiredLots: number | null
}

/** One order to offset the scope against a counterparty. */
export interface Pair extends Asked {
  readonly counterparty: string
  readonly instrument: string
  readonly side: Side
  readonly quantityLots: number
  readonly priceTicks: number
  readonly rank: number
  readonly score: number
  readonly answered: boolean
}

export type DeleveragingCause = 'deficit' | 'unfilled'

/** One round of deleveraging. */
export interface DeleveragingRound {
  readonly requestId: string
  readonly cause: DeleveragingCause
  readonly instrument: string
  /** Of the position to be closed */
  readonly side: PositionSide
  readonly quantityLots: number
  readonly priceTicks: number
  readonly deadline: number
}

/**
 * What a liquidation waits for. At most one request is out at a time. What a pool sets aside for it (`reserved`) is no request.
 *
 *              ┌──────────── cancelling ◀── orders of the trader are open
 *              ▼                 ▲
 *   started ─▶ ready ────────────┘
 *              │ ▲
 *              ├─┼─▶ working ──── filled, expired, rejected, cancelled ──▶ ready
 *              ├─┼─▶ funding ──── booked or refused ──▶ ready           (a flat scope's debt, or what is left goes back)
 *              ├─┼─▶ charging ─── booked ──▶ ready                      (the fee, before the end)
 *              ├─┼─▶ gathering ── all evaluators answered, or deadline ─▶ deleveraging ── all pairs answered ─▶ ready
 *              ├─┼─▶ sharing ──── booked ──▶ ready
 *              ├─┴── halted ◀──── a person is needed; released ──▶ ready
 *              └───▶ over: completed (restored or closed) or averted, no longer in the state but remembered
 *
 * `ready` goes on only with a statement that contains everything known of the ledger. Being paused is beside the stages.
 */
export type Stage =
  | { readonly name: 'ready' }
  | { readonly name: 'cancelling'; readonly request: Asked }
  | {
      readonly name: 'working'
      readonly clientOrderId: string
      readonly placedAt: number
      readonly cancellation: Asked | null
    }
  | {
      readonly name: 'funding'
      readonly request: Asked
      readonly pool: string
      /** Above zero: the pool pays; below: what is left goes back */
      readonly amount: Decimal
    }
  | { readonly name: 'charging'; readonly request: Asked; readonly fee: Fee }
  | {
      readonly name: 'gathering'
      readonly round: DeleveragingRound
      /** By evaluator */
      readonly answers: ReadonlyMap<string, readonly DeleveragingCandidate[]>
    }
  | {
      readonly name: 'deleveraging'
      readonly round: DeleveragingRound
      /** Quantity that no pair stands for */
      readonly openLots: number
      /** Candidates not asked yet, best first */
      readonly ranked: readonly DeleveragingCandidate[]
      readonly nextRank: number
    }
  | { readonly name: 'sharing'; readonly request: Asked; readonly amount: Decimal }
  | { readonly name: 'halted'; readonly reason: HaltReason }
  | { readonly name: 'over' }

/** A fee on what was filled by orders and not charged for. */
export interface Fee {
  readonly pool: string
  readonly notional: Decimal
  readonly amount: Decimal
}

export interface Totals {
  readonly reducedNotional: Decimal
  readonly deleveragedNotional: Decimal
  /** Booked, not asked */
  readonly fees: Decimal
  /** Net of what went back */
  readonly fundDraw: Decimal
  readonly sharedLoss: Decimal
}

export interface Liquidation {
  readonly id: string
  readonly scope: string
  readonly policy: Policy
  readonly startedAt: number
  /** The latest statement, by ledger sequence, then by time. */
  statement: RiskStatement
  /** Event that carried it. */
  statementId: string
  /** False from the moment something put the statement in doubt until the next one. */
  statementFresh: boolean
  /** The next step needs a statement that contains this. */
  ledgerSequenceNeeded: number
  stage: Stage
  /** Sorted; as announced. */
  pauses: readonly PauseReason[]
  noAnswer: boolean
  /** Side of the book that the next slice waits for. */
  bookAwaited: BookSide | null
  readonly orders: Map<string, PlacedOrder>
  readonly pairs: Map<string, Pair>
  /** Execution ids applied. */
  readonly executions: Set<string>
  slices: number
  lastSliceAt: number | null
  /** In a row */
  unfilledSlices: number
  /** In a row */
  rejections: number
  /** In a row, without the orders being gone */
  cancellations: number
  /** The bound of a slice may use the whole equity of the scope, not only the position's share. */
  wholeEquity: boolean
  /** The pool refused: deleveraging is next. */
  fundRefused: boolean
  /** Deleveraging found too few: loss sharing is next. */
  lossShareDue: boolean
  /** A loss share was booked with nothing. */
  lossUncovered: boolean
  /** Pool of the position worked on last. */
  pool: string | null
  /** Set aside for it, by pool: nothing of it has been paid. */
  reserved: PoolAmounts
  /** Money of others in the wallet, by the pool it goes back to. */
  owed: PoolAmounts
  /** Notional filled by orders and not charged for, by the pool that the fee goes to. */
  uncharged: PoolAmounts
  totals: Totals
  /** When time alone makes it go on; null: it waits for an input. */
  deadline: number | null
}

/** What is kept of a liquidation that is over: enough to recognise a late or repeated fact. */
export interface EndedLiquidation {
  readonly id: string
  readonly scope: string
  readonly orderIds: readonly string[]
  readonly executions: Set<string>
}

export interface ParkedTrigger {
  readonly id: string
  readonly statement: RiskStatement
  /** The scope's own; null: its policy's */
  readonly triggerRatio: Decimal | null
  readonly deadline: number
}

/** What the fold knows; the snapshot holds exactly this. */
export interface Kept {
  readonly instruments: Map<string, Instrument>
  readonly halted: Set<string>
  readonly tiers: Map<string, Tiers>
  /** By `policyKey` */
  readonly policies: Map<string, Policy>
  readonly pools: Map<string, Pool>
  readonly marks: Map<string, Mark>
  readonly books: Map<string, Book>
  /** Whether the venue is asked for anything */
  mode: OperatingMode
  killSwitch: Intervention | null
  readonly holds: Map<string, Intervention>
  readonly untrusted: Set<string>
  /** By scope */
  readonly parked: Map<string, ParkedTrigger>
  /** By scope: at most one each */
  readonly liquidations: Map<string, Liquidation>
  /** By scope: in shadow mode, planned and watched only */
  readonly shadows: Map<string, Liquidation>
  /** Oldest first, at most `endedRemembered` */
  readonly ended: EndedLiquidation[]
}

/** Indexes that follow from what is kept, and are made anew after a restore. They decide nothing. */
export interface State extends Kept {
  readonly endedByOrder: Map<string, EndedLiquidation>
  readonly endedExecutions: Set<string>
  /** By side of the order and instrument, oldest first */
  readonly awaitingBook: Readonly<Record<Side, Map<string, Liquidation[]>>>
  /** Lots of our orders that the venue has not answered, by side and instrument */
  readonly workingLots: Readonly<Record<Side, Map<string, number>>>
  /** Set aside for liquidations, by pool */
  readonly reserved: Map<string, Decimal>
  readonly deadlines: Deadlines
}

export function emptyKept(mode: OperatingMode = 'live'): Kept {
  return {
    instruments: new Map(),
    halted: new Set(),
    tiers: new Map(),
    policies: new Map(),
    pools: new Map(),
    marks: new Map(),
    books: new Map(),
    mode,
    killSwitch: null,
    holds: new Map(),
    untrusted: new Set(),
    parked: new Map(),
    liquidations: new Map(),
    shadows: new Map(),
    ended: [],
  }
}

/** The state with its indexes. */
export function stateOf(kept: Kept): State {
  const state: State = {
    ...kept,
    endedByOrder: new Map(),
    endedExecutions: new Set(),
    awaitingBook: { buy: new Map(), sell: new Map() },
    workingLots: { buy: new Map(), sell: new Map() },
    reserved: new Map(),
    deadlines: newDeadlines(),
  }
  for (const ended of kept.ended) indexEnded(state, ended)
  for (const liquidation of kept.liquidations.values()) {
    enqueue(state, liquidation)
    const order = workingOrder(liquidation)
    if (order !== undefined) countWorking(state, order, openLots(order))
    if (liquidation.deadline !== null) {
      state.deadlines.push({ time: liquidation.deadline, liquidation })
    }
    for (const [pool, amount] of liquidation.reserved) countReserved(state, pool, amount)
  }
  return state
}

export function keptOf(state: State): Kept {
  const { instruments, halted, tiers, policies, pools, marks, books, mode, killSwitch } = state
  const { holds, untrusted, parked, liquidations, shadows, ended } = state
  const reference = { instruments, halted, tiers, policies, pools, marks, books }
  const decided = { mode, killSwitch, holds, untrusted }
  return { ...reference, ...decided, parked, liquidations, shadows, ended }
}

export function indexEnded(state: State, ended: EndedLiquidation): void {
  for (const orderId of ended.orderIds) state.endedByOrder.set(orderId, ended)
  for (const executionId of ended.executions) state.endedExecutions.add(executionId)
}

/** Adds to what a pool has set aside; a negative amount takes it back. */
export function countReserved(state: State, pool: string, amount: Decimal): void {
  state.reserved.set(pool, (state.reserved.get(pool) ?? ZERO).plus(amount))
}

export function policyKey(policy: string, version: number): string {
  return `${policy}@${version}`
}

/** Liquidations in order of scope: what is done to several is done in an order that every replay shares. */
export function liquidationsByScope(state: State): readonly Liquidation[] {
  return [...state.liquidations.keys()].sort().flatMap(scope => {
    const liquidation = state.liquidations.get(scope)
    return liquidation === undefined ? [] : [liquidation]
  })
}

/** Others paid for the scope: everything is closed, nothing is charged, and what is left goes back. */
export function isSupported(liquidation: Liquidation): boolean {
  return liquidation.owed.size > 0
}

/** Nothing has been asked of the venue that changes positions or money. */
export function isUntouched(liquidation: Liquidation): boolean {
  return (
    liquidation.slices === 0 && liquidation.pairs.size === 0 && liquidation.executions.size === 0
  )
}

/** The ledger moved: no further step before a statement contains it. */
export function awaitLedger(liquidation: Liquidation, ledgerSequence: number): void {
  if (ledgerSequence > liquidation.ledgerSequenceNeeded) {
    liquidation.ledgerSequenceNeeded = ledgerSequence
  }
}

/** Whether the statement contains every fill, cancellation and booking known, and nothing has put it in doubt. */
export function containsAllKnown(liquidation: Liquidation): boolean {
  const { statement, statementFresh, ledgerSequenceNeeded } = liquidation
  return statementFresh && statement.ledgerSequence >= ledgerSequenceNeeded
}
