import { DecodingError } from '@sluice/contracts/codec-errors'
import type { Side, SluiceEvent } from '@sluice/contracts/generated/events'
import { accountOf } from '@sluice/contracts/scope'
import { inputsOf, type Layout } from '@sluice/service-host/layout'
import { decodedOf, openInput } from '@sluice/stream-runtime/inputs'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { eventsOf } from './log-events.ts'

/** One liquidation, ours or the venue's, as far as the two can be compared. */
export interface ShadowLiquidation {
  /** Null: the venue does not say whose it was. */
  readonly scope: string | null
  readonly instrument: string
  /** Of the order that closes; null: ours found no order to plan. */
  readonly side: Side | null
  /** When it began: our trigger, or the first record of the venue's to arrive. */
  readonly at: number
  /** Lots in all: what would restore margin, or what the venue filled, or ordered where it says no more. */
  readonly lots: number
}

export interface ShadowMatch {
  readonly ours: ShadowLiquidation
  readonly venue: ShadowLiquidation
  /** Above zero: ours was earlier. */
  readonly leadMs: number
  /** Ours over the venue's; null: ours planned nothing. */
  readonly sizeRatio: number | null
}

export interface Distribution {
  readonly min: number
  readonly p10: number
  readonly p50: number
  readonly p90: number
  readonly max: number
}

export interface ShadowReport {
  readonly matched: readonly ShadowMatch[]
  /** The venue's, without one of ours. */
  readonly missed: readonly ShadowLiquidation[]
  /** Ours, without one of the venue's. */
  readonly extra: readonly ShadowLiquidation[]
  /** Null: nothing matched. */
  readonly leadMs: Distribution | null
  readonly sizeRatio: Distribution | null
}

/** Records of one scope and instrument that lie nearer to each other than this are of one liquidation, and one of ours matches. */
export const SHADOW_WINDOW_MS = 600_000

/**
 * Compares what Sluice would have liquidated with what the venue's own engine did: by scope and instrument, or by instrument and
 * side where the venue does not say whose it was; the nearest in time first, each once.
 *
 * @throws LogForkedError if a topic of ours is not a chain.
 */
export async function shadowReport(
  log: StreamLog,
  layout: Layout,
  windowMs = SHADOW_WINDOW_MS,
): Promise<ShadowReport> {
  const ours = episodesOf(await plannedIn(log, layout), windowMs)
  const venue = episodesOf(await reportedIn(log, layout), windowMs)
  const pairs = venue.flatMap(theirs =>
    ours.filter(own => isAlike(own, theirs, windowMs)).map(own => matchOf(own, theirs)),
  )
  pairs.sort((a, b) => Math.abs(a.leadMs) - Math.abs(b.leadMs))
  const taken = new Set<ShadowLiquidation>()
  const matched = pairs.filter(({ ours, venue }) => {
    if (taken.has(ours) || taken.has(venue)) return false
    taken.add(ours).add(venue)
    return true
  })
  return {
    matched: matched.sort((a, b) => a.venue.at - b.venue.at),
    missed: venue.filter(each => !taken.has(each)),
    extra: ours.filter(each => !taken.has(each)),
    leadMs: distributionOf(matched.map(({ leadMs }) => leadMs)),
    sizeRatio: distributionOf(matched.flatMap(({ sizeRatio }) => sizeRatio ?? [])),
  }
}

/** A trigger of ours with the first slice planned for it, on the leg that the slice is of, or else the largest. */
async function plannedIn(log: StreamLog, layout: Layout): Promise<ShadowLiquidation[]> {
  const found = new Map<string, ShadowLiquidation>()
  for (let task = 0; task < layout.evaluators; task += 1)
    for await (const { id, event } of eventsOf(log, 'margin-evaluation', task)) {
      if (event.type !== 'LiquidationTriggered') continue
      const { scope, positions } = event.statement
      const [largest] = [...positions].sort((a, b) => b.maintenanceMargin.cmp(a.maintenanceMargin))
      const instrument = largest?.instrument ?? ''
      found.set(id, { scope, instrument, side: null, at: event.meta.time, lots: 0 })
    }
  for await (const { event } of eventsOf(log, 'liquidation-execution', 0)) {
    if (event.type !== 'SlicePlanned') continue
    const { liquidationId, instrument, side, sizing } = event
    const trigger = found.get(liquidationId)
    if (trigger !== undefined)
      found.set(liquidationId, { ...trigger, instrument, side, lots: sizing.restoreLots })
  }
  return [...found.values()]
}

