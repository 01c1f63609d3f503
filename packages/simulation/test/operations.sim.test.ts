import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { verifyLog } from '@sluice/audit/verify-log'
import { encodeEvent } from '@sluice/contracts/codec'
import type { OperationsEvent } from '@sluice/contracts/generated/events'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import { openTask } from '@sluice/pipeline/tasks'
import { mapTasks } from '@sluice/pipeline/topology'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { Simulation, SimulationClock } from '../src/simulation.ts'
import { VenueLink } from '../src/venue-link.ts'
import { isOf, openLiquidations, overLiquidations, readRun, scopeOf } from './case.ts'
import type { LoggedRun } from './case.ts'
import { temporaryDirectory } from './fixtures.ts'
import { SHARP, SHARP_SERIES } from './sharp-crash.ts'

const STEP_MS = 1000
/** Within the crash. */
const FROM = 230
const TO = 330

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(() => directory.remove())

const decided = { actor: 'operator', reason: 'a test', approver: null, expiresAt: null }

/** Runs the sharp crash, with a person who writes to `operations` after the steps given. Answers the run and the times of the steps. */
async function runWith(
  operations: ReadonlyMap<number, OperationsEvent>,
): Promise<{ run: LoggedRun; timeOf: (step: number) => number }> {
  const clock = new SimulationClock()
  const log = openEmbeddedLog({ directory: directory.path, mode: 'group', clock: () => clock.now })
  const { accounts, seed, policy } = SHARP
  const market = { kind: 'prices', series: SHARP_SERIES } as const
  const simulator = new ExchangeSimulator({ market, accounts, seed, mode: policy })
  const tasks = mapTasks(log, { evaluators: 1 }, definition =>
    openTask(definition, { owner: 'test' }),
  )
  for (const task of tasks) await task.start()
  const link = new VenueLink(log, { layout: { evaluators: 1 }, recordedTo: -1 })
  const simulation = new Simulation({ log, clock, simulator, link, tasks, recordedTo: -1 })
  await simulation.run(async step => {
    const operation = operations.get(step)
    if (operation !== undefined)
      await log.append({ topic: 'operations', partition: 0 }, [
        { key: Buffer.from(operation.actor), value: encodeEvent(operation) },
      ])
    return true
  })
  expect(simulator.summary().moneyConserved).toBe(true)
  await verifyLog(log, { evaluators: 1 })
  await log.close()
  return {
    run: await readRun(directory.path),
    timeOf: step => simulator.startTime + step * STEP_MS,
  }
}

const orderTimes = ({ executions }: LoggedRun, scope?: string): number[] =>
  executions
    .filter(isOf('LiquidationOrderPlaced'))
    .filter(({ event }) => scope === undefined || event.scope === scope)
    .map(({ appendTime }) => appendTime)

describe('the kill switch', () => {
  test('lets no order out until it is released, cancels what is working, and then all goes on', async () => {
    const { run, timeOf } = await runWith(
      new Map<number, OperationsEvent>([
        [FROM, { type: 'KillSwitchEngaged', ...decided }],
        [TO, { type: 'KillSwitchReleased', ...decided }],
      ]),
    )
    const times = orderTimes(run)
    const [from, to] = [timeOf(FROM), timeOf(TO)]
    expect(times.filter(time => time > from && time <= to)).toEqual([])
    expect(times.filter(time => time <= from).length).toBeGreaterThan(0)
    expect(times.filter(time => time > to).length).toBeGreaterThan(0)
    const paused = run.executions.filter(isOf('LiquidationPaused'))
    expect(paused.some(({ event }) => event.reason === 'kill_switch')).toBe(true)
    expect(run.executions.some(isOf('LiquidationResumed'))).toBe(true)
    expect(overLiquidations(run)).toEqual([])
  })

  test('lapses by itself at its time', async () => {
    const { run: undisturbed, timeOf } = await runWith(new Map())
    await directory.remove()
    directory = await temporaryDirectory()
    const expiresAt = timeOf(TO)
    const { run } = await runWith(
      new Map([[FROM, { type: 'KillSwitchEngaged', ...decided, expiresAt }]]),
    )
    expect(orderTimes(undisturbed).some(time => time > timeOf(FROM) && time < expiresAt)).toBe(true)
    expect(orderTimes(run).filter(time => time > timeOf(FROM) && time < expiresAt)).toEqual([])
    expect(orderTimes(run).filter(time => time >= expiresAt).length).toBeGreaterThan(0)
  })
})

test('a scope that is held gets no order until it is released, while others do', async () => {
  const { run: undisturbed, timeOf } = await runWith(new Map())
  const [from, to] = [timeOf(FROM), timeOf(TO)]
  const scopes = new Set(undisturbed.accounts.map(scopeOf))
  const ordersBetween = (run: LoggedRun, scope: string): number =>
    orderTimes(run, scope).filter(time => time > from && time <= to).length
  const held = [...scopes].sort(
    (one, other) => ordersBetween(undisturbed, other) - ordersBetween(undisturbed, one),
  )[0]!
  expect(ordersBetween(undisturbed, held)).toBeGreaterThan(0)
  await directory.remove()
  directory = await temporaryDirectory()

  const { run } = await runWith(
    new Map<number, OperationsEvent>([
      [FROM, { type: 'ScopeHeld', scope: held, ...decided }],
      [TO, { type: 'ScopeReleased', scope: held, ...decided }],
    ]),
  )
  expect(ordersBetween(run, held)).toBe(0)
  expect(orderTimes(run).filter(time => time > from && time <= to).length).toBeGreaterThan(0)
  const heldLiquidations = run.executions
    .filter(isOf('LiquidationStarted'))
    .filter(({ event }) => event.scope === held)
    .map(({ event }) => event.liquidationId)
  expect(openLiquidations(run).filter(id => heldLiquidations.includes(id))).toEqual([])
})
