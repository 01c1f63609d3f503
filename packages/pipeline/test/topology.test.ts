import { describe, expect, test } from '@jest/globals'
import { nameOf } from '@sluice/stream-runtime/definition'
import { MemoryLog } from '@sluice/stream-runtime/memory-log'
import { openTask } from '../src/tasks.ts'
import { mapTasks, topologyOf, TopologyError } from '../src/topology.ts'

const inputsOf = (evaluators: number): Record<string, string[]> =>
  Object.fromEntries(
    mapTasks(new MemoryLog(), { evaluators }, definition => [
      nameOf(definition),
      definition.inputs.map(({ topic, partition }) => `${topic}-${partition}`),
    ]),
  )

describe('the tasks of a pipeline', () => {
  test('come in the order of the way of a tick, with one evaluation for each partition of accounts', () => {
    expect(Object.keys(inputsOf(1))).toEqual([
      'price-0',
      'margin-evaluation-0',
      'liquidation-execution-0',
      'cascade-analytics-0',
    ])
    expect(Object.keys(inputsOf(3)).filter(name => name.startsWith('margin'))).toEqual([
      'margin-evaluation-0',
      'margin-evaluation-1',
      'margin-evaluation-2',
    ])
  })

  test('take what people decide first, and the accounts of their own partition alone', () => {
    const inputs = inputsOf(3)
    expect(inputs['margin-evaluation-2']?.[0]).toBe('operations-0')
    expect(inputs['liquidation-execution-0']?.[0]).toBe('operations-0')
    expect(inputs['margin-evaluation-2']?.filter(name => name.startsWith('accounts'))).toEqual([
      'accounts-2',
    ])
  })

  test('are all read by execution and analytics', () => {
    const inputs = inputsOf(2)
    for (const task of ['liquidation-execution-0', 'cascade-analytics-0']) {
      expect(inputs[task]).toEqual(
        expect.arrayContaining(['price-0', 'margin-evaluation-0', 'margin-evaluation-1']),
      )
    }
  })

  test('say the same state when nothing has been folded, and own their partition once started', async () => {
    const log = new MemoryLog()
    const tasks = mapTasks(log, { evaluators: 1 }, definition =>
      openTask(definition, { owner: 'a' }),
    )
    for (const task of tasks) expect(await task.start()).toBe(true)
    expect(tasks.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 1])
    const others = mapTasks(new MemoryLog(), { evaluators: 1 }, definition =>
      openTask(definition, { owner: 'b' }),
    )
    for (const task of others) await task.start()
    expect(tasks.map(task => task.stateHash())).toEqual(others.map(task => task.stateHash()))
  })
})

describe('the topology a log holds', () => {
  test('is read back', () => {
    expect(topologyOf({ evaluators: 3 })).toEqual({ evaluators: 3 })
  })

  test.each([undefined, null, 3, {}, { evaluators: 0 }, { evaluators: 1.5 }, { evaluators: '3' }])(
    'is not %j',
    held => {
      expect(() => topologyOf(held)).toThrow(TopologyError)
    },
  )
})
