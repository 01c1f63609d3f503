import type { CascadeCluster } from '@sluice/domain/cascade-clusters'
import type { Decimal } from '@sluice/domain/decimal'
import type { ProfileBin, Side } from '@sluice/contracts/generated/events'

/** A mark price and when it was in force from. */
export interface MarkPoint {
  readonly time: number
  readonly ticks: number
}

/** A forced order's fill that may have moved the price. */
export interface ForcedTrade {
  readonly time: number
  readonly liquidationId: string
  readonly scope: string
  readonly generation: number
  readonly side: Side
  /** A double: it ranks, and decides nothing. */
  readonly notional: number
}

/** An open cascade: the cluster of its reductions and what it has cost. */
export interface Cascade {
  readonly instrument: string
  readonly side: Side
  cluster: CascadeCluster
  /** Task time at which its last reduction was read; the deadline counts from here. */
  readAt: number
  /** Liquidations that joined, with their generation. */
  readonly members: Map<string, number>
  openTicks: number
  extremeTicks: number
  slippageCost: Decimal
  fundDraw: Decimal
  deleveragedNotional: Decimal
}

/** One evaluator's latest profile of one side. */
export interface Profile {
  readonly binWidth: number
  readonly bins: readonly ProfileBin[]
}

export interface BookBands {
  readonly bidTicks: number
  readonly askTicks: number
  readonly bands: readonly BookBand[]
}

export interface BookBand {
  readonly distanceRate: number
  readonly bidLots: number
  readonly askLots: number
}

/** Profiles by evaluator, and what the last heat map of the instrument said. */
export interface Heat {
  readonly longs: Map<string, Profile>
  readonly shorts: Map<string, Profile>
  book: BookBands | null
  changed: boolean
  publishedAt: number | null
  /** Bin of the cliff last announced for each side; null: none stands. */
  cliffBelow: number | null
  cliffAbove: number | null
}

export interface Market {
  readonly instrument: string
  /** Version and size of the instrument's record; tickValue is lotSize × tickSize. */
  listing: { version: number; tickValue: Decimal }
  markTicks: number
  /** Marks of the lineage window, ascending in time, and the last one before it. */
  marks: MarkPoint[]
  /** Forced trades of the lineage window, in the order they were read. */
  trades: ForcedTrade[]
  selling: Cascade | null
  buying: Cascade | null
  readonly heat: Heat
  /** When this market wants a tick; Infinity: never. A function of the fields above. */
  deadline: number
}

/** A leg that moved against its scope before the trigger. */
export interface Suspicion {
  readonly instrument: string
  /** Side of forced orders that would have moved it so. */
  readonly side: Side
}

/** A liquidation from its trigger to some time after its end. */
export interface Liquidation {
  readonly scope: string
  readonly evaluatedAt: number
  /** The leg that moved most against the scope; null: none did. */
  readonly suspicion: Suspicion | null
  /** Found when its first reduction is read; generation −1 until then. */
  parentId: string | null
  generation: number
  /** Cascade its last reduction went to. */
  lastCascade: { instrument: string; side: Side; id: string } | null
}

export interface EndedLiquidation {
  readonly liquidationId: string
  readonly at: number
}

export interface AnalyticsState {
  readonly markets: Map<string, Market>
  readonly liquidations: Map<string, Liquidation>
  /** Liquidations that ended, oldest first: forgotten when no late fill is to be expected. */
  ended: EndedLiquidation[]
  /** Smallest deadline of all markets. */
  deadline: number
}

export function initialAnalyticsState(): AnalyticsState {
  return { markets: new Map(), liquidations: new Map(), ended: [], deadline: Infinity }
}

export function newMarket(instrument: string, listing: Market['listing']): Market {
  return {
    instrument,
    listing,
    markTicks: 0,
    marks: [],
    trades: [],
    selling: null,
    buying: null,
    heat: newHeat(),
    deadline: Infinity,
  }
}

export function newHeat(): Heat {
  return {
    longs: new Map(),
    shorts: new Map(),
    book: null,
    changed: false,
    publishedAt: null,
    cliffBelow: null,
    cliffAbove: null,
  }
}

/** Markets by name: the order of all work that touches several. */
export function marketsByName(state: AnalyticsState): Market[] {
  return [...state.markets.values()].sort((left, right) =>
    left.instrument < right.instrument ? -1 : 1,
  )
}

/** Open cascades of a market, forced selling first. */
export function openCascades(market: Market): Cascade[] {
  return [market.selling, market.buying].filter(cascade => cascade !== null)
}

/** Notes the market's deadline, which may move the state's. */
export function setDeadline(state: AnalyticsState, market: Market, deadline: number): void {
  const before = market.deadline
  if (before === deadline) return
  market.deadline = deadline
  if (deadline < state.deadline) state.deadline = deadline
  else if (before === state.deadline) state.deadline = earliest(state.markets)
}

function earliest(markets: ReadonlyMap<string, Market>): number {
  let deadline = Infinity
  for (const market of markets.values()) deadline = Math.min(deadline, market.deadline)
  return deadline
}
