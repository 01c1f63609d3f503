import type { PositionRisk, RiskStatement, Side } from '@sluice/contracts/generated/events'
import { Decimal, ZERO } from '@sluice/domain/decimal'
import type {
  AnalyticsState,
  ForcedTrade,
  Liquidation,
  Market,
  MarkPoint,
  Suspicion,
} from './state.ts'

/**
 * Which forced trades may have brought a scope to its trigger: the leg whose mark moved most against it over the lineage
 * window, and the side of orders that moves it so.
 *
 *   cost = lots × (reference − mark) × tickValue,   reference: the mark in force `lineageWindowMs` before the evaluation
 *
 * The largest cost above zero decides; ties by name. No leg moved against the scope: nobody's trades are suspected.
 */
export function suspicionOf(
  state: AnalyticsState,
  statement: RiskStatement,
  lineageWindowMs: number,
): Suspicion | null {
  const since = statement.evaluatedAt - lineageWindowMs
  let worst: Suspicion | null = null
  let worstCost = ZERO
  for (const leg of statement.positions) {
    const cost = costOfMove(state.markets.get(leg.instrument), leg, since)
    if (!isWorse(cost, leg.instrument, { worst, worstCost })) continue
    worst = { instrument: leg.instrument, side: leg.quantityLots > 0 ? 'sell' : 'buy' }
    worstCost = cost
  }
  return worst
}

function isWorse(
  cost: Decimal,
  instrument: string,
  { worst, worstCost }: { readonly worst: Suspicion | null; readonly worstCost: Decimal },
): boolean {
  if (!cost.gt(0) || cost.lt(worstCost)) return false
  return cost.gt(worstCost) || worst === null || instrument < worst.instrument
}

function costOfMove(market: Market | undefined, leg: PositionRisk, since: number): Decimal {
  if (market === undefined) return ZERO
  const reference = markAt(market, since)
  if (reference === undefined) return ZERO
  const ticks = new Decimal(reference - leg.markTicks)
  return ticks.times(leg.quantityLots).times(market.listing.tickValue)
}

/** The mark in force at a time, or the oldest one known after it. */
function markAt(market: Market, time: number): number | undefined {
  let found = market.marks[0]?.ticks
  for (const mark of market.marks) {
    if (mark.time > time) break
    found = mark.ticks
  }
  return found
}

/**
 * The parent of a liquidation: of those whose forced orders traded on the suspected leg and side within the lineage window
 * up to the evaluation, the one with the largest notional; ties go to the one that traded first. Its own scope is nobody's
 * parent. Found when its first reduction is read: by then everything the executor did before has been read as well.
 */
export function findParent(
  state: AnalyticsState,
  liquidation: Liquidation,
  lineageWindowMs: number,
): ForcedTrade | undefined {
  const { suspicion, evaluatedAt, scope } = liquidation
  if (suspicion === null) return undefined
  const market = state.markets.get(suspicion.instrument)
  if (market === undefined) return undefined
  const from = evaluatedAt - lineageWindowMs
  const [largest, ofAnother] = largestTraders(market, {
    side: suspicion.side,
    from,
    to: evaluatedAt,
  })
  return largest?.scope === scope ? ofAnother : largest
}

interface Window {
  readonly side: Side
  readonly from: number
  readonly to: number
}

/** The largest trader of a window, and the largest of any other scope, each by its first trade. */
type LargestTraders = readonly [ForcedTrade | undefined, ForcedTrade | undefined]

/**
 * The last answer for each side. A tick that triggers many asks the same of all of them; a trade that enters the window, or one
 * that leaves it, makes the answer void. Not a part of the state: with or without it every answer is the same.
 */
const answers = new WeakMap<Market, Map<Side, { window: Window; found: LargestTraders }>>()

function largestTraders(market: Market, window: Window): LargestTraders {
  const held = answers.get(market) ?? new Map<Side, { window: Window; found: LargestTraders }>()
  answers.set(market, held)
  const known = held.get(window.side)
  if (known?.window.from === window.from && known.window.to === window.to) return known.found
  const found = findLargestTraders(market.trades, window)
  held.set(window.side, { window, found })
  return found
}

interface Total {
  readonly first: ForcedTrade
  notional: number
}

/** Totals meet in the order of first trades, so that of equal ones the earlier counts. */
function findLargestTraders(trades: readonly ForcedTrade[], window: Window): LargestTraders {
  const totals = new Map<string, Total>()
  for (const trade of trades) {
    if (trade.side !== window.side || trade.time > window.to || trade.time < window.from) continue
    const total = totals.get(trade.liquidationId)
    if (total === undefined)
      totals.set(trade.liquidationId, { first: trade, notional: trade.notional })
    else total.notional += trade.notional
  }
  const largest = largestOf(totals.values())
  const others = [...totals.values()].filter(({ first }) => first.scope !== largest?.scope)
  return [largest, largestOf(others)]
}

function largestOf(totals: Iterable<Total>): ForcedTrade | undefined {
  let largest: Total | undefined
  for (const total of totals) {
    if (largest === undefined || total.notional > largest.notional) largest = total
  }
  return largest?.first
}

function forgetAnswers(
  market: Market,
  { added, keptFrom }: { added: number; keptFrom: number },
): void {
  const held = answers.get(market)
  for (const [side, { window }] of held ?? []) {
    if (added <= window.to || keptFrom > window.from) held?.delete(side)
  }
}

/** Notes a mark; keeps the window and the one in force when it began. */
export function noteMark(
  market: Market,
  { time, ticks, windowMs }: MarkPoint & { readonly windowMs: number },
): void {
  const { marks } = market
  market.markTicks = ticks
  if (marks[marks.length - 1]?.ticks === ticks) return
  marks.push({ time, ticks })
  const start = marks.findIndex(
    (_, index) => (marks[index + 1]?.time ?? Infinity) > time - windowMs,
  )
  if (start > 0) marks.splice(0, start)
}

/** Notes a forced trade; forgets those no evaluation still to come can look back on. */
export function noteTrade(market: Market, trade: ForcedTrade, keepMs: number): void {
  const keptFrom = trade.time - keepMs
  market.trades.push(trade)
  forgetAnswers(market, { added: trade.time, keptFrom })
  const kept = market.trades.findIndex(({ time }) => time >= keptFrom)
  if (kept > 0) market.trades.splice(0, kept)
}
