import type {
  DeleveragingCandidatesRanked,
  DeleveragingOrdered,
  ExecutionReportsEvent,
  FundMovementRequested,
  LiquidationExecutionEvent,
  LiquidationFeeRequested,
  LiquidationOrderPlaced,
  LossShareRequested,
  OrderCancellationRequested,
  RiskStatement,
} from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import { metaOf } from '@sluice/testkit/given'
import type { ExecutionInput } from '../src/processor.ts'
import { BTC, ETH, dec, statementOf } from './fixtures.ts'

/** What a scope owns at the venue. */
export interface Account {
  readonly scope: string
  wallet: Decimal
  readonly positions: Map<string, { lots: number; entry: Decimal }>
  sequence: number
  openOrders: boolean
  /** Liquidation that runs, as the evaluator knows it */
  liquidationId: string | null
  /** Lots closed by the trader or by others than our orders, with the ledger sequence */
  readonly closed: { sequence: number; instrument: string; lots: number }[]
  /** Orders that came before this event are given up */
  cancelledBefore: number
}

type Request = Extract<LiquidationExecutionEvent, { readonly meta: unknown }>

/** Money and quantity that the venue moved for one liquidation. */
export interface Moved {
  reduced: Decimal
  deleveraged: Decimal
  fees: Decimal
  fund: Decimal
  shared: Decimal
}

/**
 * A small exchange with its evaluator: a ledger, a book of so many lots at the mark, a pool. It answers each request id once, the
 * same way again when asked again. What it does is decided by the caller, so that a test can do it in any order.
 */
export class Venue {
  readonly accounts = new Map<string, Account>()
  readonly marks = new Map([
    [BTC, 495_000],
    [ETH, 495_000],
  ])
  readonly requests: Request[] = []
  /** By scope, in order */
  readonly reports = new Map<string, ExecutionReportsEvent[]>()
  readonly statements: ExecutionInput[] = []
  readonly moved = new Map<string, Moved>()
  readonly executions: string[] = []
  readonly faults: string[] = []
  now = 0
  bookLots = 100_000
  pool: Decimal
  winners: Decimal
  counterpartyLots: number
  #answers = new Map<string, readonly ExecutionReportsEvent[]>()
  #statementById = new Map<string, RiskStatement>()
  #sequence = 0

  constructor(options: { pool: number; winners: number; counterpartyLots: number }) {
    this.pool = dec(options.pool)
    this.winners = dec(options.winners)
    this.counterpartyLots = options.counterpartyLots
  }

  add(scope: string, wallet: Decimal, positions: Readonly<Record<string, number>>): void {
    const entries = Object.entries(positions).map(
      ([instrument, lots]) => [instrument, { lots, entry: dec(lots * 50) }] as const,
    )
    this.accounts.set(scope, {
      ...{ scope, wallet, positions: new Map(entries), sequence: 1, openOrders: scope === 'bob' },
      ...{ liquidationId: null, closed: [], cancelledBefore: 0 },
    })
  }

