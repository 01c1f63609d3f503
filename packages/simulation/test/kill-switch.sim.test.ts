import { expect, test } from '@jest/globals'
import { encodeEvent } from '@sluice/contracts/codec'
import type { BatchReceipt, SluiceEvent } from '@sluice/contracts/generated/events'
import { ExchangeSimulator } from '@sluice/exchange-simulator/simulator'
import { openTask } from '@sluice/pipeline/tasks'
import { mapTasks } from '@sluice/pipeline/topology'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { Simulation, SimulationClock } from '../src/simulation.ts'
import { VenueLink } from '../src/venue-link.ts'
import { temporaryDirectory } from './fixtures.ts'
import { SHARP, SHARP_SERIES } from './sharp-crash.ts'

interface Batch {
  readonly receipt: BatchReceipt
  readonly events: readonly SluiceEvent[]
  readonly confirmedAt: number
}

const KILL_SWITCH = { actor: 'operator', reason: 'a test', approver: null, expiresAt: null }
const OPERATIONS = { topic: 'operations', partition: 0 }
/** In the middle of the fall, with many liquidations under way. */
const AT = 215

const ordersIn = ({ events }: Batch): number =>
  events.filter(({ type }) => type === 'LiquidationOrderPlaced').length

const readsOperations = ({ receipt }: Batch): boolean =>
  receipt.inputRuns.some(run => 'source' in run && run.source.startsWith('operations'))

test('under load no order is placed from the batch on that contains the kill switch', async () => {
  const directory = await temporaryDirectory()
  const clock = new SimulationClock()
  const log = openEmbeddedLog({ directory: directory.path, mode: 'each', clock: () => clock.now })
  const { seed, policy } = SHARP
  const market = { kind: 'prices', series: SHARP_SERIES } as const
  const simulator = new ExchangeSimulator({ market, accounts: 400, seed, mode: policy })
  const batches: Batch[] = []
  const tasks = mapTasks(log, { evaluators: 1 }, definition =>
    openTask(definition, {
      owner: 'test',
      onConfirmed: ({ task, receipt, events }) => {
        if (task === 'liquidation-execution-0')
          batches.push({ receipt, events, confirmedAt: performance.now() })
      },
    }),
  )
  for (const task of tasks) await task.start()
  const link = new VenueLink(log, { layout: { evaluators: 1 }, recordedTo: -1 })
  const simulation = new Simulation({
    ...{ log, clock, simulator, link, tasks, recordedTo: -1 },
    stepsPerCommit: 1,
  })
  let before = 0
  let appendedAt = 0
  await simulation.run(async step => {
    if (step === AT) {
      before = batches.length
      appendedAt = performance.now()
      const value = encodeEvent({ type: 'KillSwitchEngaged', ...KILL_SWITCH })
      await log.append(OPERATIONS, [{ key: Buffer.from('operator'), value }])
    }
    return step < AT + 60
  })
  await log.close()
  await directory.remove()

  expect(batches.slice(0, before).reduce((sum, batch) => sum + ordersIn(batch), 0)).toBeGreaterThan(
    50,
  )
  const containing = batches.findIndex((batch, index) => index >= before && readsOperations(batch))
  const engaged = batches[containing]!
  const paused = engaged.events.filter(
    event => event.type === 'LiquidationPaused' && event.reason === 'kill_switch',
  )
  expect(paused.length).toBeGreaterThan(5)
  expect(batches.slice(containing).reduce((sum, batch) => sum + ordersIn(batch), 0)).toBe(0)
  const between = batches.slice(before, containing)
  expect(between.reduce((sum, batch) => sum + ordersIn(batch), 0)).toBe(0)
  process.stdout.write(
    `kill switch: ${paused.length} liquidations paused ${containing - before + 1} batch after it was written, ` +
      `${(engaged.confirmedAt - appendedAt).toFixed(1)} ms (with the venue's and price's own step between)\n`,
  )
})
