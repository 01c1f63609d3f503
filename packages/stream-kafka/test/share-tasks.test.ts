import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { shareTasks, type TaskHolder } from '../src/share-tasks.ts'

const member = (id: string, held: readonly number[] = [], generation = 1): TaskHolder => ({
  id,
  held,
  generation,
})

const shared = (taskCount: number, ...members: readonly TaskHolder[]) =>
  Object.fromEntries(shareTasks(taskCount, members))

describe('tasks are shared among the members of a group', () => {
  test('evenly, when nobody has any', () => {
    expect(shared(5, member('b'), member('a'))).toEqual({ a: [0, 1, 2], b: [3, 4] })
    expect(shared(1, member('a'), member('b'))).toEqual({ a: [0], b: [] })
  })

  test('so that one who joins takes half, and the other keeps what it keeps', () => {
    expect(shared(4, member('new'), member('old', [0, 1, 2, 3]))).toEqual({
      new: [2, 3],
      old: [0, 1],
    })
  })

  test('so that the tasks of one who left go to those who have least, and nothing else moves', () => {
    expect(shared(6, member('a', [0, 1]), member('b', [4, 5]))).toEqual({
      a: [0, 1, 2],
      b: [3, 4, 5],
    })
  })

  test('to the one of the later generation, where two claim the same', () => {
    expect(shared(2, member('zombie', [0, 1], 4), member('owner', [0], 7))).toEqual({
      owner: [0],
      zombie: [1],
    })
  })

  test('whatever they say they have: all tasks once, nobody two more than another, few moves, in any order', () => {
    const members = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 4 }),
        held: fc.array(fc.nat(12), { maxLength: 8 }),
        generation: fc.nat(3),
      }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 6 },
    )
    const property = fc.property(fc.integer({ min: 1, max: 12 }), members, (taskCount, given) => {
      const shares = shareTasks(taskCount, given)
      const all = [...shares.values()].flat().sort((a, b) => a - b)
      expect(all).toEqual(Array.from({ length: taskCount }, (_, task) => task))
      const sizes = [...shares.values()].map(share => share.length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(Object.fromEntries(shareTasks(taskCount, given.toReversed()))).toEqual(
        Object.fromEntries(shares),
      )
      const held = given.map(({ id }) => ({ id, held: shares.get(id) ?? [], generation: 9 }))
      expect(Object.fromEntries(shareTasks(taskCount, held))).toEqual(Object.fromEntries(shares))
    })
    fc.assert(property, { seed: 1, numRuns: 300 })
  })
})
