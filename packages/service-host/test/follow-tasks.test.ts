import { expect, test } from '@jest/globals'
import { createLogger } from '@sluice/observability/logger'
import { ReplayDivergedError } from '@sluice/stream-runtime/errors'
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
  followInto: () => ({ advance }),
})

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

test('where snapshots cannot be saved, that is logged and the task goes on without', async () => {
  const lines: string[] = []
  const task = taskWith(() => Promise.reject(new Error('disk full')))
  await followTasks([task], options(lines), new AbortController().signal)
  expect(lines.join()).toContain('no more snapshots of this task until the next start')
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
  const task = taskWith(() => Promise.reject(new ReplayDivergedError(divergence)))
  const following = followTasks([task], options(), new AbortController().signal)
  await expect(following).rejects.toThrow('differs first at price-0/9')
})

test('replay goes on to the end of the log, looks again, and stops with the signal', async () => {
  const stop = new AbortController()
  let advanced = 0
  const task = taskWith(() => {
    advanced += 1
    if (advanced === 100) stop.abort()
    return Promise.resolve(advanced % 10 !== 0)
  })
  await followTasks([task], options(), stop.signal)
  expect(advanced).toBeGreaterThanOrEqual(100)
})
