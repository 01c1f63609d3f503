import { expect, test } from '@jest/globals'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { opener } from '../src/hosted-task.ts'
import type { Logs } from '../src/logs.ts'
import { Roster } from '../src/roster.ts'
import { countingService } from './counting.ts'

/** A log of which every handle is the same, and where nobody counts generations. */
function logsOn(log: MemoryLog, onOpen: () => void): Logs {
  return {
    about: 'memory',
    layout: { evaluators: 1 },
    hasFixedTasks: false,
    open: () => {
      onOpen()
      return Promise.resolve({ log, close: () => Promise.resolve() })
    },
    deadLetters: undefined,
    openSnapshots: () => Promise.resolve(undefined),
    assign: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

test('a task that the group assigns while the process stops is not begun', async () => {
  const service = countingService()
  const stop = new AbortController()
  let opened = 0
  const roster: Roster = new Roster({
    logs: logsOn(new MemoryLog(), () => (opened += 1)),
    services: [service],
    opener: generation => opener({ generation }),
    onStep: (_, outcome) => {
      if (outcome === 'waiting') stop.abort()
    },
    onEnd: () => {
      roster.assign(service, { tasks: [0], generation: 2 })
    },
  })
  roster.assign(service, { tasks: [0], generation: 1 })
  expect(await roster.run(stop.signal)).toMatchObject([{ task: 'price-0', reason: 'stopped' }])
  roster.assign(service, { tasks: [0], generation: 3 })
  expect(roster.slots.map(({ isWanted }) => isWanted)).toEqual([false])
  expect(opened).toBe(1)
})
