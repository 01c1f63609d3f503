import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import avsc from 'avsc'
import { decodeEvent, decodeReceipt, encodeEvent, encodeReceipt, isReceipt } from '../src/codec.ts'
import { DecodingError, EncodingError } from '../src/codec-errors.ts'
import type { BatchReceipt, TickRun } from '../src/generated/events.ts'
import { SCHEMAS } from '../src/generated/schemas.ts'
import { eventOfPlain, plain, type PlainObject } from '../src/plain.ts'
import { FORMER_SCHEMAS, SCHEMA_IDS } from '../src/schema-ids.ts'
import { SHARED } from '../src/schema-model.ts'

interface Golden {
  readonly event: PlainObject
  readonly hex: string
}

const goldenFile = (name: string): URL => new URL(`./golden/${name}.json`, import.meta.url)

const goldenOf = (name: string): readonly Golden[] =>
  JSON.parse(readFileSync(goldenFile(name), 'utf8')) as Golden[]

const names = Object.keys(SCHEMA_IDS)
const events = names.filter(name => name !== 'BatchReceipt')

describe('the table of schema ids', () => {
  test('has every event, and nothing else', () => {
    const needed = SCHEMAS.filter(({ topic }) => topic !== SHARED).map(({ schema }) => schema.name)
    expect([...names].sort()).toEqual([...needed, 'BatchReceipt', 'InputRefused'].sort())
  })

  test('gives no id twice', () => {
    expect(new Set(Object.values(SCHEMA_IDS)).size).toBe(names.length)
  })

  test.each(names)('keeps the id of %s, as its golden bytes have it', name => {
    expect(existsSync(goldenFile(name))).toBe(true)
    const ids: Readonly<Record<string, number>> = SCHEMA_IDS
    for (const { hex } of goldenOf(name))
      expect(Number.parseInt(hex.slice(0, 10), 16)).toBe(ids[name])
  })
})

describe.each(events)('golden bytes of %s', name => {
  test('are what the event is written as', () => {
    for (const { event, hex } of goldenOf(name))
      expect(Buffer.from(encodeEvent(eventOfPlain(event))).toString('hex')).toBe(hex)
  })

  test('are read for ever', () => {
    for (const { event, hex } of goldenOf(name))
      expect(plain(decodeEvent(Buffer.from(hex, 'hex')))).toEqual(normal(event))
  })
})

describe.each(FORMER_SCHEMAS)('golden bytes of $name as id $id', ({ id, name, without }) => {
  test('are read for ever, with null for what they lack', () => {
    const absent = Object.fromEntries(without.map(field => [field, null]))
    for (const { event, hex } of goldenOf(`${name}.${id}`))
      expect(plain(decodeEvent(Buffer.from(hex, 'hex')))).toEqual(normal({ ...event, ...absent }))
  })

  test('have an id that no other schema has', () => {
    expect(Object.values<number>(SCHEMA_IDS)).not.toContain(id)
  })
})

describe('another reader of Avro', () => {
  const byFullName = new Map(SCHEMAS.map(entry => [entry.fullName, entry.schema]))
  const options: Parameters<typeof avsc.Type.forSchema>[1] = {
    registry: {},
    typeHook: schema => {
      const named = typeof schema === 'string' ? byFullName.get(schema) : undefined
      if (named === undefined) return undefined
      return options!.registry![schema as string] ?? avsc.Type.forSchema(named as never, options)
    },
  }

  test.each(events)('reads %s from the schema alone, and writes the same bytes', name => {
    const entry = SCHEMAS.find(({ schema }) => schema.name === name)!
    const type = avsc.Type.forSchema(entry.fullName, options)
    for (const { hex } of goldenOf(name)) {
      const body = Buffer.from(hex, 'hex').subarray(5)
      expect(type.toBuffer(type.fromBuffer(body)).equals(body)).toBe(true)
    }
  })
})

/** Decimals without the zeros that do not count. */
const normal = (event: PlainObject): PlainObject => plain(eventOfPlain(event))

describe('a receipt', () => {
  const [full] = goldenOf('BatchReceipt')
  const bytes = Buffer.from(full!.hex, 'hex')

  test('is written as its golden bytes, read for ever, and holds plain runs', () => {
    const receipt = decodeReceipt(bytes)
    expect({ type: 'BatchReceipt', ...plain(receipt) }).toEqual(full!.event)
    expect(Buffer.from(encodeReceipt(receipt)).toString('hex')).toBe(full!.hex)
    expect(receipt.inputRuns.map(run => 'tick' in run)).toEqual([false, true])
  })

  test('is told from an event by its header', () => {
    expect(isReceipt(bytes)).toBe(true)
    expect(isReceipt(Buffer.from(goldenOf('TradePrinted')[0]!.hex, 'hex'))).toBe(false)
    expect(isReceipt(new Uint8Array(0))).toBe(false)
  })

  test('is refused with a reason when an event stands in its place', () => {
    const event = Buffer.from(goldenOf('TradePrinted')[0]!.hex, 'hex')
    expect(() => decodeReceipt(event)).toThrow(DecodingError)
    expect(() => decodeReceipt(event)).toThrow('TradePrinted instead of a BatchReceipt')
  })

  test('with a run outside the limits is refused both ways, by its field', () => {
    const receipt = decodeReceipt(bytes)
    const broken: BatchReceipt = { ...receipt, inputRuns: [{ tick: -1 } satisfies TickRun] }
    expect(() => encodeReceipt(broken)).toThrow(EncodingError)
    expect(() => encodeReceipt(broken)).toThrow('BatchReceipt.inputRuns.0.tick is -1')
  })

  test('with a hash of the wrong length is refused', () => {
    const receipt = decodeReceipt(bytes)
    expect(() => encodeReceipt({ ...receipt, eventsRoot: Buffer.alloc(31) })).toThrow('eventsRoot')
  })
})
