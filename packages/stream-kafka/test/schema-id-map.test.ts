import { describe, expect, test } from '@jest/globals'
import { decodeEvent } from '@sluice/contracts/codec'
import { SchemaIdUnknownError, schemaIdMap } from '../src/schema-id-map.ts'
import { putOwnId, withWireId } from '../src/wire-ids.ts'

const ids = schemaIdMap([
  [100, 7],
  [101, 8],
])

describe('numbers of schemas at the edge', () => {
  test('are those of the registry outside and ours inside', () => {
    expect(ids.toWire(100)).toBe(7)
    expect(ids.fromWire(8)).toBe(101)
  })

  test('that are foreign are marked, refused as unknown, and can be told and written again', () => {
    const record = Buffer.from([0, 0, 0, 0, 99, 1, 2, 3])
    const held = Buffer.from(record)
    putOwnId(held, ids)
    expect(held.readUInt32BE(1)).toBe(0x80000000 + 99)
    expect(() => decodeEvent(held)).toThrow(expect.objectContaining({ reason: 'schema_unknown' }))
    expect(withWireId(held, ids).equals(record)).toBe(true)
  })

  test('of ours that the registry was not asked for cannot be written', () => {
    expect(() => ids.toWire(200)).toThrow(SchemaIdUnknownError)
  })

  test('may be two of the registry for one of ours: both are read', () => {
    const twice = schemaIdMap([
      [1, 20],
      [1, 21],
    ])
    expect([twice.fromWire(20), twice.fromWire(21), twice.toWire(1)]).toEqual([1, 1, 21])
  })
})
