import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { verifyLog } from '@sluice/audit/verify-log'
import { isReceipt } from '@sluice/contracts/codec'
import { Random } from '@sluice/exchange-simulator/random'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { simulateSharp, temporaryDirectory } from './fixtures.ts'

const CHILD = fileURLToPath(new URL('simulate-until-killed.ts', import.meta.url))
const SEED = Number(process.env['SLUICE_SEED'] ?? 20_251_010)
const KILLS = process.env['SLUICE_LONG'] === undefined ? 25 : 100
const WAITING = 3

/** Steps of the run, and those that make a group of steps durable; the last commit follows the last step. */
const STEPS = 539
const COMMITS = [255, 511]

/**
 * Parts of a run, in the order in which they are reached, with the share of kills that falls into each. A kill lands a moment after the step
 * is said: in the next step, or in the commit that belongs to it.
 */
const PHASES = [
  { about: 'start-up and opening', share: 0.16, from: 0, to: 1 },
  { about: 'calm', share: 0.12, from: 2, to: 130 },
  { about: 'first wave', share: 0.12, from: 131, to: 253 },
  { about: 'first commit', share: 0.16, from: 254, to: 255 },
  { about: 'crash', share: 0.2, from: 256, to: 509 },
  { about: 'second commit', share: 0.12, from: 510, to: 511 },
  { about: 'recovery and last commit', share: 0.12, from: 512, to: STEPS },
] as const

function killSteps(): number[] {
  const random = new Random(SEED, 'kills')
  return PHASES.flatMap(({ share, from, to }) =>
    Array.from({ length: Math.round(share * KILLS) }, () => from + random.below(to - from + 1)),
  )
}

type Child = ChildProcessByStdio<Writable, Readable, null>

/** Several are started before they are needed, and wait: starting is what takes the time. */
function start(directory: string): Child {
  const flags = ['--conditions=sluice-source', '--import', 'tsx']
  return spawn(process.execPath, [...flags, CHILD, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
}

/** Lets the child work and kills it once it has said that it is at `step` or beyond. */
async function runAndKill(child: Child, step: number): Promise<void> {
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    const complete = said.slice(0, said.lastIndexOf('\n'))
    if (complete !== '' && Number(complete.slice(complete.lastIndexOf('\n') + 1)) >= step)
      child.kill('SIGKILL')
  })
  child.stdin.write('go')
  await once(child, 'close')
  expect(child.signalCode).toBe('SIGKILL')
}

async function look(directory: string) {
  const log = openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })
  const events: Record<string, string[]> = {}
  for (const of of log.partitions()) {
    const records = await log.read(of, 0, log.committedEnd(of))
    events[`${of.topic}-${of.partition}`] = records
      .filter(({ value }) => !isReceipt(value))
      .map(({ value, appendTime }) => `${appendTime} ${Buffer.from(value).toString('base64')}`)
  }
  const tasks = await verifyLog(log, { evaluators: 1 })
  await log.close()
  return { events, tasks }
}

let undisturbed: Awaited<ReturnType<typeof temporaryDirectory>>
let disturbed: typeof undisturbed
beforeAll(async () => {
  undisturbed = await temporaryDirectory()
  disturbed = await temporaryDirectory()
})
afterAll(async () => {
  await undisturbed.remove()
  await disturbed.remove()
})

test(`a simulation killed ${KILLS} times and resumed gives the same events and the same state as an undisturbed one (seed ${SEED})`, async () => {
  let last = 0
  const expected = await simulateSharp(undisturbed.path, { onStep: step => (last = step) })
  expect(last).toBe(STEPS)

  const steps = killSteps()
  expect(steps).toHaveLength(KILLS)
  const children = steps.slice(0, WAITING).map(() => start(disturbed.path))
  let killed = 0
  for (const [index, step] of steps.entries()) {
    if (index + WAITING < steps.length) children.push(start(disturbed.path))
    const child = children.shift()
    if (child === undefined) break
    await runAndKill(child, step)
    killed += 1
  }
  expect(killed).toBe(KILLS)

  const resumed = await simulateSharp(disturbed.path, { resume: true })
  expect({ ...resumed.summary, seconds: 0 }).toEqual({ ...expected.summary, seconds: 0 })
  const [wanted, found] = [await look(undisturbed.path), await look(disturbed.path)]
  expect(Object.keys(found.events)).toEqual(Object.keys(wanted.events))
  for (const [partition, events] of Object.entries(wanted.events)) {
    const differsAt = events.findIndex((event, at) => event !== found.events[partition]?.[at])
    expect({ partition, differsAt }).toEqual({ partition, differsAt: -1 })
    expect(found.events[partition]).toHaveLength(events.length)
  }
  expect(found.tasks.map(({ stateHash }) => stateHash)).toEqual(
    wanted.tasks.map(({ stateHash }) => stateHash),
  )
  const takeovers = found.tasks.map(
    ({ receipts }, at) => receipts - (wanted.tasks[at]?.receipts ?? 0),
  )
  for (const count of takeovers) expect(count).toBeGreaterThanOrEqual(COMMITS.length)
}, 600_000)

test('the kills fall on both sides of every commit', () => {
  const steps = killSteps()
  for (const commit of COMMITS) {
    expect(steps.filter(step => step >= commit - 1 && step <= commit).length).toBeGreaterThan(1)
  }
})
