import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import avsc from 'avsc'
import { decodeEvent, decodeReceipt, isReceipt } from '../src/codec.ts'
import { compatibilityFaults, shapeOf } from '../src/compatibility.ts'
import { FORMER_RECORD_SCHEMAS, RECORD_SCHEMAS, selfContained } from '../src/record-schemas.ts'

interface Released {
  readonly name: string
  readonly fullName: string
  readonly id: number
  readonly hex: readonly string[]
  readonly schema: object
}

const folder = new URL('./released/', import.meta.url)
const releases = readdirSync(folder).filter(file => file.endsWith('.json'))
const releasedIn = (file: string): readonly Released[] =>
  JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Released[]

interface Field {
  name: string
  type: unknown
  default?: unknown
}
interface Schema {
  name: string
  fields: Field[]
}

const record = (fields: Field[]): Schema & { type: string } => ({
  type: 'record',
  name: 'R',
  fields,
})
const decimal = (scale: number): Field => ({
  name: 'fee',
  type: { type: 'bytes', logicalType: 'decimal', precision: 38, scale },
})
const side = (...symbols: string[]): Field => ({
  name: 'side',
  type: { type: 'enum', name: 'Side', symbols },
})

describe('two versions of a schema', () => {
  const one = record([decimal(12), side('buy', 'sell')])

  test('are compatible if they are the same, or a field with a default is new or gone', () => {
    const more = record([...one.fields, { name: 'note', type: ['null', 'string'], default: null }])
    expect(compatibilityFaults(one, one)).toEqual([])
    expect(compatibilityFaults(one, more)).toEqual([])
    expect(compatibilityFaults(more, one)).toEqual([])
  })

  test('are not if a field without a default is new or gone, and the field is named', () => {
    const more = record([...one.fields, { name: 'note', type: 'string' }])
    expect(compatibilityFaults(one, more)).toEqual([
      'the newer schema cannot read the older: no matching field for default-less R.note',
    ])
    expect(compatibilityFaults(more, one)[0]).toContain('the older schema cannot read the newer')
  })

  test('are not if a type is another, a symbol is new, or money has another scale', () => {
    const retyped = record([{ name: 'fee', type: 'string' }, side('buy', 'sell')])
    expect(compatibilityFaults(one, retyped)).toHaveLength(1)
    const symbol = record([decimal(12), side('buy', 'sell', 'both')])
    expect(compatibilityFaults(one, symbol)[0]).toContain('Side')
    const rescaled = record([decimal(9), side('buy', 'sell')])
    expect(compatibilityFaults(one, rescaled)).toHaveLength(2)
  })
})

describe('the shape of a schema', () => {
  test('is the same whatever is said about it, and another with another scale', () => {
    const one = record([decimal(12)])
    const said = { ...one, doc: 'words', fields: [{ ...decimal(12), doc: 'more', minimum: 0 }] }
    expect(shapeOf(said)).toBe(shapeOf(one))
    expect(shapeOf(record([decimal(9)]))).not.toBe(shapeOf(one))
  })
})

describe('a self-contained schema', () => {
  test.each(RECORD_SCHEMAS)('of $name refers to no other file', ({ fullName, schema }) => {
    expect(avsc.Type.forSchema(schema as never, { registry: {} }).name).toBe(fullName)
  })

  test('writes a named type out where it is first used, and only there', () => {
    const text = JSON.stringify(selfContained('sluice.market_data.BookDepthUpdated'))
    expect(text.match(/"name":"BookLevel"/g)).toHaveLength(1)
    expect(text).toContain('"items":"sluice.shared.BookLevel"')
  })

  test('does not exist for a name nobody gave', () => {
    expect(() => selfContained('sluice.MoonLanded')).toThrow('no schema is called')
  })
})

describe.each(releases)('what %s released', file => {
  const released = releasedIn(file)
  const current = new Map(RECORD_SCHEMAS.map(entry => [entry.name, entry.schema]))
  const readable = new Map(
    [...RECORD_SCHEMAS, ...FORMER_RECORD_SCHEMAS].map(entry => [entry.id, entry]),
  )

  test.each(released)('is known by its number and compatible both ways: $name', entry => {
    const kept = readable.get(entry.id)
    expect(kept?.name).toBe(entry.name)
    expect(shapeOf(kept!.schema)).toBe(shapeOf(entry.schema))
    expect(compatibilityFaults(entry.schema, current.get(entry.name)!)).toEqual([])
  })

  test.each(released)('is read for ever: $name', ({ hex }) => {
    for (const bytes of hex.map(text => Buffer.from(text, 'hex')))
      expect(() => (isReceipt(bytes) ? decodeReceipt(bytes) : decodeEvent(bytes))).not.toThrow()
  })
})
