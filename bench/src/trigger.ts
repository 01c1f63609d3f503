import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { FloatScan } from './float-scan.ts'
import type { BenchOptions, BenchResult, Figure } from './result.ts'
import { TriggerEngine } from './trigger-engine.ts'
import {
  createUniverse,
  HEDGED_SHARE,
  NEAR_SHARE,
  Randoms,
  type Universe,
  WARNING_SHARE,
} from './trigger-universe.ts'

interface Size {
  readonly scopes: number
  readonly legs: number
  readonly instruments: number
  readonly calmTicks: number
  readonly crashTicks: number
  readonly missScopes: number
  readonly missTicks: number
}

const FULL: Size = {
  scopes: 1_000_000,
  legs: 3_500_000,
  instruments: 64,
  calmTicks: 500_000,
  crashTicks: 50_000,
  missScopes: 100_000,
  missTicks: 4_000,
}
const QUICK: Size = {
  scopes: 50_000,
  legs: 175_000,
  instruments: 64,
  calmTicks: 100_000,
  crashTicks: 20_000,
  missScopes: 20_000,
  missTicks: 1_000,
}

const SEED = 7
const TRIGGER_ALONE = ['1']
const ALL_BANDS = ['2', '1.5', '1.2', '1.05', '1']
/** The product's scheme: the first call and its clearing, and the trigger, are watched; bands between are counted when asked. */
const CALL_AND_TRIGGER = ['2', '1']
/** Standard deviations of a tick, as parts of the price: calm is chosen for a few visits in ten ticks, lively is 1 basis point. */
const CALM_RATE = 0.000_005
const LIVELY_RATE = 0.000_1
const CRASH_NOISE = 0.000_3
/** The whole market's fall over the crash. */
const CRASH_RATE = -0.06
const FLOAT_TICKS = 200
const EXACT_TICKS = 5
const EXACT_SAMPLE = 1_000

/**
 * Cost of a tick in the trigger book, calm and in a crash, with the trigger alone and with all margin-call bands, against full scans of the
 * instrument's holders in doubles and in decimals in the same process; and what it missed.
 */
export function run({ quick }: BenchOptions): Promise<BenchResult> {
  const size = quick ? QUICK : FULL
  const figures: Figure[] = []
  figures.push(...scanFigures(size))
  figures.push(...bookFigures('trigger alone', size, { edges: TRIGGER_ALONE, calm: 1, crash: 3 }))
  figures.push(...bookFigures('with calls', size, { edges: CALL_AND_TRIGGER, calm: 3, crash: 15 }))
  figures.push(...bookFigures('every band', size, { edges: ALL_BANDS, calm: 3, crash: 15 }))
  figures.push(...missFigures(size))
  return Promise.resolve({ name: 'trigger', conditions: conditionsOf(size), figures })
}

interface Ticks {
  readonly instrument: Uint16Array
  readonly mark: Float64Array
}

/** Prices of all instruments, moving on from where they are. */
class Market {
  readonly #randoms = new Randoms(SEED)
  readonly #logs: Float64Array

  constructor(instruments: number) {
    this.#logs = new Float64Array(instruments)
  }

