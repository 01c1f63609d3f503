import type { PositionReduced, PriceQuality, SluiceEvent } from '@sluice/contracts/generated/events'
import type { Instruments } from './instruments.ts'

/** What each type of event does to the metrics; types without an entry are only counted. */
export type Observers = {
  readonly [Type in SluiceEvent['type']]?: (event: Extract<SluiceEvent, { type: Type }>) => void
}

const BASIS_POINTS = 10_000
const MS_PER_S = 1_000

const isUsable = (quality: PriceQuality): number =>
  quality === 'good' || quality === 'degraded' ? 1 : 0

/** Cost of a fill against the mark price in basis points: above zero is worse than the mark. */
function slippageBps({ side, priceTicks, markTicks }: PositionReduced): number {
  const paidAbove = (priceTicks - markTicks) / markTicks
  return (side === 'buy' ? paidAbove : -paidAbove) * BASIS_POINTS
}

const priceObservers = (metrics: Instruments): Observers => ({
  MarkPriceUpdated: ({ instrument, quality }) =>
    metrics.markUsable.set({ market: instrument }, isUsable(quality)),
  PriceQualityChanged: ({ instrument, to }) =>
    metrics.markUsable.set({ market: instrument }, isUsable(to)),
})

const marginObservers = (metrics: Instruments): Observers => ({
  MarginStatusChanged: ({ from, to }) => {
    if (from !== 'healthy') metrics.accounts.dec({ band: from })
    if (to !== 'healthy') metrics.accounts.inc({ band: to })
  },
  MarginCallIssued: () => metrics.marginCalls.inc(),
})

/** What is remembered of a liquidation until it ends. */
interface Followed {
  readonly startedAt: number
  readonly orderTimes: Map<string, number>
}

/** Follows each liquidation from its start to its end, and forgets it there. */
function liquidationObservers(metrics: Instruments): Observers {
  const running = new Map<string, Followed>()
  const observe = (stage: string, from: number, to: number): void =>
    metrics.pipelineLatency.observe({ stage }, (to - from) / MS_PER_S)
  return {
    LiquidationStarted: ({ liquidationId, meta }) => {
      running.set(liquidationId, { startedAt: meta.time, orderTimes: new Map() })
      metrics.liquidationsStarted.inc()
    },
    LiquidationOrderPlaced: ({ liquidationId, clientOrderId, slice, meta }) => {
      const followed = running.get(liquidationId)
      if (followed === undefined) return
      if (slice === 1) observe('start_to_order', followed.startedAt, meta.time)
      followed.orderTimes.set(clientOrderId, meta.time)
    },
    PositionReduced: event => {
      const orderedAt = running.get(event.liquidationId)?.orderTimes.get(event.requestId)
      if (orderedAt !== undefined) observe('order_to_fill', orderedAt, event.meta.time)
      observeReduction(metrics, event)
    },
    LiquidationCompleted: ({ liquidationId, outcome, startedAt, meta }) => {
      observe('start_to_end', startedAt, meta.time)
      metrics.liquidationsCompleted.inc({ outcome })
      running.delete(liquidationId)
    },
    LiquidationAverted: ({ liquidationId }) => {
      metrics.liquidationsCompleted.inc({ outcome: 'averted' })
      running.delete(liquidationId)
    },
    LiquidationHalted: ({ liquidationId }) => {
      metrics.liquidationsHalted.inc()
      running.delete(liquidationId)
    },
  }
}

function observeReduction(metrics: Instruments, event: PositionReduced): void {
  const { instrument: market, side, mechanism: stage } = event
  const notional = event.notional.toNumber()
  metrics.liquidatedNotional.inc({ market, side, stage }, notional)
  if (stage === 'deleveraging') metrics.adlNotional.inc({ market }, notional)
  else if (event.markTicks > 0) metrics.slippage.observe({ market }, slippageBps(event))
}

function fundObservers(metrics: Instruments): Observers {
  const known = new Set<string>()
  const set = (pool: string, balance: number): void => {
    known.add(pool)
    metrics.insuranceFund.set({ pool }, balance)
  }
  const setAvailable = (pool: string, available: number): void =>
    metrics.insuranceFundAvailable.set({ pool }, available)
  return {
    InsurancePoolSet: ({ pool, balance }) => {
      if (!known.has(pool)) set(pool, balance.toNumber())
    },
    FeeBooked: ({ pool, poolBalance }) => set(pool, poolBalance.toNumber()),
    FundMovementBooked: ({ pool, poolBalance }) => set(pool, poolBalance.toNumber()),
    PoolReserved: ({ pool, poolAvailable }) => setAvailable(pool, poolAvailable.toNumber()),
    PoolReleased: ({ pool, poolAvailable }) => setAvailable(pool, poolAvailable.toNumber()),
    LossShareBooked: ({ amount }) => metrics.sharedLoss.inc(amount.toNumber()),
  }
}

const cascadeObservers = (metrics: Instruments): Observers => ({
  CascadeOpened: ({ instrument, side }) => metrics.cascadeActive.inc({ market: instrument, side }),
  CascadeClosed: ({ instrument, side }) => metrics.cascadeActive.dec({ market: instrument, side }),
  HeatMapUpdated: ({ instrument, branchingDown, branchingUp }) => {
    metrics.branchingRatio.set({ market: instrument, direction: 'down' }, branchingDown)
    metrics.branchingRatio.set({ market: instrument, direction: 'up' }, branchingUp)
  },
  CliffDetected: ({ instrument, side, distanceRate }) =>
    metrics.cliffDistance.set({ market: instrument, side }, distanceRate),
})

const refusalObservers = (metrics: Instruments): Observers => ({
  InputRefused: ({ source, reason }) => metrics.inputRefused.inc({ topic: source, reason }),
})

/** The whole table: event type to what it does. */
export const createObservers = (metrics: Instruments): Observers => ({
  ...priceObservers(metrics),
  ...marginObservers(metrics),
  ...liquidationObservers(metrics),
  ...fundObservers(metrics),
  ...cascadeObservers(metrics),
  ...refusalObservers(metrics),
})
