import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { MemoryLog, type AppendFault } from '../src/memory-log.ts'
import { Task } from '../src/task.ts'
import { verifyTask } from '../src/verify.ts'
import { appendTrades, burst, counting, OPERATIONS, record } from './counting.ts'

const RUNS = process.env['SLUICE_LONG'] === '1' ? 5000 : 80
const INPUTS = 24

/** What happens next in a history of two owners. */
type Happening =
  | { readonly kind: 'step'; readonly owner: number }
  /** The process dies where it is, and another starts in its place. */
  | { readonly kind: 'restart'; readonly owner: number }
  | { readonly kind: 'tick'; readonly owner: number; readonly time: number }
  | { readonly kind: 'land_late' }

const owner = fc.integer({ min: 0, max: 1 })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('step' as const), owner }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), owner }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('tick' as const),
      owner,
      time: fc.integer({ min: 0, max: 9000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'land_late' as const }) },
)

const fault: fc.Arbitrary<AppendFault> = fc.oneof(
  { weight: 8, arbitrary: fc.constant('none' as const) },
  { weight: 1, arbitrary: fc.constantFrom<AppendFault>('lost', 'answer_lost', 'late', 'twice') },
)

async function play(happenings: readonly Happening[], faults: readonly AppendFault[]) {
  let disturbed = false
  const log = new MemoryLog({
    clock: () => 1000,
    fault: append => (disturbed ? (faults[append % faults.length] ?? 'none') : 'none'),
  })
  await appendTrades(
    log,
    Array.from({ length: INPUTS - 1 }, (_, index) => index + 20),
  )
  await log.append(OPERATIONS, [record(burst(17))])
  let starts = 0
  const limits = { chunkRecords: 3, maxEventsPerBatch: 5 }
  const start = () => new Task(counting(log), { owner: `o${starts}`, generation: starts++, limits })
  const owners = [start(), start()]
  disturbed = true
  for (const next of happenings) {
    if (next.kind === 'land_late') log.landLate()
    else if (next.kind === 'restart') owners[next.owner] = start()
    else if (next.kind === 'tick') owners[next.owner]!.tick(next.time)
    else await owners[next.owner]!.step()
  }
  disturbed = false
  log.landLate()
  const last = start()
  for (let round = 0; round < 2; round += 1) {
    while ((await last.step()).outcome !== 'waiting');
    last.flush()
  }
  return { log, last }
}

test('whatever two owners and the log do, each input is folded once and the log replays to its own bytes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 60 }),
      fc.array(fault, { minLength: 7, maxLength: 7 }),
      async (happenings, faults) => {
        const { log, last } = await play(happenings, faults)
        const walk = verifyTask(counting(log))
        const { value } = await walk.next()
        expect(value).toMatchObject({ state: last.confirmedState() })
        expect(value).toMatchObject({
          coverage: [
            { topic: 'operations', coveredTo: 1, end: 1 },
            { topic: 'market-data', coveredTo: INPUTS - 1, end: INPUTS - 1 },
          ],
        })
      },
    ),
    { seed: 11, numRuns: RUNS },
  )
})