  /** Ticks of one instrument at a time, by chance: `rate` is the common fall over all, `noise` each tick's own deviation. */
  ticks(count: number, { rate, noise }: { rate: number; noise: number }): Ticks {
    const instrument = new Uint16Array(count)
    const mark = new Float64Array(count)
    const drift = (Math.log(1 + rate) * this.#logs.length) / count
    for (let i = 0; i < count; i += 1) {
      const at = this.#randoms.whole(0, this.#logs.length - 1)
      const log = (this.#logs[at] as number) + drift + noise * this.#randoms.normal()
      this.#logs[at] = log
      instrument[i] = at
      mark[i] = Math.round(1_000_000 * Math.exp(log))
    }
    return { instrument, mark }
  }
}

const CALM = { rate: 0, noise: CALM_RATE }
const LIVELY = { rate: 0, noise: LIVELY_RATE }
const CRASH = { rate: CRASH_RATE, noise: CRASH_NOISE }

function universe({ scopes, legs, instruments }: Size): Universe {
  return createUniverse({ scopes, legs, instruments, seed: SEED })
}

interface Goals {
  readonly edges: readonly string[]
  readonly calm: number
  readonly crash: number
}

function bookFigures(name: string, size: Size, goals: Goals): Figure[] {
  const before = memoryBytes()
  const { store, instruments } = universe(size)
  const engine = new TriggerEngine(store, instruments, goals.edges)
  engine.open()
  const memory = (memoryBytes() - before) / 2 ** 20
  const market = new Market(size.instruments)
  playCalm(engine, market.ticks(size.calmTicks / 10, CALM))
  const calmly = playCalm(engine, market.ticks(size.calmTicks, CALM))
  const lively = playCalm(engine, market.ticks(size.calmTicks / 20, LIVELY))
  const already = engine.triggered
  const spans = playCrash(engine, market.ticks(size.crashTicks, CRASH))
  return [
    goal(`${name}: calm mean`, { value: calmly.span, unit: 'µs/tick', most: goals.calm }),
    plain(`${name}: calm visits`, calmly.visits, 'scopes/tick'),
    plain(`${name}: ticks of 1 basis point, mean`, lively.span, 'µs/tick'),
    plain(`${name}: ticks of 1 basis point, visits`, lively.visits, 'scopes/tick'),
    goal(`${name}: crash p99`, {
      value: quantile(spans, 0.99),
      unit: 'ms/tick',
      most: goals.crash,
    }),
    plain(`${name}: crash mean`, mean(spans), 'ms/tick'),
    plain(`${name}: crash worst`, quantile(spans, 1), 'ms/tick'),
    plain(`${name}: triggered in the crash`, engine.triggered - already, 'scopes'),
    plain(`${name}: threshold crossings`, engine.crossings, 'decisions'),
    ...(goals.edges === TRIGGER_ALONE
      ? [goal('engine memory', { value: memory, unit: 'MiB', most: 1_000 })]
      : []),
  ]
}

interface Calm {
  /** Mean microseconds of a tick */
  readonly span: number
  /** Scopes visited per tick */
  readonly visits: number
}

function playCalm(engine: TriggerEngine, { instrument, mark }: Ticks): Calm {
  const before = engine.visits
  const start = now()
  for (let i = 0; i < mark.length; i += 1) engine.tick(instrument[i] as number, mark[i] as number)
  const span = ((now() - start) * 1_000) / mark.length
  return { span, visits: (engine.visits - before) / mark.length }
}

/** Milliseconds of each tick, ascending. */
function playCrash(engine: TriggerEngine, { instrument, mark }: Ticks): Float64Array {
  const spans = new Float64Array(mark.length)
  for (let i = 0; i < mark.length; i += 1) {
    const start = now()
    engine.tick(instrument[i] as number, mark[i] as number)
    spans[i] = now() - start
  }
  return spans.sort()
}

function scanFigures(size: Size): Figure[] {
  const { store, instruments } = universe(size)
  const scan = new FloatScan(store, instruments)
  const inFloat = perTick(FLOAT_TICKS, i => scan.scan(i % size.instruments))
  const sampled = perTick(EXACT_TICKS, i => scan.scanExactly(i, EXACT_SAMPLE))
  const holders = scan.holders(0).length
  return [
    plain('full scan of holders in float64', inFloat, 'µs/tick'),
    plain(
      `full scan of holders in decimals, scaled from ${EXACT_SAMPLE} of ${holders} holders`,
      (sampled * holders) / EXACT_SAMPLE,
      'µs/tick',
    ),
  ]
}

function perTick(count: number, scan: (tick: number) => number): number {
  for (let tick = 0; tick < Math.min(count, 20); tick += 1) scan(tick)
  const start = now()
  for (let tick = 0; tick < count; tick += 1) scan(tick)
  return ((now() - start) * 1_000) / count
}

/** Plays a calm and a crash on a copy and looks, after every tick, whether any holder is under water unnoticed. */
function missFigures(size: Size): Figure[] {
  const share = size.missScopes / size.scopes
  const copy = { ...size, scopes: size.missScopes, legs: Math.round(size.legs * share) }
  return [TRIGGER_ALONE, CALL_AND_TRIGGER, ALL_BANDS].map(edges => {
    const { store, instruments } = universe(copy)
    const engine = new TriggerEngine(store, instruments, edges)
    engine.open()
    const scan = new FloatScan(store, instruments)
    let misses = 0
    const market = new Market(size.instruments)
    for (const course of [LIVELY, CRASH]) {
      const { instrument, mark } = market.ticks(size.missTicks, course)
      for (let i = 0; i < mark.length; i += 1) {
        engine.tick(instrument[i] as number, mark[i] as number)
        misses += scan.misses(instrument[i] as number)
      }
    }
    const name = `watching ${edges.join(', ')}`
    return goal(`${name}: misses on ${size.missScopes} scopes, ${2 * size.missTicks} ticks`, {
      value: misses,
      unit: 'scopes',
      most: 0,
    })
  })
}

function conditionsOf(size: Size): Record<string, string | number> {
  return {
    ...size,
    seed: SEED,
    node: process.version,
    within1PercentOfTrigger: NEAR_SHARE,
    inWarningBands: WARNING_SHARE,
    hedged50To200Legs: HEDGED_SHARE,
    calmTickDeviation: CALM_RATE,
    livelyTickDeviation: LIVELY_RATE,
    clock: 'user processor time',
    crashFall: CRASH_RATE,
    bands: ALL_BANDS.join(' '),
  }
}

/**
 * Milliseconds of processor time: on a machine that others share, wall time would measure them. On an idle one the two are the
 * same, for the engine waits for nothing.
 */
const now = (): number => process.cpuUsage().user / 1_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes in use, after what nobody needs is gone. */
function memoryBytes(): number {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const quantile = (ascending: Float64Array, share: number): number =>
  ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? 0

const plain = (name: string, value: number, unit: string): Figure => ({
  name,
  value,
  unit,
  goal: null,
  met: null,
})

function goal(
  name: string,
  { value, unit, most }: { value: number; unit: string; most: number },
): Figure {
  return { name, value, unit, goal: `≤ ${most}`, met: value <= most }
}
