import type {
  InstrumentListed,
  MarginStatus,
  SluiceEvent,
} from '@sluice/contracts/generated/events'
import type { TopicName } from '@sluice/contracts/topics'
import { ZERO, type Decimal } from '@sluice/domain/decimal'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { eventsOf } from './log-events.ts'

/** What a run looked like over time. Every array has one value for each of `times`, the last known at that time. */
export interface RunSeries {
  /** Milliseconds since 1970, one bucket apart. */
  readonly times: readonly number[]
  /** By instrument; null before the first mark price. */
  readonly markPrices: ReadonlyMap<string, readonly (number | null)[]>
  /** Sum of all forced trades so far [settlement currency]. */
  readonly forcedNotional: readonly number[]
  /** Of all insurance pools [settlement currency]. */
  readonly fundBalance: readonly number[]
  readonly scopesByStatus: Readonly<Record<Exclude<MarginStatus, 'healthy'>, readonly number[]>>
}

interface Sampled {
  readonly time: number
  readonly event: SluiceEvent
}

/** Reads a run's series from its log, sampled every `bucketMs`. */
export async function seriesOf(
  log: StreamLog,
  { evaluators, bucketMs }: { evaluators: number; bucketMs: number },
): Promise<RunSeries> {
  const instruments = new Map<string, InstrumentListed>()
  const board = new Board(instruments)
  for await (const { event } of eventsOf(log, 'reference-data', 0)) {
    if (event.type === 'InstrumentListed') instruments.set(event.instrument, event)
    board.apply(event)
  }
  const sources: [TopicName, number][] = [
    ['price', 0],
    ['execution-reports', 0],
    ['liquidation-execution', 0],
  ]
  for (let partition = 0; partition < evaluators; partition += 1)
    sources.push(['margin-evaluation', partition])
  const streams = sources.map(([topic, partition]) => new Stream(eventsOf(log, topic, partition)))
  for (const stream of streams) await stream.advance()
  return board.sample(streams, bucketMs)
}

/** One partition's events with a look at the next one. */
class Stream {
  readonly #events: AsyncGenerator<{ readonly appendTime: number; readonly event: SluiceEvent }>
  next: Sampled | undefined

  constructor(
    events: AsyncGenerator<{ readonly appendTime: number; readonly event: SluiceEvent }>,
  ) {
    this.#events = events
  }

  async advance(): Promise<void> {
    const result = await this.#events.next()
    this.next =
      result.done === true
        ? undefined
        : { time: result.value.appendTime, event: result.value.event }
  }
}

/** The values as they stand, and their history. */
class Board {
  readonly #instruments: ReadonlyMap<string, InstrumentListed>
  readonly #marks = new Map<string, number>()
  readonly #pools = new Map<string, Decimal>()
  #forced: Decimal = ZERO
  readonly #counts = { healthy: 0, margin_call: 0, liquidating: 0 }

  constructor(instruments: ReadonlyMap<string, InstrumentListed>) {
    this.#instruments = instruments
  }

  apply(event: SluiceEvent): void {
    if (event.type === 'MarkPriceUpdated') {
      const tickSize = this.#instruments.get(event.instrument)?.tickSize
      if (tickSize !== undefined)
        this.#marks.set(event.instrument, tickSize.times(event.markTicks).toNumber())
    } else if (event.type === 'PositionReduced') this.#forced = this.#forced.plus(event.notional)
    else if (event.type === 'MarginStatusChanged') {
      this.#counts[event.from] -= 1
      this.#counts[event.to] += 1
    } else if (event.type === 'InsurancePoolSet') this.#pools.set(event.pool, event.balance)
    else if ('poolBalance' in event) this.#pools.set(event.pool, event.poolBalance)
  }

  async sample(streams: readonly Stream[], bucketMs: number): Promise<RunSeries> {
    const history = new History([...this.#instruments.keys()])
    const first = earliest(streams)
    for (let time = first; Number.isFinite(earliest(streams)); time += bucketMs) {
      for (const stream of streams) {
        while (stream.next !== undefined && stream.next.time <= time) {
          this.apply(stream.next.event)
          await stream.advance()
        }
      }
      const fund = [...this.#pools.values()].reduce((sum, balance) => sum.plus(balance), ZERO)
      history.add(time, {
        marks: this.#marks,
        forced: this.#forced.toNumber(),
        fund: fund.toNumber(),
        counts: this.#counts,
      })
    }
    return history
  }
}

const earliest = (streams: readonly Stream[]): number =>
  Math.min(...streams.map(({ next }) => next?.time ?? Infinity))

interface Standing {
  readonly marks: ReadonlyMap<string, number>
  readonly forced: number
  readonly fund: number
  readonly counts: Readonly<Record<MarginStatus, number>>
}

class History implements RunSeries {
  readonly times: number[] = []
  readonly markPrices: Map<string, (number | null)[]>
  readonly forcedNotional: number[] = []
  readonly fundBalance: number[] = []
  readonly scopesByStatus = { margin_call: [] as number[], liquidating: [] as number[] }

  constructor(instruments: readonly string[]) {
    this.markPrices = new Map(instruments.map(instrument => [instrument, []]))
  }

  add(time: number, { marks, forced, fund, counts }: Standing): void {
    this.times.push(time)
    for (const [instrument, prices] of this.markPrices) prices.push(marks.get(instrument) ?? null)
    this.forcedNotional.push(forced)
    this.fundBalance.push(fund)
    this.scopesByStatus.margin_call.push(counts.margin_call)
    this.scopesByStatus.liquidating.push(counts.liquidating)
  }
}
