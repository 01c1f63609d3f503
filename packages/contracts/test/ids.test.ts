import { createHmac } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { eventIdOf, parseId, recordIdOf, taskName, tickIdOf, UnknownIdError } from '../src/ids.ts'
import { opaqueIds, WeakKeyError } from '../src/opaque-id.ts'
import { murmur2, partitionOf } from '../src/partitions.ts'
import { accountOf, instrumentOf, scopeIdOf } from '../src/scope.ts'

describe('an id', () => {
  test('of an event is its task and its number', () => {
    const id = eventIdOf(taskName('margin-evaluation', 3), 17)
    expect(id).toBe('margin-evaluation-3/17')
    expect(parseId(id)).toEqual({
      kind: 'event',
      task: 'margin-evaluation-3',
      service: 'margin-evaluation',
      partition: 3,
      sequence: 17,
    })
  })

  test('of a record is its place in the log', () => {
    const id = recordIdOf('execution-reports', 0, 12)
    expect(id).toBe('execution-reports-0@12')
    expect(parseId(id)).toEqual({
      kind: 'record',
      topic: 'execution-reports',
      partition: 0,
      offset: 12,
    })
  })

  test('of a tick is its time', () => {
    expect(parseId(tickIdOf(1760054400123))).toEqual({ kind: 'tick', time: 1760054400123 })
  })

  test.each([
    '',
    'price',
    'price-0',
    'price-0/',
    'price-x/1',
    'tick/5',
    'price-0/1/2',
    'Price-0/1',
  ])('%j is none', id => {
    expect(() => parseId(id)).toThrow(UnknownIdError)
  })
})

describe('the partition of a key', () => {
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Kafka does', (text, hash) => {
    expect(murmur2(new TextEncoder().encode(text))).toBe(hash)
  })

  test('is the hash without its sign, modulo the partitions', () => {
    expect(partitionOf('foobar', 7)).toBe((-790332482 & 0x7fffffff) % 7)
    expect(partitionOf('anything', 1)).toBe(0)
  })
})

describe('a scope', () => {
  test('is the account for cross margin', () => {
    const scope = scopeIdOf('abc', null)
    expect([scope, accountOf(scope), instrumentOf(scope)]).toEqual(['abc', 'abc', null])
  })

  test('is account and instrument for an isolated position', () => {
    const scope = scopeIdOf('abc', 'BTC-PERP')
    expect([scope, accountOf(scope), instrumentOf(scope)]).toEqual([
      'abc/BTC-PERP',
      'abc',
      'BTC-PERP',
    ])
  })
})

describe('an opaque account id', () => {
  const key = Buffer.alloc(32, 9)

  test('is the first 16 bytes of a keyed hash, in 22 characters', () => {
    const expected = createHmac('sha256', key).update('alice').digest('base64url').slice(0, 21)
    const id = opaqueIds(key)('alice')
    expect(id).toHaveLength(22)
    expect(id.slice(0, 21)).toBe(expected)
  })

  test('differs under another key', () => {
    expect(opaqueIds(key)('alice')).not.toBe(opaqueIds(Buffer.alloc(32, 8))('alice'))
  })

  test('is not made with a key that could be guessed', () => {
    expect(() => opaqueIds(Buffer.alloc(8))).toThrow(WeakKeyError)
  })
})
