import { expect, test } from '@jest/globals'
import { schemaIdMap } from '../src/schema-id-map.ts'
import { putOwnId, withWireId } from '../src/wire-ids.ts'

const MAP = schemaIdMap([[7, 1001]])
const withId = (id: number): Buffer => {
  const value = Buffer.from([0, 0, 0, 0, 0, 42, 43])
  value.writeUInt32BE(id, 1)
  return value
}

test('a record goes out with the id of the registry, and the bytes given stay as they are', () => {
  const ours = withId(7)
  expect(withWireId(ours, MAP)).toEqual(withId(1001))
  expect(ours).toEqual(withId(7))
})

test('a record comes in with our id, and one of a schema that is not ours is marked and goes out as it came', () => {
  const known = withId(1001)
  putOwnId(known, MAP)
  expect(known).toEqual(withId(7))
  const foreign = withId(5)
  putOwnId(foreign, MAP)
  expect(foreign).toEqual(withId(0x80000005))
  expect(withWireId(foreign, MAP)).toEqual(withId(5))
})

test('what has no schema id passes as it is', () => {
  for (const value of [Buffer.from('{"a":1}'), Buffer.from([0, 0, 0]), Buffer.alloc(0)]) {
    const before = Buffer.from(value)
    putOwnId(value, MAP)
    expect([value, withWireId(value, MAP)]).toEqual([before, before])
  }
})
