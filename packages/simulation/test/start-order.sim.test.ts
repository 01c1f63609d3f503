import { describe, expect, test } from '@jest/globals'
import { verifyLog } from '@sluice/audit/verify-log'
import type { AccountUpdated } from '@sluice/contracts/generated/events'
import { snapshotOf } from '@sluice/contracts/snapshot-hash'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import type { VenueRecord } from '@sluice/exchange-simulator/types'
import { openTask, type PipelineTask } from '@sluice/pipeline/tasks'
import { mapTasks } from '@sluice/pipeline/topology'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { EventToAppend } from '@sluice/stream-runtime/log'
import { Simulation, SimulationClock } from '../src/simulation.ts'
import { VenueLink } from '../src/venue-link.ts'
import { isOf, openLiquidations, overLiquidations, readRun } from './case.ts'
import type { LoggedRun } from './case.ts'
import { temporaryDirectory } from './fixtures.ts'
import { SHARP, SHARP_SERIES } from './sharp-crash.ts'

const SERVICES = ['price', 'margin-evaluation', 'liquidation-execution', 'cascade-analytics']
/** By then the exchange has written rules, accounts and some market data. */
const START_AT = 20
/** Within the fall: many scopes are under water by then, and none has been triggered. */
const SNAPSHOT_AT = 90
/** One instrument, from before the fall to its end. */
const SERIES = SHARP_SERIES.slice(0, 1).map(series => ({
  ...series,
  bars: series.bars.slice(2, 8),
}))

/** A task that does not exist yet: its process is started later. */
class LateTask implements Pick<PipelineTask, keyof PipelineTask> {
  readonly #open: () => PipelineTask
  readonly name: string
  #task: PipelineTask | undefined

  constructor(name: string, open: () => PipelineTask) {
    this.name = name
    this.#open = open
  }

  async start(): Promise<boolean> {
    this.#task = this.#open()
    return this.#task.start()
  }

  get isIdle() {
    return this.#task?.isIdle ?? true
  }
  get isReady() {
    return this.#task?.isReady ?? false
  }
  get hasEnded() {
    return this.#task?.hasEnded ?? false
  }
  get sequence() {
    return this.#task?.sequence ?? 0
  }
  get inputsWithoutReceipt() {
    return this.#task?.inputsWithoutReceipt ?? 0
  }
  positions() {
    return this.#task?.positions() ?? []
  }
  nextDeadline() {
    return this.#task?.nextDeadline() ?? null
  }
  tick(time: number) {
    return this.#task?.tick(time) ?? false
  }
  flush() {
    this.#task?.flush()
  }
  step() {
    const nothing = { outcome: 'waiting', folded: 0, emitted: 0 } as const
    return this.#task?.step() ?? Promise.resolve(nothing)
  }
  stateHash() {
    return this.#task?.stateHash() ?? ''
  }
}

/** The exchange is slow to say that all accounts have been written. */
class SlowLink extends VenueLink {
  readonly accounts: AccountUpdated[] = []
  isComplete = false

  override async publish(time: number, records: readonly VenueRecord[]): Promise<void> {
    for (const { event } of records)
      if (event.type === 'AccountUpdated' && !this.isComplete) this.accounts.push(event)
    const others = records.filter(({ event }) => event.type !== 'SnapshotCompleted')
    await super.publish(time, others)
  }
}

async function runInOrder(order: readonly string[]): Promise<LoggedRun> {
  const directory = await temporaryDirectory()
  const clock = new SimulationClock()
  const log = openEmbeddedLog({ directory: directory.path, mode: 'group', clock: () => clock.now })
  const { seed, policy } = SHARP
  const market = { kind: 'prices', series: SERIES } as const
  const simulator = new ExchangeSimulator({ market, accounts: 30, seed, mode: policy })
  const tasks = mapTasks(
    log,
    { evaluators: 1 },
    definition =>
      new LateTask(definition.processor.service, () => openTask(definition, { owner: 'test' })),
  )
  const link = new SlowLink(log, { layout: { evaluators: 1 }, recordedTo: -1 })
  const simulation = new Simulation({ log, clock, simulator, link, tasks, recordedTo: -1 })
  await simulation.run(async step => {
    if (step === START_AT) for (const name of order) await startAlone(tasks, name)
    if (step === SNAPSHOT_AT) {
      link.isComplete = true
      const completed = new EventToAppend(snapshotOf(link.accounts), Buffer.from(''))
      await log.append({ topic: 'accounts', partition: 0 }, [completed])
    }
    return true
  })
  expect(simulator.summary().moneyConserved).toBe(true)
  await verifyLog(log, { evaluators: 1 })
  await log.close()
  const run = await readRun(directory.path)
  await directory.remove()
  return run
}

/** Each service does what it can before the next one exists. */
async function startAlone(tasks: readonly LateTask[], name: string): Promise<void> {
  const task = tasks.find(each => each.name === name)
  await task?.start()
  while ((await task?.step())?.outcome === 'worked');
}

const outcomesOf = ({ executions }: LoggedRun): string[] =>
  executions
    .filter(isOf('LiquidationCompleted'))
    .map(({ event: { scope, outcome, slices, reducedNotional } }) =>
      [scope, outcome, slices, reducedNotional.toFixed()].join(' '),
    )

function permutations(of: readonly string[]): string[][] {
  if (of.length < 2) return [[...of]]
  return of.flatMap(first =>
    permutations(of.filter(other => other !== first)).map(rest => [first, ...rest]),
  )
}

describe('The four services may be started in any order', () => {
  let expected: string[] | undefined

  test.each(permutations(SERVICES))('%s, %s, %s, %s', async (...order) => {
    const run = await runInOrder(order)
    const outcomes = outcomesOf(run)
    expected ??= outcomes
    expect(outcomes.length).toBeGreaterThan(4)
    expect(outcomes).toEqual(expected)
    expect(openLiquidations(run)).toEqual([])
    expect(overLiquidations(run)).toEqual([])
    const started = run.executions.filter(isOf('LiquidationStarted'))
    const snapshotAt = SERIES[0]!.bars[0]!.openTime + SNAPSHOT_AT * 1000
    expect(Math.min(...started.map(({ appendTime }) => appendTime))).toBeGreaterThan(snapshotAt)
  })
})
