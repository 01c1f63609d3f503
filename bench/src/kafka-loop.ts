import { setTimeout as sleep } from 'node:timers/promises'
import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { VenueLink } from '@sluice/simulation/venue-link'
import { deepBookAt, markAt, openingPrices } from './kafka-market.ts'
import type { KafkaWorld } from './kafka-world.ts'
import { enriched } from './loop-latency.ts'
import { marketOf, type LoopMarket } from './loop-market.ts'
import { LoopVenue } from './loop-venue.ts'
import { MarkWriter } from './mark-writer.ts'

/** Of a cycle: the account that will fall is written at its beginning, the mark falls towards its end, for one tick. */
const TICKS_PER_CYCLE = 50
const FALL_AT = 40
const TICK_EVERY_MS = 1
/** What was asked for last has this long to come. */
const PATIENCE_MS = 30_000

export interface LatencyRun {
  readonly accounts: number
  /** Triggers before those that are measured: the programs warm up. */
  readonly warmUp: number
  readonly samples: number
}

/** Triggers that brought no order. */
export class OrdersMissingError extends Error {
  override readonly name = 'OrdersMissingError'
}

/**
 * A thousand marks a second, and an account that one in fifty of them puts under water. Answers for each measured one the time from the
 * moment its mark was due to that at which its order was read from the broker [ms], sorted: a mark that is late counts as late. Orders
 * are answered, and liquidations seen through to their end meanwhile.
 */
export async function orderLatencies(world: KafkaWorld, run: LatencyRun): Promise<Float64Array> {
  const simulator = new ExchangeSimulator({
    market: { kind: 'scenario', name: 'calm' },
    accounts: run.accounts,
    seed: 1,
    mode: 'partial',
  })
  const opening = simulator.open()
  const names = ['margin-evaluation', 'liquidation-execution'] as const
  const services = await Promise.all(names.map(name => world.start(name)))
  await Promise.all(services.map(service => service.ready()))
  const link = new VenueLink(world.log, { layout: { evaluators: 1 }, recordedTo: -1 })
  await link.publish(0, opening.map(richer))
  const bench = new OrderBench({ world, link, market: marketOf({ opening }), run })
  const latencies = await bench.measure(openingPrices(opening))
  await Promise.all(services.map(service => service.kill()))
  return latencies
}

/** Whoever is not meant to fall can afford it. */
const richer = (record: VenueRecord): VenueRecord =>
  record.event.type === 'AccountUpdated' ? enriched(record.event) : record

interface Bench {
  readonly world: KafkaWorld
  readonly link: VenueLink
  readonly market: LoopMarket
  readonly run: LatencyRun
}

class OrderBench {
  readonly #bench: Bench
  readonly #venue: LoopVenue
  readonly #marks: MarkWriter
  readonly #dueAt = new Map<string, number>()
  readonly #latencies = new Map<string, number>()
  readonly #isOver = new AbortController()

  constructor(bench: Bench) {
    this.#bench = bench
    this.#venue = new LoopVenue(bench.market.tickValue)
    this.#marks = new MarkWriter(bench.world.log)
  }

  async measure(prices: ReadonlyMap<string, number>): Promise<Float64Array> {
    for (const [instrument, ticks] of prices)
      this.#marks.push(deepBookAt(instrument, ticks), markAt(instrument, ticks))
    const answering = this.#answer()
    try {
      await Promise.race([answering, this.#tickAll()])
    } finally {
      this.#isOver.abort()
      await Promise.all([answering, this.#marks.idle()])
    }
    const { warmUp } = this.#bench.run
    return Float64Array.from([...this.#latencies.values()].slice(warmUp)).sort()
  }

  /** Marks as they are due, however long the last ones take, and then until their orders have come. */
  async #tickAll(): Promise<void> {
    const { warmUp, samples } = this.#bench.run
    const begunAt = performance.now()
    const ticks = (warmUp + samples) * TICKS_PER_CYCLE
    for (let tick = 0; tick < ticks; tick += 1) {
      const dueAt = begunAt + tick * TICK_EVERY_MS
      const early = dueAt - performance.now()
      if (early > 0) await sleep(early)
      await this.#tickOnce(tick, dueAt)
    }
    await this.#untilAllOrdered()
  }

  async #tickOnce(tick: number, dueAt: number): Promise<void> {
    const { market } = this.#bench
    const { instrument, highTicks, lowTicks } = market
    const place = tick % TICKS_PER_CYCLE
    const account = market.victim(Math.floor(tick / TICKS_PER_CYCLE))
    if (place === 0) await this.#say(this.#venue.set(account))
    const isFall = place === FALL_AT
    if (isFall) this.#dueAt.set(account.account, dueAt)
    const ticks = isFall ? lowTicks : highTicks + (tick % 2)
    const book = isFall || place === FALL_AT + 1 ? [deepBookAt(instrument, ticks)] : []
    this.#marks.push(...book, markAt(instrument, ticks))
  }

  /** Reads what the executor asks for as it comes, and answers it. */
  async #answer(): Promise<void> {
    const { link, world } = this.#bench
    const { signal } = this.#isOver
    while (!signal.aborted) {
      const changed = world.log.changed(signal)
      const events = await link.requestsBefore(Infinity)
      const now = performance.now()
      for (const event of events) this.#note(event, now)
      for (const event of events) await this.#say(this.#answerTo(event))
      if (events.length === 0) await changed
    }
  }

  #note(event: LiquidationExecutionEvent, now: number): void {
    if (event.type !== 'LiquidationOrderPlaced' || this.#latencies.has(event.scope)) return
    this.#latencies.set(event.scope, now - (this.#dueAt.get(event.scope) ?? NaN))
  }

  #answerTo(event: LiquidationExecutionEvent): VenueRecord[] {
    if (event.type === 'LiquidationCompleted') return this.#venue.close(event.scope)
    return this.#venue.answer(event, this.#bench.market.lowTicks)
  }

  async #say(records: readonly VenueRecord[]): Promise<void> {
    await this.#bench.link.publish(0, records)
  }

  async #untilAllOrdered(): Promise<void> {
    const { warmUp, samples } = this.#bench.run
    const deadline = performance.now() + PATIENCE_MS
    while (this.#latencies.size < warmUp + samples) {
      if (performance.now() > deadline)
        throw new OrdersMissingError(
          `${this.#latencies.size} orders for ${warmUp + samples} accounts under water`,
        )
      await sleep(TICK_EVERY_MS)
    }
  }
}
