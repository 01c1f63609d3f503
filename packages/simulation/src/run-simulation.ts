import { createHash } from 'node:crypto'
import { FINISHED_RUN, type FinishedRun } from '@sluice/audit/finished-run'
import { opaqueIds } from '@sluice/contracts/opaque-id'
import type { PriceSeries } from '@sluice/exchange-simulator/bars'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { Injection, VenueFault } from '@sluice/exchange-simulator/types'
import { mapTasks } from '@sluice/pipeline/topology'
import { openTask, type PipelineTask } from '@sluice/pipeline/tasks'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import type { ConfirmedBatch } from '@sluice/stream-runtime/task'
import { SimulationMismatchError, type SimulationArguments } from './arguments.ts'
import { Simulation, SimulationClock } from './simulation.ts'
import { summarise, type SimulationSummary } from './summary.ts'
import { VenueLink } from './venue-link.ts'

export interface SimulationOptions {
  readonly arguments: SimulationArguments
  /** The series of `arguments.prices`, read and checked; empty with a scenario. */
  readonly series: readonly PriceSeries[]
  /** Where the log is, or is to be. */
  readonly directory: string
  /** Goes on with what the directory holds; otherwise it has to be without a log. */
  readonly resume?: boolean
  readonly faults?: readonly VenueFault[]
  /** What happens at the venue besides what is asked of it; times are event times. */
  readonly injections?: readonly Injection[]
  /** Called with every batch of the tasks once it is confirmed. */
  readonly onConfirmed?: (batch: ConfirmedBatch) => void
  /**
   * Live: every step is durable by itself, and the next one waits for this. It may answer late, to keep pace with a clock, and
   * answers false to stop.
   */
  readonly pace?: (time: number) => Promise<boolean>
  /** After every step: its number, how many there will be, and its time. */
  readonly onStep?: (step: number, steps: number, time: number) => void
}

/** What a simulation returns beside its summary: figures that only the comparison of policies needs. */
export interface SimulationResult {
  readonly summary: SimulationSummary
  /** Largest distance between the venue's price and its undisturbed path, over all instruments, as a fraction. */
  readonly priceMoved: number
  /** Notional of the largest cascade [settlement currency]. */
  readonly largestCascade: number
}

/**
 * Runs the exchange simulator and the four services over a price path, into a log. Same arguments, same bytes.
 *
 * @throws SimulationMismatchError if the directory holds a log and `resume` is not set, or one of other arguments;
 *   VenueDivergedError, ReplayDivergedError if what it holds is not what these arguments give.
 */
export async function runSimulation(options: SimulationOptions): Promise<SimulationResult> {
  const started = performance.now()
  const clock = new SimulationClock()
  const log = openEmbeddedLog({
    directory: options.directory,
    mode: 'group',
    clock: () => clock.now,
  })
  try {
    claim(log, options)
    return await simulate(options, { log, clock, started })
  } finally {
    await log.close()
  }
}

/** Writes down what this log is of, or finds that it is of the same. */
function claim(
  log: EmbeddedLog,
  { arguments: wanted, directory, resume }: SimulationOptions,
): void {
  const held = log.readMeta('simulation')
  if (held === undefined) {
    log.writeMeta('topology', { evaluators: wanted.evaluators })
    log.writeMeta('simulation', wanted)
    return
  }
  if (resume !== true)
    throw new SimulationMismatchError(
      `${directory} already holds a simulation: give --resume to go on with it, or another directory`,
    )
  if (JSON.stringify(held) !== JSON.stringify(wanted))
    throw new SimulationMismatchError(
      `${directory} holds a simulation of ${JSON.stringify(held)}: resume it with these arguments`,
    )
}

interface Setting {
  readonly log: EmbeddedLog
  readonly clock: SimulationClock
  readonly started: number
}

async function simulate(options: SimulationOptions, setting: Setting): Promise<SimulationResult> {
  const { log, clock, started } = setting
  const { onConfirmed } = options
  const { evaluators, accounts } = options.arguments
  const recordedTo = recordedTime(log)
  clock.now = recordedTo
  const simulator = new ExchangeSimulator(simulatorOptions(options))
  for (const injection of options.injections ?? []) simulator.inject(injection)
  const tasks = mapTasks(log, { evaluators }, definition =>
    openTask(definition, {
      owner: 'simulation',
      ...(onConfirmed === undefined ? {} : { onConfirmed }),
    }),
  )
  for (const task of tasks) await task.start()
  const link = new VenueLink(log, { layout: { evaluators }, recordedTo })
  const simulation = new Simulation({
    log,
    clock,
    simulator,
    link,
    tasks,
    recordedTo,
    ...(options.pace === undefined ? {} : { stepsPerCommit: 1 }),
  })
  await simulation.run((step, time) => {
    options.onStep?.(step, simulator.steps, time)
    return options.pace?.(time) ?? true
  })
  const venue = simulator.summary()
  const { counts, largestCascade } = await summarise(log)
  const end = endOf(log, tasks, simulation.stateHash())
  if (simulator.finished) log.writeMeta(FINISHED_RUN, end)
  const summary = {
    stateHash: end.stateHash,
    accounts,
    ...counts,
    moneyConserved: venue.moneyConserved,
    events: end.events,
    seconds: Math.round(performance.now() - started) / 1000,
  }
  const priceMoved = Math.max(...Object.values(venue.priceMoved).map(({ venueRate }) => venueRate))
  return { summary, priceMoved, largestCascade }
}

/** What the log holds now, so that it can be told later whether its end is still there. */
function endOf(log: EmbeddedLog, tasks: readonly PipelineTask[], stateHash: string): FinishedRun {
  const ends = new Map<string, number>(
    log.partitions().map(of => [`${of.topic}-${of.partition}`, log.committedEnd(of)] as const),
  )
  const ofTasks = tasks.map(task => {
    const events = (ends.get(task.name) ?? 0) - task.sequence
    return [task.name, { stateHash: task.stateHash(), events, lastReceipt: task.sequence }] as const
  })
  for (const { name } of tasks) ends.delete(name)
  const events = [...ends.values(), ...ofTasks.map(([, task]) => task.events)]
  return {
    stateHash,
    events: events.reduce((sum, count) => sum + count, 0),
    tasks: Object.fromEntries(ofTasks),
    records: Object.fromEntries(ends),
  }
}

function simulatorOptions({ arguments: given, series, faults }: SimulationOptions) {
  const { scenario, accounts, seed, policy, steps } = given
  return {
    market:
      scenario === null
        ? ({ kind: 'prices', series } as const)
        : ({ kind: 'scenario', name: scenario } as const),
    accounts,
    seed,
    mode: policy,
    opaqueId: opaqueIds(simulationKey(seed)),
    ...(faults === undefined ? {} : { faults }),
    ...(steps === null ? {} : { steps }),
  }
}

/** The accounts of a simulation belong to nobody, so their key may follow from the seed: the same arguments give the same ids. */
const simulationKey = (seed: number): Buffer =>
  createHash('sha256').update(`sluice simulation ${seed}`).digest()

/** Latest append time in the log: every step up to it is there whole. Below every time if the log is new. */
function recordedTime(log: EmbeddedLog): number {
  let latest = -1
  for (const partition of log.partitions()) {
    const last = log.batches(partition, Math.max(0, log.committedEnd(partition) - 1)).next()
    if (last.done !== true) latest = Math.max(latest, last.value.appendTime)
  }
  return latest
}
