import type { PriceSeries } from './bars.ts'
import { bridge } from './bridge.ts'
import { InvalidSimulatorOptionsError } from './errors.ts'
import type { VenueInstrument } from './instruments.ts'
import { MARKET } from './parameters.ts'
import { Random } from './random.ts'
import { SCENARIOS } from './scenarios.ts'
import type { ScenarioName } from './scenarios.ts'

/** The prices of all instruments, second by second, before any forced order. */
export interface PricePath {
  readonly startTime: number
  /** Steps after the start */
  readonly steps: number
  /** Now, by instrument [ticks, fractional] */
  readonly ticks: Float64Array
  /** 1 where the source says nothing now */
  readonly silent: Uint8Array
  /** Goes on by one step */
  advance(): void
}

/** Where built-in scenarios begin: 2026-01-05T00:00:00Z, a Monday. */
const SCENARIO_START = 1_767_571_200_000

/**
 * A built-in scenario. Each instrument's logarithm is beta × the common factor + its own random walk; the common factor
 * runs along the scenario's table and wanders around it.
 */
export class ScenarioPath implements PricePath {
  readonly startTime = SCENARIO_START
  readonly steps: number
  readonly ticks: Float64Array
  readonly silent: Uint8Array
  readonly #instruments: readonly VenueInstrument[]
  readonly #random: Random
  readonly #table: (typeof SCENARIOS)[ScenarioName]
  readonly #own: Float64Array
  #step = 0
  #segment = 1
  #wander = 0

  constructor(name: ScenarioName, instruments: readonly VenueInstrument[], seed: number) {
    this.#table = SCENARIOS[name]
    this.#instruments = instruments
    this.#random = new Random(seed, 'price path')
    this.steps = Math.round(((this.#table.points.at(-1)?.minute ?? 0) * 60_000) / MARKET.stepMs)
    this.ticks = Float64Array.from(instruments, instrument => instrument.startTicks)
    this.silent = new Uint8Array(instruments.length)
    this.#own = new Float64Array(instruments.length)
  }

  advance(): void {
    this.#step += 1
    const { common, turbulence } = this.#factor()
    this.#wander += this.#table.volatility * turbulence * this.#random.normal()
    this.#instruments.forEach((instrument, index) => {
      const own =
        (this.#own[index] ?? 0) + instrument.volatility * turbulence * this.#random.normal()
      this.#own[index] = own
      const logReturn = instrument.beta * (common + this.#wander) + own
      this.ticks[index] = Math.max(1, instrument.startTicks * Math.exp(logReturn))
    })
  }

  /** The table at this step: linear between its points. */
  #factor(): { common: number; turbulence: number } {
    const { points } = this.#table
    const minute = (this.#step * MARKET.stepMs) / 60_000
    while (this.#segment < points.length - 1 && minute > (points[this.#segment]?.minute ?? 0)) {
      this.#segment += 1
    }
    const from = points[this.#segment - 1]
    const to = points[this.#segment]
    if (from === undefined || to === undefined) return { common: 0, turbulence: 1 }
    const done = Math.min(1, (minute - from.minute) / (to.minute - from.minute))
    return {
      common: from.logReturn + (to.logReturn - from.logReturn) * done,
      turbulence: to.turbulence,
    }
  }
}

/** One series of a replay and where in it we are. */
interface Track {
  readonly series: PriceSeries
  readonly random: Random
  readonly ticksPerUnit: number
  readonly offset: number
  prices: Float64Array
}

/** Prices from files: bars become one-second ticks by the seeded bridge. Runs over the time that all series cover. */
export class SeriesPath implements PricePath {
  readonly startTime: number
  readonly steps: number
  readonly ticks: Float64Array
  readonly silent: Uint8Array
  readonly #tracks: readonly Track[]
  #step = 0

  constructor(
    series: readonly PriceSeries[],
    instruments: readonly VenueInstrument[],
    seed: number,
  ) {
    const span = spanOf(series)
    this.startTime = span.start
    this.steps = (span.end - span.start) / MARKET.stepMs - 1
    this.ticks = new Float64Array(series.length)
    this.silent = new Uint8Array(series.length)
    this.#tracks = series.map((one, index) => ({
      series: one,
      random: new Random(seed, `bridge ${one.symbol}`),
      ticksPerUnit: 1 / (instruments[index]?.tickSize.toNumber() ?? 1),
      offset: (span.start - (one.bars[0]?.openTime ?? 0)) / MARKET.stepMs,
      prices: new Float64Array(0),
    }))
    this.#settle()
  }

  advance(): void {
    this.#step += 1
    this.#settle()
  }

  #settle(): void {
    this.#tracks.forEach((track, index) => {
      const perBar = track.series.barMs / MARKET.stepMs
      const second = this.#step + track.offset
      const within = second % perBar
      if (within === 0 || track.prices.length === 0) this.#enter(track, index, second / perBar)
      this.ticks[index] = Math.max(1, (track.prices[within] ?? 0) * track.ticksPerUnit)
    })
  }

  #enter(track: Track, index: number, barIndex: number): void {
    const bar = track.series.bars[Math.floor(barIndex)]
    if (bar === undefined) return
    track.prices = bridge(bar, track.series.barMs / MARKET.stepMs, track.random)
    this.silent[index] = bar.silent ? 1 : 0
  }
}

/** The time that all series cover. */
export function spanOf(series: readonly PriceSeries[]): { start: number; end: number } {
  let start = -Infinity
  let end = Infinity
  for (const { bars, barMs } of series) {
    start = Math.max(start, bars[0]?.openTime ?? Infinity)
    end = Math.min(end, (bars.at(-1)?.openTime ?? -Infinity) + barMs)
  }
  if (!(end - start > 2 * MARKET.stepMs)) {
    const files = [...new Set(series.map(one => one.file))].join(', ')
    throw new InvalidSimulatorOptionsError(
      `price series have no time in common (${files === '' ? 'none given' : files}); give files of the same days`,
    )
  }
  return { start, end }
}
