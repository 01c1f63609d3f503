import { describe, expect, test } from '@jest/globals'
import { logRecord, type LogRecord } from '@sluice/stream-runtime/log'
import fc from 'fast-check'
import { PartitionBuffer } from '../src/partition-buffer.ts'

const recordAt = (offset: number, size = 10): LogRecord =>
  logRecord({ offset, appendTime: 0 }, { key: null, value: new Uint8Array(size) })

function filled(from: number, to: number): PartitionBuffer {
  const buffer = new PartitionBuffer(from)
  buffer.restartAt(from)
  for (let offset = from; offset < to; offset += 1) buffer.add(recordAt(offset))
  return buffer
}

const offsetsOf = (records: readonly LogRecord[]) => records.map(({ offset }) => offset)

describe('what was fetched and not read yet', () => {
  test('is read in order, and again from the same place', () => {
    const buffer = filled(5, 9)
    expect(offsetsOf(buffer.read(5, 2))).toEqual([5, 6])
    expect(offsetsOf(buffer.read(5, 9))).toEqual([5, 6, 7, 8])
    expect(offsetsOf(buffer.read(7, 9))).toEqual([7, 8])
    expect(buffer.read(5, 9)).toEqual([])
    expect(buffer.read(9, 9)).toEqual([])
  })

  test('nobody reads: nothing is kept', () => {
    const buffer = new PartitionBuffer(3)
    for (const offset of [3, 4, 5]) buffer.add(recordAt(offset, 1000))
    expect([buffer.next, buffer.bytes]).toEqual([6, 0])
    expect(buffer.read(3, 9)).toEqual([])
  })

  test('a reader who stands ahead gets what comes from there on', () => {
    const buffer = filled(0, 2)
    buffer.skipTo(4)
    expect([buffer.leadsTo(4), buffer.leadsTo(3)]).toEqual([true, false])
    for (const offset of [2, 3, 4, 5]) buffer.add(recordAt(offset))
    expect(offsetsOf(buffer.read(4, 9))).toEqual([4, 5])
  })

  test('agrees with a plain array of all records, whatever is read, skipped and added', () => {
    const step = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 2000 }) }),
      fc.record({ read: fc.integer({ min: 0, max: 50 }), ahead: fc.integer({ min: 0, max: 40 }) }),
      fc.record({ skip: fc.integer({ min: 0, max: 30 }) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const buffer = filled(0, 0)
        let wanted = 0
        for (const action of steps) {
          if ('add' in action) buffer.add(recordAt(buffer.next, action.add))
          else if ('skip' in action) {
            wanted += action.skip
            buffer.skipTo(wanted)
          } else {
            const offset = wanted + action.ahead
            const expected = Math.max(0, Math.min(action.read, buffer.next - offset))
            const records = buffer.read(offset, action.read)
            expect(offsetsOf(records)).toEqual(
              Array.from({ length: expected }, (_, i) => offset + i),
            )
            if (offset < buffer.next) wanted = offset
          }
          expect(buffer.bytes > 0).toBe(wanted < buffer.next)
        }
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})
