import { SCHEMAS } from './generated/schemas.ts'
import {
  isArrayOf,
  isUnion,
  shortName,
  type AvroField,
  type AvroType,
  type LogicalType,
  type NamedType,
} from './schema-model.ts'

/** JSON Schema, draft 2020-12. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

const DRAFT = 'https://json-schema.org/draft/2020-12/schema'
const INT_MAX = 2 ** 31 - 1
/** Longer texts than these are no decimals of ours. */
const DECIMAL_TEXT_MAX = 48

const byFullName: ReadonlyMap<string, NamedType> = new Map(
  SCHEMAS.map(({ fullName, schema }) => [fullName, schema]),
)
const byName: ReadonlyMap<string, NamedType> = new Map(
  SCHEMAS.map(({ schema }) => [schema.name, schema]),
)

/** Collects the named types that a schema refers to. */
type Definitions = Map<string, JsonSchema>

/**
 * The JSON form of an event: what `eventOfPlain` reads. Decimals are text without exponent, lots and ticks whole numbers, times
 * milliseconds, bytes hexadecimal; what may be null can be left out, and nothing else may be there. Undefined: no such event.
 */
export function jsonSchemaOf(type: string): JsonSchema | undefined {
  const schema = byName.get(type)
  if (schema?.fields === undefined) return undefined
  const definitions: Definitions = new Map()
  const record = recordSchema(schema, definitions)
  const { properties, required } = record as { properties: object; required: string[] }
  return {
    $schema: DRAFT,
    $id: `urn:sluice:event:${type}`,
    title: type,
    ...record,
    properties: { type: { const: type }, ...properties },
    required: ['type', ...required],
    ...(definitions.size === 0 ? {} : { $defs: Object.fromEntries(definitions) }),
  }
}

function recordSchema(
  { doc, fields = [] }: NamedType,
  definitions: Definitions,
): Record<string, unknown> {
  return {
    ...(doc === undefined ? {} : { description: doc }),
    type: 'object',
    properties: Object.fromEntries(
      fields.map(field => [field.name, fieldSchema(field, definitions)]),
    ),
    required: fields.filter(({ type }) => !isUnion(type)).map(({ name }) => name),
    additionalProperties: false,
  }
}

function fieldSchema(field: AvroField, definitions: Definitions): JsonSchema {
  const { doc } = field
  const schema = typeSchema(field.type, field, definitions)
  return doc === undefined ? schema : { ...schema, description: doc }
}

function typeSchema(type: AvroType, field: AvroField, definitions: Definitions): JsonSchema {
  if (isUnion(type)) return unionSchema(type, field, definitions)
  if (isArrayOf(type)) return { type: 'array', items: typeSchema(type.items, field, definitions) }
  if (typeof type !== 'string') return logicalSchema(type, field)
  return primitiveSchema(type, field) ?? referenceTo(type, definitions)
}

/** What may be null, and records one of which it is. */
function unionSchema(
  union: readonly AvroType[],
  field: AvroField,
  definitions: Definitions,
): JsonSchema {
  const branches = union.map(type => typeSchema(type, field, definitions))
  const [first, second, ...more] = branches
  const isNullable = union[0] === 'null' && more.length === 0
  const simple = isNullable && typeof second?.['type'] === 'string'
  return simple ? { ...second, type: [second['type'], first?.['type']] } : { anyOf: branches }
}

const boundsOf = ({ minimum, maximum }: AvroField): JsonSchema => ({
  ...(minimum === undefined ? {} : { minimum }),
  ...(maximum === undefined ? {} : { maximum }),
})

function primitiveSchema(type: string, field: AvroField): JsonSchema | undefined {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return { type }
    case 'int':
      return { type: 'integer', minimum: -INT_MAX - 1, maximum: INT_MAX, ...boundsOf(field) }
    case 'long':
      return wholeNumber(field)
    case 'double':
      return { type: 'number', ...boundsOf(field) }
    default:
      return undefined
  }
}

const wholeNumber = (field: AvroField): JsonSchema => ({
  type: 'integer',
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  ...boundsOf(field),
})

/** A decimal's digits are checked by its text here; its limits, if any, where it is encoded. */
function logicalSchema(
  { logicalType, precision, scale }: LogicalType,
  field: AvroField,
): JsonSchema {
  if (logicalType !== 'decimal') return wholeNumber(field)
  const sign = (field.minimum ?? field.exclusiveMinimum ?? -1) < 0 ? '-?' : ''
  return {
    type: 'string',
    pattern: `^${sign}\\d+(\\.\\d{1,${String(scale ?? 0)}})?$`,
    maxLength: Math.min((precision ?? 0) + 2, DECIMAL_TEXT_MAX),
  }
}

function referenceTo(fullName: string, definitions: Definitions): JsonSchema {
  const name = shortName(fullName)
  if (!definitions.has(name)) {
    definitions.set(name, {})
    definitions.set(name, namedSchema(fullName, definitions))
  }
  return { $ref: `#/$defs/${name}` }
}

function namedSchema(fullName: string, definitions: Definitions): JsonSchema {
  const schema = byFullName.get(fullName)
  if (schema === undefined) throw new Error(`no schema is called ${fullName}`)
  const { doc } = schema
  const about = doc === undefined ? {} : { description: doc }
  if (schema.type === 'enum') return { ...about, type: 'string', enum: schema.symbols }
  if (schema.type === 'record') return recordSchema(schema, definitions)
  const digits = 2 * (schema.size ?? 0)
  return { ...about, type: 'string', pattern: `^[0-9a-f]{${String(digits)}}$` }
}