  /** Takes what the executor wrote. */
  hear(events: readonly LiquidationExecutionEvent[]): void {
    for (const event of events) {
      if (event.type === 'LiquidationCompleted' || event.type === 'LiquidationAverted') {
        this.accounts.get(event.scope)!.liquidationId = null
        this.evaluate(this.accounts.get(event.scope)!)
      } else if (event.type === 'DeleveragingRequested') {
        this.statements.push(this.#candidates(event, 0), this.#candidates(event, 1))
      } else this.requests.push(event)
    }
  }

  /** What the evaluator says of a scope after its account or a price changed. */
  evaluate(account: Account): void {
    this.#sequence += 1
    const id = `margin-evaluation-0/${this.#sequence}`
    const statement = this.statementOf(account)
    if (account.liquidationId !== null) {
      const { liquidationId } = account
      this.#push({
        type: 'AccountRiskReported',
        meta: metaOf(this.#sequence),
        liquidationId,
        statement,
      })
    } else if (statement.equity.lt(statement.maintenanceMargin)) {
      account.liquidationId = id
      this.#push({
        type: 'LiquidationTriggered',
        meta: metaOf(this.#sequence),
        statement,
        triggerRatio: null,
      })
    } else return
    this.#statementById.set(id, statement)
  }

  statementOf(account: Account): RiskStatement {
    const { scope, wallet, sequence: ledgerSequence, openOrders } = account
    const holdings = [...account.positions].map(([instrument, { lots, entry }]) => ({
      ...{ instrument, quantityLots: lots, entryNotional: entry },
      markTicks: this.marks.get(instrument)!,
    }))
    return statementOf({
      ...{ scope, wallet, ledgerSequence, evaluatedAt: this.now, holdings },
      openOrders: openOrders ? [{ instrument: BTC, side: 'buy', quantityLots: 1 }] : [],
    })
  }

  deposit(account: Account, amount: Decimal): void {
    account.wallet = account.wallet.plus(amount)
    this.#changed(account)
  }

  /** The trader closes part of a position himself, at the mark. */
  traderCloses(account: Account, instrument: string, lots: number): void {
    const held = account.positions.get(instrument)
    if (held === undefined) return
    const closed = Math.min(lots, Math.abs(held.lots))
    this.#close(account, { instrument, lots: closed, ticks: this.marks.get(instrument)! })
    account.closed.push({ sequence: account.sequence, instrument, lots: closed })
    this.evaluate(account)
  }

  /** Answers a request; asked again, it answers the same. */
  answer(request: Request): void {
    const key = 'clientOrderId' in request ? request.clientOrderId : requestIdOf(request)
    if (key === undefined) return
    const known = this.#answers.get(key)
    const answers = known ?? this.#decide(request)
    if (known === undefined) this.#answers.set(key, answers)
    const scope = 'scope' in request ? request.scope : ''
    this.reports.set(scope, [...(this.reports.get(scope) ?? []), ...answers])
  }

  movedBy(liquidationId: string): Moved {
    const zero = {
      reduced: dec(0),
      deleveraged: dec(0),
      fees: dec(0),
      fund: dec(0),
      shared: dec(0),
    }
    const moved = this.moved.get(liquidationId) ?? zero
    this.moved.set(liquidationId, moved)
    return moved
  }

  #decide(request: Request): readonly ExecutionReportsEvent[] {
    switch (request.type) {
      case 'LiquidationOrderPlaced':
        return this.#match(request)
      case 'OrderCancellationRequested':
        return [this.#cancel(request)]
      case 'LiquidationFeeRequested':
        return [this.#fee(request)]
      case 'FundMovementRequested':
        return [this.#fund(request)]
      case 'DeleveragingOrdered':
        return [this.#deleverage(request)]
      case 'LossShareRequested':
        return [this.#share(request)]
      default:
        return []
    }
  }

  #match(order: LiquidationOrderPlaced): readonly ExecutionReportsEvent[] {
    const account = this.accounts.get(order.scope)!
    const { clientOrderId, scope, instrument, side } = order
    const head = { clientOrderId, scope, instrument }
    const held = account.positions.get(instrument)?.lots ?? 0
    this.#judge(order, account, held)
    const isOpposite = side === 'sell' ? held > 0 : held < 0
    if (order.meta.sequence < account.cancelledBefore || !isOpposite) {
      return [{ type: 'OrderRejected', ...head, reason: 'reduce_only_or_cancelled' }]
    }
    const ticks = this.marks.get(instrument)!
    const crosses = side === 'sell' ? ticks >= order.limitTicks : ticks <= order.limitTicks
    const lots = crosses ? Math.min(order.quantityLots, Math.abs(held), this.bookLots) : 0
    const half = Math.floor(lots / 2)
    const fills = [half, lots - half]
      .filter(part => part > 0)
      .map(part => {
        this.#close(account, { instrument, lots: part, ticks })
        const executionId = this.#execution()
        const moved = this.movedBy(order.liquidationId)
        moved.reduced = moved.reduced.plus(dec(part).times(ticks).times('0.0001'))
        const ledgerSequence = account.sequence
        return {
          type: 'OrderFilled' as const,
          ...{ ...head, executionId, side, priceTicks: ticks },
          ...{ quantityLots: part, ledgerSequence },
        }
      })
    if (lots > 0) this.evaluate(account)
    const ledgerSequence = account.sequence
    const rest = { type: 'OrderExpired' as const, ...head, filledLots: lots, ledgerSequence }
    return [
      { type: 'OrderAccepted', ...head, venueOrderId: `v-${clientOrderId}` },
      ...fills,
      ...(lots < order.quantityLots ? [rest] : []),
    ]
  }

  /** No order may exceed the statement it names, nor the position less what the trader closed since that statement. */
  #judge(order: LiquidationOrderPlaced, account: Account, held: number): void {
    const statement = this.#statementById.get(order.statementId)
    const position = statement?.positions.find(p => p.instrument === order.instrument)
    const stated = Math.abs(position?.quantityLots ?? 0)
    const closed = account.closed
      .filter(
        c => c.sequence > (statement?.ledgerSequence ?? 0) && c.instrument === order.instrument,
      )
      .reduce((sum, { lots }) => sum + lots, 0)
    if (order.quantityLots > stated)
      this.faults.push(`${order.clientOrderId} exceeds its statement`)
    if (order.quantityLots > Math.abs(held) + closed) {
      this.faults.push(`${order.clientOrderId}: ${order.quantityLots} of ${held}, closed ${closed}`)
    }
  }

  #cancel(request: OrderCancellationRequested): ExecutionReportsEvent {
    const { scope, requestId } = request
    const account = this.accounts.get(scope)!
    account.cancelledBefore = Math.max(account.cancelledBefore, request.meta.sequence)
    const orderCount = Number(account.openOrders)
    account.openOrders = false
    this.#changed(account)
    const ledgerSequence = account.sequence
    return { type: 'OrdersCancelled', requestId, scope, orderCount, ledgerSequence }
  }

  #fee(request: LiquidationFeeRequested): ExecutionReportsEvent {
    const { scope, requestId, pool, currency } = request
    const account = this.accounts.get(scope)!
    const equity = Decimal.max(0, this.statementOf(account).equity)
    const amount = Decimal.min(request.amount, equity)
    this.pool = this.pool.plus(amount)
    const moved = this.movedBy(request.liquidationId)
    moved.fees = moved.fees.plus(amount)
    this.deposit(account, amount.neg())
    return {
      type: 'FeeBooked',
      ...{ requestId, executionId: this.#execution(false), pool, scope },
      ...{ currency, amount, poolBalance: this.pool, ledgerSequence: account.sequence },
    }
  }

  #fund(request: FundMovementRequested): ExecutionReportsEvent {
    const { scope, requestId, pool, currency, amount } = request
    const account = this.accounts.get(scope)!
    if (amount.gt(this.pool)) {
      const reason = 'pool_exhausted'
      return { type: 'FundMovementRefused', requestId, pool, scope, reason, poolBalance: this.pool }
    }
    this.pool = this.pool.minus(amount)
    const moved = this.movedBy(request.liquidationId)
    moved.fund = moved.fund.plus(amount)
    this.deposit(account, amount)
    return {
      ...{
        type: 'FundMovementBooked',
        requestId,
        executionId: this.#execution(false),
        pool,
        scope,
      },
      ...{ currency, amount, poolBalance: this.pool, ledgerSequence: account.sequence },
    }
  }

  #deleverage(request: DeleveragingOrdered): ExecutionReportsEvent {
    const { scope, requestId, counterparty, instrument, side, priceTicks } = request
    const account = this.accounts.get(scope)!
    const held = Math.abs(account.positions.get(instrument)?.lots ?? 0)
    const lots = Math.min(this.counterpartyLots, request.quantityLots, held)
    if (lots === 0) {
      const reason = 'no_candidacy'
      return { type: 'DeleveragingRejected', requestId, scope, counterparty, instrument, reason }
    }
    this.counterpartyLots -= lots
    this.#close(account, { instrument, lots, ticks: priceTicks })
    account.closed.push({ sequence: account.sequence, instrument, lots })
    const moved = this.movedBy(request.liquidationId)
    moved.deleveraged = moved.deleveraged.plus(dec(lots).times(priceTicks).times('0.0001'))
    this.evaluate(account)
    return {
      type: 'DeleveragingExecuted',
      ...{ requestId, executionId: this.#execution(), scope },
      ...{ counterparty, instrument, side, priceTicks, quantityLots: lots },
      ledgerSequence: account.sequence,
    }
  }

  #share(request: LossShareRequested): ExecutionReportsEvent {
    const { scope, requestId, currency } = request
    const account = this.accounts.get(scope)!
    const amount = Decimal.min(request.amount, this.winners)
    this.winners = this.winners.minus(amount)
    const moved = this.movedBy(request.liquidationId)
    moved.shared = moved.shared.plus(amount)
    this.deposit(account, amount)
    return {
      type: 'LossShareBooked',
      ...{ requestId, executionId: this.#execution(false), scope },
      ...{ currency, amount, contributorCount: 1, ledgerSequence: account.sequence },
    }
  }

  #candidates(
    request: Extract<LiquidationExecutionEvent, { type: 'DeleveragingRequested' }>,
    evaluator: number,
  ): DeleveragingCandidatesRanked {
    const { requestId, liquidationId, instrument, side } = request
    const lots = Math.ceil(this.counterpartyLots / 2) * (side === 'long' ? -1 : 1)
    this.#sequence += 1
    const candidate = {
      scope: `winner-${evaluator}`,
      unrealisedProfit: dec(1),
      score: 2 - evaluator,
    }
    return {
      type: 'DeleveragingCandidatesRanked',
      ...{ meta: metaOf(this.#sequence), requestId },
      ...{ liquidationId, instrument, evaluator: `margin-evaluation-${evaluator}` },
      candidates: lots === 0 ? [] : [{ ...candidate, quantityLots: lots }],
    }
  }

  #close(
    account: Account,
    { instrument, lots, ticks }: { instrument: string; lots: number; ticks: number },
  ) {
    const held = account.positions.get(instrument)!
    const signed = held.lots > 0 ? lots : -lots
    const entry =
      signed === held.lots
        ? held.entry
        : held.entry.times(signed).div(held.lots).toDecimalPlaces(12)
    account.wallet = account.wallet.plus(dec(signed).times(ticks).times('0.0001')).minus(entry)
    held.lots -= signed
    held.entry = held.entry.minus(entry)
    if (held.lots === 0) account.positions.delete(instrument)
    account.sequence += 1
  }

  #changed(account: Account): void {
    account.sequence += 1
    this.evaluate(account)
  }

  #push(event: ExecutionInput): void {
    this.statements.push(event)
  }

  #execution(isReduction = true): string {
    this.#sequence += 1
    const id = `x-${this.#sequence}`
    if (isReduction) this.executions.push(id)
    return id
  }
}

function requestIdOf(request: Request): string | undefined {
  return 'requestId' in request && request.type !== 'PositionReduced'
    ? request.requestId
    : undefined
}
