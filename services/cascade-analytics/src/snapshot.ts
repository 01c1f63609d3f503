import { Decimal } from '@sluice/domain/decimal'
import type {
  AnalyticsState,
  Cascade,
  EndedLiquidation,
  Heat,
  Liquidation,
  Market,
  Profile,
} from './state.ts'
import { initialAnalyticsState, marketsByName } from './state.ts'

/** Form of the snapshot; a change of it is a new number and a tested migration. */
const SNAPSHOT_FORM = 1

type Entries<Value> = readonly (readonly [string, Value])[]

type ClusterImage = Omit<Cascade['cluster'], 'notional'> & { readonly notional: string }
type CascadeImage = Omit<
  Cascade,
  'cluster' | 'members' | 'slippageCost' | 'fundDraw' | 'deleveragedNotional'
> & {
  readonly cluster: ClusterImage
  readonly members: Entries<number>
  readonly slippageCost: string
  readonly fundDraw: string
  readonly deleveragedNotional: string
}
type HeatImage = Omit<Heat, 'longs' | 'shorts'> & {
  readonly longs: Entries<Profile>
  readonly shorts: Entries<Profile>
}
type MarketImage = Omit<Market, 'listing' | 'selling' | 'buying' | 'heat' | 'deadline'> & {
  readonly version: number
  readonly tickValue: string
  readonly selling: CascadeImage | null
  readonly buying: CascadeImage | null
  readonly heat: HeatImage
  /** JSON has no infinity: null is never. */
  readonly deadline: number | null
}

interface Image {
  readonly form: number
  readonly markets: readonly MarketImage[]
  readonly liquidations: Entries<Liquidation>
  readonly ended: readonly EndedLiquidation[]
}

/** The snapshot is of another form than this version reads. */
export class SnapshotFormError extends Error {
  override readonly name = 'SnapshotFormError'
}

/** Canonical: maps by key, fields in one order, decimals as plain text. */
export function snapshotOf(state: AnalyticsState): Uint8Array {
  const image: Image = {
    form: SNAPSHOT_FORM,
    markets: marketsByName(state).map(marketImage),
    liquidations: byKey(state.liquidations).map(([id, liquidation]) => [id, { ...liquidation }]),
    ended: state.ended,
  }
  return new TextEncoder().encode(JSON.stringify(image))
}

/** @throws SnapshotFormError if another version of the service wrote the snapshot. */
export function restoreFrom(snapshot: Uint8Array): AnalyticsState {
  const image = JSON.parse(new TextDecoder().decode(snapshot)) as Image
  if (image.form !== SNAPSHOT_FORM) {
    throw new SnapshotFormError(
      `cascade-analytics snapshot has form ${String(image.form)}, this version reads ` +
        `${String(SNAPSHOT_FORM)}: delete it (the task replays) or run the version that wrote it`,
    )
  }
  const state = initialAnalyticsState()
  for (const market of image.markets.map(marketOf)) {
    state.markets.set(market.instrument, market)
    state.deadline = Math.min(state.deadline, market.deadline)
  }
  for (const [id, liquidation] of image.liquidations) state.liquidations.set(id, liquidation)
  state.ended = [...image.ended]
  return state
}

function byKey<Value>(map: ReadonlyMap<string, Value>): [string, Value][] {
  return [...map].sort(([left], [right]) => (left < right ? -1 : 1))
}

function marketImage(market: Market): MarketImage {
  const { instrument, listing, markTicks, marks, trades, deadline } = market
  return {
    instrument,
    version: listing.version,
    tickValue: listing.tickValue.toFixed(),
    markTicks,
    marks,
    trades,
    selling: market.selling === null ? null : cascadeImage(market.selling),
    buying: market.buying === null ? null : cascadeImage(market.buying),
    heat: { ...market.heat, longs: byKey(market.heat.longs), shorts: byKey(market.heat.shorts) },
    deadline: deadline === Infinity ? null : deadline,
  }
}

function marketOf(image: MarketImage): Market {
  const { instrument, version, tickValue, markTicks, marks, trades, heat } = image
  return {
    instrument,
    listing: { version, tickValue: new Decimal(tickValue) },
    markTicks,
    marks,
    trades: [...trades],
    selling: image.selling === null ? null : cascadeOf(image.selling),
    buying: image.buying === null ? null : cascadeOf(image.buying),
    heat: { ...heat, longs: new Map(heat.longs), shorts: new Map(heat.shorts) },
    deadline: image.deadline ?? Infinity,
  }
}

function cascadeImage(cascade: Cascade): CascadeImage {
  const { cluster } = cascade
  return {
    ...cascade,
    cluster: { ...cluster, notional: cluster.notional.toFixed() },
    members: byKey(cascade.members),
    slippageCost: cascade.slippageCost.toFixed(),
    fundDraw: cascade.fundDraw.toFixed(),
    deleveragedNotional: cascade.deleveragedNotional.toFixed(),
  }
}

function cascadeOf(image: CascadeImage): Cascade {
  const { cluster } = image
  return {
    ...image,
    cluster: { ...cluster, notional: new Decimal(cluster.notional) },
    members: new Map(image.members),
    slippageCost: new Decimal(image.slippageCost),
    fundDraw: new Decimal(image.fundDraw),
    deleveragedNotional: new Decimal(image.deleveragedNotional),
  }
}
