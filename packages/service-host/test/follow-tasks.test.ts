import { expect, test } from '@jest/globals'
import { createLogger } from '@sluice/observability/logger'
import { ReplayDivergedError } from '@sluice/stream-runtime/errors'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { MemorySnapshotStore } from '@sluice/stream-runtime/snapshot-file'
import { followTasks } from '../src/follow-tasks.ts'
import type { HostedTask } from '../src/hosted-task.ts'

const nothing = { outcome: 'waiting', folded: 0, emitted: 0 } as const

/** A task of which only the follower does anything. */
const taskWith = (advance: () => Promise<boolean>): HostedTask => ({
  name: 'price-0',
  inputsWithoutReceipt: 0,
  hasEnded: false,
  sequence: 0,
  isReady: true,
  nextDeadline: () => null,
  tick: () => false,
  flush: () => undefined,
  step: () => Promise.resolve(nothing),
  positions: () => [],
  stateHash: () => undefined,
  followOn: () => ({ advance }),
})

/** What runs all the time, and the handles that were opened for following it. */
function followed(task: HostedTask) {
  const handles = { open: 0 }
  const openHandle = () => {
    handles.open += 1
    const close = () => Promise.resolve(void (handles.open -= 1))
    return Promise.resolve({ log: new MemoryLog(), close })
  }
  return { handles, running: () => [{ task, openHandle }] }
}

/** Time passes by a millisecond at each look. */
function options(lines: string[] = []) {
  let now = 0
  return {
    store: new MemorySnapshotStore(),
    everyInputs: 1,
    clock: { now: () => (now += 1), wait: () => Promise.resolve() },
    logger: createLogger({
      name: 'test',
      level: 'error',
      destination: { write: line => void lines.push(line) },
    }),
    isIdle: () => true,
  }
}

test('where snapshots cannot be saved, that is logged once and the task goes on without', async () => {
  const lines: string[] = []
  const stop = new AbortController()
  let looks = 0
  const { handles, running } = followed(taskWith(() => Promise.reject(new Error('disk full'))))
  const looking = () => {
    looks += 1
    if (looks === 3) stop.abort()
    return running()
  }
  await followTasks(looking, options(lines), stop.signal)
  expect(lines).toHaveLength(1)
  expect(lines.join()).toContain('no more snapshots of this task until the next start')
  expect(handles.open).toBe(0)
})

test('a replay that differs from the log is fatal: recovery would differ too', async () => {
  const divergence = {
    task: 'price-0',
    receipt: 3,
    kind: 'event',
    first: 'price-0/9',
    logged: 'a',
    replayed: 'b',
  } as const
  const { handles, running } = followed(
    taskWith(() => Promise.reject(new ReplayDivergedError(divergence))),
  )
  const following = followTasks(running, options(), new AbortController().signal)
  await expect(following).rejects.toThrow('differs first at price-0/9')
  expect(handles.open).toBe(0)
})

test('replay goes on to the end of the log, looks again, and stops with the signal', async () => {
  const stop = new AbortController()
  let advanced = 0
  const { handles, running } = followed(
    taskWith(() => {
      advanced += 1
      if (advanced === 100) stop.abort()
      return Promise.resolve(advanced % 10 !== 0)
    }),
  )
  await followTasks(running, options(), stop.signal)
  expect(advanced).toBeGreaterThanOrEqual(100)
  expect(handles.open).toBe(0)
})

test('a task that runs no more is not followed, and its handle is closed', async () => {
  const stop = new AbortController()
  let advanced = 0
  let rounds = 0
  const { handles, running } = followed(
    taskWith(() => {
      advanced += 1
      return Promise.resolve(false)
    }),
  )
  const whileItRuns = () => {
    rounds += 1
    if (rounds === 5) stop.abort()
    return rounds <= 2 ? running() : []
  }
  await followTasks(whileItRuns, options(), stop.signal)
  expect([advanced, handles.open]).toEqual([2, 0])
})
