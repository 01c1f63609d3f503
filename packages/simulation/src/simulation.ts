import { createHash } from 'node:crypto'
import type { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { PipelineTask } from '@sluice/pipeline/tasks'
import type { EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import type { VenueLink } from './venue-link.ts'

/** Steps and venue records after which everything is made durable: counts, so that the cut depends on the arguments alone. */
const STEPS_PER_COMMIT = 256
const RECORDS_PER_COMMIT = 16_384

/** What one simulation consists of. All of it shares one clock, which only `Simulation` moves. */
export interface World {
  readonly log: EmbeddedLog
  readonly clock: SimulationClock
  readonly simulator: ExchangeSimulator
  readonly link: VenueLink
  readonly tasks: readonly PipelineTask[]
  /** Time up to which the log already holds everything. */
  readonly recordedTo: number
  /** Steps that become durable together; what is watched live wants 1. */
  readonly stepsPerCommit?: number
}

/** The log's clock in a simulation: event time. */
export class SimulationClock {
  now = 0
}

/**
 * The venue and the four services, stepped in a fixed order by event time: venue, price, evaluation, execution, analytics. What the
 * executor asks for in one step reaches the venue in the next. Nothing depends on the wall clock, so the log's bytes are a function of
 * the arguments. A group of steps becomes durable as one transaction; a killed simulation is found at the end of a group, with every
 * input of every task under a receipt, and goes on from there.
 */
export class Simulation {
  readonly #world: World
  #steps = 0
  #records = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Runs to the end of the path, or until `onStep`, called after every step with its number and time, answers false. */
  async run(onStep: (step: number, time: number) => boolean | Promise<boolean>): Promise<void> {
    const { simulator, clock, recordedTo } = this.#world
    clock.now = simulator.startTime
    await this.#publish(simulator.startTime, simulator.open())
    if (simulator.startTime > recordedTo) await this.#settle(simulator.startTime)
    for (let step = 1; !simulator.finished; step += 1) {
      const time = simulator.startTime + step * simulator.stepMs
      clock.now = Math.max(clock.now, time)
      await this.#publish(time, simulator.step(time, await this.#world.link.requestsBefore(time)))
      if (time > recordedTo) await this.#settle(time)
      if (!(await onStep(step, time))) break
    }
    await this.#commit()
  }

  async #publish(time: number, records: ReturnType<ExchangeSimulator['open']>): Promise<void> {
    await this.#world.link.publish(time, records)
    if (time <= this.#world.recordedTo) return
    this.#records += records.length
    this.#steps += 1
  }

  /** Each task in turn takes everything there is, then its tick. */
  async #settle(time: number): Promise<void> {
    for (const task of this.#world.tasks) {
      await drain(task)
      if (task.tick(time)) await drain(task)
    }
    if (
      this.#steps >= (this.#world.stepsPerCommit ?? STEPS_PER_COMMIT) ||
      this.#records >= RECORDS_PER_COMMIT
    )
      await this.#commit()
  }

  async #commit(): Promise<void> {
    for (const task of this.#world.tasks) {
      task.flush()
      await drain(task)
    }
    this.#world.log.commit()
    this.#steps = 0
    this.#records = 0
  }

  /** SHA-256 over the state hashes of all tasks and of the venue. */
  stateHash(): string {
    const hash = createHash('sha256')
    for (const task of this.#world.tasks) hash.update(`${task.name} ${task.stateHash()}\n`)
    return hash.update(`exchange-simulator ${this.#world.simulator.stateHash()}\n`).digest('hex')
  }
}

async function drain(task: PipelineTask): Promise<void> {
  while (!task.isIdle) {
    const { outcome } = await task.step()
    if (outcome !== 'worked') return
  }
}
