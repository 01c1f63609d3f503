import { Decimal } from '@sluice/domain/decimal'
import fc from 'fast-check'
import { SCHEMAS } from '../src/generated/schemas.ts'
import { isArrayOf, isUnion, SHARED } from '../src/schema-model.ts'
import type { AvroField, AvroType, LogicalType, NamedType } from '../src/schema-model.ts'

const byFullName = new Map(SCHEMAS.map(entry => [entry.fullName, entry.schema]))

/** Every schema that is an event on its own. */
export const EVENT_SCHEMAS: readonly NamedType[] = SCHEMAS.filter(
  ({ topic, schema }) => topic !== SHARED || schema.name === 'InputRefused',
).map(entry => entry.schema)

function decimals(
  { precision = 38, scale = 12 }: LogicalType,
  field: AvroField,
): fc.Arbitrary<unknown> {
  const limit = 10n ** BigInt(precision) - 1n
  const bottom = field.minimum !== undefined || field.exclusiveMinimum !== undefined ? 1n : -limit
  const sizes = fc.oneof(
    fc.bigInt({ min: bottom, max: limit }),
    fc.bigInt({ min: bottom < 0n ? -1000000n : 1n, max: 1000000n }),
  )
  return sizes.map(unscaled => new Decimal(`${unscaled}e-${scale}`))
}

/** Values that fit the type and the limits of the field. */
function valuesOf(type: AvroType, field: AvroField): fc.Arbitrary<unknown> {
  if (isUnion(type)) return fc.oneof(...type.map(branch => valuesOf(branch, field)))
  if (isArrayOf(type)) return fc.array(valuesOf(type.items, field), { maxLength: 4 })
  const kind = typeof type === 'string' ? type : type.logicalType
  const min = field.minimum
  switch (kind) {
    case 'null':
      return fc.constant(null)
    case 'string':
      return fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.constantFrom('BTC-PERP', 'USD'),
      )
    case 'double':
      return fc.double({ noNaN: true, noDefaultInfinity: true, min: min ?? -1e300, max: 1e300 })
    case 'int':
      return fc.integer({ min: min ?? -(2 ** 31), max: 2 ** 31 - 1 })
    case 'long':
    case 'timestamp-millis':
      return fc
        .maxSafeInteger()
        .map(value => (min === undefined ? value : Math.abs(value) + min))
        .filter(value => Number.isSafeInteger(value) && value <= (field.maximum ?? Infinity))
    case 'decimal':
      return decimals(type as LogicalType, field)
    default:
      return namedValues(byFullName.get(kind)!)
  }
}

function namedValues(schema: NamedType): fc.Arbitrary<unknown> {
  if (schema.type === 'enum') return fc.constantFrom(...schema.symbols!)
  if (schema.type === 'fixed')
    return fc
      .uint8Array({ minLength: schema.size!, maxLength: schema.size! })
      .map(bytes => Buffer.from(bytes))
  return fc.record(
    Object.fromEntries(schema.fields!.map(field => [field.name, valuesOf(field.type, field)])),
  )
}

/** Events of one type, anywhere within their limits. */
export const eventsOf = (schema: NamedType): fc.Arbitrary<object> =>
  namedValues(schema).map(fields => ({ type: schema.name, ...(fields as object) }))