interface Reported extends ShadowLiquidation {
  readonly isFilled: boolean
}

/** What the venue reported, each of its ids and stages once. */
async function reportedIn(log: StreamLog, layout: Layout): Promise<Reported[]> {
  const found: Reported[] = []
  const seen = new Set<string>()
  for await (const { at, event } of recordsIn(log, layout)) {
    if (event.type !== 'VenueLiquidationReported') continue
    const { venueId, stage, scope, instrument, side, quantityLots: lots } = event
    const name = `${stage} ${venueId ?? ''}`
    if (venueId !== null && seen.has(name)) continue
    seen.add(name)
    found.push({ scope, instrument, side, at, lots, isFilled: stage === 'filled' })
  }
  return found
}

async function* recordsIn(
  log: StreamLog,
  layout: Layout,
): AsyncGenerator<{ readonly at: number; readonly event: SluiceEvent }> {
  for (const input of inputsOf(layout, 'venue-liquidations')) {
    const reader = openInput(log, input)
    while (await reader.fill(4096))
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const at = record.appendTime
        for (const event of decoded(() => input.codec?.decode(record) ?? [decodedOf(record)]))
          yield { at, event }
      }
  }
}

/** What cannot be read says nothing. */
function decoded(decode: () => readonly SluiceEvent[]): readonly SluiceEvent[] {
  try {
    return decode()
  } catch (error) {
    if (error instanceof DecodingError) return []
    throw error
  }
}

/** Puts together what is of one liquidation: lots add up, fills before orders, which say the same once more. */
function episodesOf(
  parts: readonly (ShadowLiquidation & { readonly isFilled?: boolean })[],
  windowMs: number,
): ShadowLiquidation[] {
  const open = new Map<string, { at: number; last: number; parts: typeof parts }[]>()
  for (const part of [...parts].sort((a, b) => a.at - b.at)) {
    const key = `${part.scope ?? ''} ${part.instrument} ${part.scope === null ? part.side : ''}`
    const episodes = open.get(key) ?? []
    open.set(key, episodes)
    const latest = episodes.at(-1)
    if (latest === undefined || part.at - latest.last > windowMs)
      episodes.push({ at: part.at, last: part.at, parts: [part] })
    else {
      latest.last = part.at
      latest.parts = [...latest.parts, part]
    }
  }
  return [...open.values()].flat().flatMap(({ parts }) => wholeOf(parts))
}

function wholeOf(
  parts: readonly (ShadowLiquidation & { readonly isFilled?: boolean })[],
): ShadowLiquidation[] {
  const [first] = parts
  if (first === undefined) return []
  const fills = parts.filter(({ isFilled }) => isFilled === true)
  const filled = fills.reduce((sum, { lots }) => sum + lots, 0)
  const most = parts.reduce((most, { lots }) => Math.max(most, lots), 0)
  const { scope, instrument, at } = first
  const side = parts.find(part => part.side !== null)?.side ?? null
  return [{ scope, instrument, side, at, lots: fills.length > 0 ? filled : most }]
}

function isAlike(ours: ShadowLiquidation, venue: ShadowLiquidation, windowMs: number): boolean {
  if (Math.abs(venue.at - ours.at) > windowMs || ours.instrument !== venue.instrument) return false
  if (venue.scope === null) return ours.side === venue.side
  return ours.scope === venue.scope || accountOf(ours.scope ?? '') === venue.scope
}

const matchOf = (ours: ShadowLiquidation, venue: ShadowLiquidation): ShadowMatch => ({
  ours,
  venue,
  leadMs: venue.at - ours.at,
  sizeRatio: ours.lots === 0 ? null : ours.lots / venue.lots,
})

function distributionOf(values: readonly number[]): Distribution | null {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? sorted[0] ?? 0
  if (sorted.length === 0) return null
  return { min: at(0), p10: at(0.1), p50: at(0.5), p90: at(0.9), max: at(1) }
}
