import type {
  CascadeAnalyticsEvent,
  PositionReduced,
  Side,
} from '@sluice/contracts/generated/events'
import type { CascadeCluster } from '@sluice/domain/cascade-clusters'
import { stepCluster } from '@sluice/domain/cascade-clusters'
import type { Decimal } from '@sluice/domain/decimal'
import { ZERO } from '@sluice/domain/decimal'
import type { Turn } from '@sluice/stream-runtime/processor'
import type { AnalyticsSettings } from './settings.ts'
import type { Cascade, Liquidation, Market } from './state.ts'
import { openCascades } from './state.ts'

type AnalyticsTurn = Turn<CascadeAnalyticsEvent>

/** A reduction on its way into a cascade. */
export interface Reduction {
  readonly event: PositionReduced
  readonly id: string
  readonly liquidation: Liquidation
}

/** Takes a reduction into the cascade of its market and side: closes what is over, opens what is new, counts who joins. */
export function takeReduction(
  market: Market,
  reduction: Reduction,
  { settings, turn }: { readonly settings: AnalyticsSettings; readonly turn: AnalyticsTurn },
): void {
  const { event, id } = reduction
  const open = cascadeOf(market, event.side)
  const { meta, notional } = event
  const step = stepCluster(open?.cluster, { id, time: meta.time, notional }, settings.gapMs)
  if (open !== null && step.closed !== undefined) closeCascade(market, open, turn)
  const cascade = step.opened ? openCascade(market, reduction, step.current) : open
  if (cascade === null) return
  cascade.cluster = step.current
  cascade.readAt = turn.now
  addCost(market, cascade, event)
  if (step.opened) publishOpened(cascade, reduction, turn)
  join(cascade, reduction, turn)
}

export function cascadeOf(market: Market, side: Side): Cascade | null {
  return side === 'sell' ? market.selling : market.buying
}

function setCascade(market: Market, side: Side, cascade: Cascade | null): void {
  if (side === 'sell') market.selling = cascade
  else market.buying = cascade
}

function openCascade(market: Market, { event }: Reduction, cluster: CascadeCluster): Cascade {
  const cascade: Cascade = {
    instrument: market.instrument,
    side: event.side,
    cluster,
    readAt: event.meta.time,
    members: new Map(),
    openTicks: event.markTicks,
    extremeTicks: event.markTicks,
    slippageCost: ZERO,
    fundDraw: ZERO,
    deleveragedNotional: ZERO,
  }
  setCascade(market, event.side, cascade)
  return cascade
}

function publishOpened(cascade: Cascade, { event }: Reduction, turn: AnalyticsTurn): void {
  turn.emit({
    type: 'CascadeOpened',
    cascadeId: cascade.cluster.id,
    instrument: cascade.instrument,
    side: cascade.side,
    liquidationId: event.liquidationId,
    markTicks: event.markTicks,
  })
}

/** Slippage is what an order gave up against the mark; an offset against another scope has no slippage. */
function addCost(market: Market, cascade: Cascade, event: PositionReduced): void {
  followMark(cascade, event.markTicks)
  if (event.mechanism === 'deleveraging') {
    cascade.deleveragedNotional = cascade.deleveragedNotional.plus(event.notional)
    return
  }
  cascade.slippageCost = cascade.slippageCost.plus(slippageOf(market, event))
}

/** sell: (mark − price) × lots × tickValue; buy: (price − mark) × lots × tickValue. Exact. */
function slippageOf({ listing }: Market, event: PositionReduced): Decimal {
  const { side, markTicks, priceTicks, quantityLots } = event
  const ticks = side === 'sell' ? markTicks - priceTicks : priceTicks - markTicks
  return listing.tickValue.times(ticks).times(Math.abs(quantityLots))
}

/** Each liquidation joins a cascade once, the one that opened it first of all. */
function join(cascade: Cascade, { event, liquidation }: Reduction, turn: AnalyticsTurn): void {
  const { liquidationId } = event
  const { parentId, generation } = liquidation
  const { instrument, side, cluster, members } = cascade
  liquidation.lastCascade = { instrument, side, id: cluster.id }
  if (members.has(liquidationId)) return
  members.set(liquidationId, generation)
  turn.emit(
    {
      type: 'CascadeExtended',
      cascadeId: cluster.id,
      instrument,
      side,
      liquidationId,
      parentLiquidationId: parentId,
      generation,
      notional: cluster.notional,
    },
    parentId === null ? [turn.inputId] : [turn.inputId, parentId],
  )
}

/** The furthest mark in the direction in which the cascade pushes. */
export function followMark(cascade: Cascade, markTicks: number): void {
  const further = cascade.side === 'sell' ? Math.min : Math.max
  cascade.extremeTicks = further(cascade.extremeTicks, markTicks)
}

/** What the fund paid for a liquidation counts in the cascade that its last reduction went to, while that is open. */
export function addFundDraw(
  markets: ReadonlyMap<string, Market>,
  liquidation: Liquidation,
  fundDraw: Decimal,
): void {
  const { lastCascade } = liquidation
  if (lastCascade === null) return
  const market = markets.get(lastCascade.instrument)
  const cascade = market === undefined ? null : cascadeOf(market, lastCascade.side)
  if (cascade?.cluster.id !== lastCascade.id) return
  cascade.fundDraw = cascade.fundDraw.plus(fundDraw)
}

/** When the first open cascade of the market is over; Infinity without one. Counts from when its last reduction was read. */
export function closesAt(market: Market, gapMs: number): number {
  return Math.min(...openCascades(market).map(({ readAt }) => readAt + gapMs + 1))
}

export function closeDue(market: Market, gapMs: number, turn: AnalyticsTurn): void {
  for (const cascade of openCascades(market)) {
    if (cascade.readAt + gapMs < turn.now) closeCascade(market, cascade, turn)
  }
}

function closeCascade(market: Market, cascade: Cascade, turn: AnalyticsTurn): void {
  const { cluster, members, instrument, side } = cascade
  const generations = [...members.values()]
  turn.emit(
    {
      type: 'CascadeClosed',
      cascadeId: cluster.id,
      instrument,
      side,
      liquidations: members.size,
      reductions: cluster.reductions,
      generations: 1 + Math.max(...generations) - Math.min(...generations),
      notional: cluster.notional,
      openTicks: cascade.openTicks,
      extremeTicks: cascade.extremeTicks,
      slippageCost: cascade.slippageCost,
      fundDraw: cascade.fundDraw,
      deleveragedNotional: cascade.deleveragedNotional,
      openedAt: cluster.openedAt,
      lastAt: cluster.lastAt,
    },
    [turn.inputId, cluster.id],
  )
  setCascade(market, side, null)
}
