import type { Decimal } from '@sluice/domain/decimal'
import type { PriceQuality } from '@sluice/contracts/generated/events'
import type { BasisWindow } from './basis.ts'
import { emptyBasis } from './basis.ts'
import type { Book } from './book.ts'
import { emptyBook } from './book.ts'

export type ExclusionReason = 'stale' | 'outlier'

/** One source of an index and the last price it sent. */
export interface Source {
  readonly source: string
  readonly weight: number
  /** 0 until it has priced. */
  priceTicks: number
  /** Task time of its arrival; staleness counts from here. */
  arrivedAt: number
  eventId: string
  /** Its own time was implausible. */
  skewed: boolean
  /** Has priced since the instrument was last priced. */
  updated: boolean
  excludedFor: ExclusionReason | null
}

export interface Listing {
  readonly version: number
  readonly lotSize: Decimal
  readonly tickSize: Decimal
}

/** The instrument's PriceSourcesSet, sources apart. */
export interface PriceRules {
  readonly version: number
  readonly quorum: number
  readonly sourceMaxAgeMs: number
  readonly outlierRate: Decimal
  readonly lastPriceMaxAgeMs: number
  readonly basisWindowMs: number
  readonly basisSampleMs: number
  readonly fundingIntervalMs: number
  readonly markIntervalMs: number
  readonly liquidityDistanceRates: readonly Decimal[]
  readonly liquidityIntervalMs: number
}

export interface BandLots {
  readonly bidLots: number
  readonly askLots: number
}

/** What the last BookLiquidityUpdated said. */
export interface PublishedLiquidity {
  readonly bidTicks: number
  readonly askTicks: number
  readonly bands: readonly BandLots[]
  readonly at: number
}

/** What has changed since the instrument was last priced: a source, or only the venue's own market. */
export type Change = 'none' | 'market' | 'source'

/** Times of 0 and ticks of 0 mean: not yet. */
export interface Instrument {
  readonly instrument: string
  listing: Listing | null
  rules: PriceRules | null
  halted: boolean
  /** By name, ascending. */
  sources: Source[]
  tradeTicks: number
  tradedAt: number
  tradeId: string
  /** Best prices of the venue's book; 0 on an empty side. */
  bidTicks: number
  askTicks: number
  bookAt: number
  bookId: string
  fundingRate: Decimal | null
  nextFundingAt: number
  fundingId: string
  basis: BasisWindow
  book: Book
  /** Input that made the book that waits to be summed; null: none waits. */
  stagedId: string | null
  liquidity: PublishedLiquidity | null
  change: Change
  /** When the first source priced since the instrument was last priced. */
  changedAt: number
  pricedAt: number
  indexTicks: number
  indexId: string
  quality: PriceQuality
  /** What the last MarkPriceUpdated said, and when. */
  markTicks: number
  markQuality: PriceQuality
  markedAt: number
  /** A mark that differs from the published one waits for its interval. */
  markPending: boolean
  /** When this instrument wants a tick; Infinity: never. A function of the fields above. */
  deadline: number
}

export interface PriceState {
  readonly byName: Map<string, Instrument>
  /** By name, ascending: the order of all work that touches several instruments. */
  instruments: Instrument[]
  /** Smallest deadline of all instruments. */
  deadline: number
}

export function initialPriceState(): PriceState {
  return { byName: new Map(), instruments: [], deadline: Infinity }
}

/** Adds an instrument that nothing is known of. */
export function addInstrument(state: PriceState, instrument: string): Instrument {
  const added = newInstrument(instrument)
  insert(state, added)
  return added
}

function insert(state: PriceState, added: Instrument): void {
  state.byName.set(added.instrument, added)
  state.instruments = [...state.instruments, added].sort((left, right) =>
    left.instrument < right.instrument ? -1 : 1,
  )
}

function newInstrument(instrument: string): Instrument {
  return {
    instrument,
    listing: null,
    rules: null,
    halted: false,
    sources: [],
    ...emptyMarket(),
    fundingRate: null,
    nextFundingAt: 0,
    fundingId: '',
    change: 'none',
    changedAt: 0,
    pricedAt: 0,
    deadline: Infinity,
  }
}

/** Everything counted in ticks or lots, empty: what a new lot or tick size makes void. */
function emptyMarket() {
  return {
    tradeTicks: 0,
    tradedAt: 0,
    tradeId: '',
    bidTicks: 0,
    askTicks: 0,
    bookAt: 0,
    bookId: '',
    basis: emptyBasis(),
    book: emptyBook(),
    stagedId: null as string | null,
    liquidity: null,
    indexTicks: 0,
    indexId: '',
    quality: 'stale' as PriceQuality,
    markTicks: 0,
    markQuality: 'stale' as PriceQuality,
    markedAt: 0,
    markPending: false,
  }
}

/** Forgets every price and book of the instrument: its ticks or lots mean something else now. */
export function forgetMarket(instrument: Instrument): void {
  const quality = instrument.quality
  Object.assign(instrument, emptyMarket(), { quality })
  for (const source of instrument.sources) {
    source.priceTicks = 0
    source.arrivedAt = 0
    source.eventId = ''
    source.updated = false
  }
}

/** Notes the instrument's deadline, which may move the state's. */
export function setDeadline(state: PriceState, instrument: Instrument, deadline: number): void {
  const before = instrument.deadline
  if (before === deadline) return
  instrument.deadline = deadline
  if (deadline < state.deadline) state.deadline = deadline
  else if (before === state.deadline) state.deadline = earliest(state.instruments)
}

function earliest(instruments: readonly Instrument[]): number {
  let deadline = Infinity
  for (const instrument of instruments) {
    if (instrument.deadline < deadline) deadline = instrument.deadline
  }
  return deadline
}

/** Puts a restored instrument into a state. */
export function adopt(state: PriceState, instrument: Instrument): void {
  insert(state, instrument)
  if (instrument.deadline < state.deadline) state.deadline = instrument.deadline
}
