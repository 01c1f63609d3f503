import avsc from 'avsc'
import type { Type } from 'avsc'
import {
  BoundedArrayType,
  CountedIntType,
  DecimalType,
  SafeLongType,
  TextType,
} from './avro-types.ts'
import { SCHEMAS } from './generated/schemas.ts'
import type { SchemaEntry } from './schema-model.ts'

type Schema = Parameters<typeof avsc.Type.forSchema>[0]
type Options = NonNullable<Parameters<typeof avsc.Type.forSchema>[1]>

const byFullName = new Map(SCHEMAS.map(entry => [entry.fullName, entry]))
const text = new TextType()
const long = new SafeLongType()
const int = new CountedIntType()
const registry: Record<string, Type> = {}
const options: Partial<Options> = {
  registry,
  omitRecordMethods: true,
  assertLogicalTypes: true,
  logicalTypes: { decimal: DecimalType },
  typeHook: (schema, given) => ownType(schema, given),
}

/** Named types are resolved when first met, whatever order the files have; texts, numbers and arrays are our own. */
function ownType(schema: Schema, given: Partial<Options>): Type | undefined {
  if (typeof schema === 'string') return primitiveOrNamed(schema)
  if (!('type' in schema)) return undefined
  if (schema.type === 'long') return long
  if (schema.type === 'int') return int
  return schema.type === 'array' ? new BoundedArrayType(schema, given) : undefined
}

function primitiveOrNamed(name: string): Type | undefined {
  if (name === 'string') return text
  if (name === 'long') return long
  if (name === 'int') return int
  const entry = byFullName.get(name)
  return entry === undefined ? undefined : typeOf(entry)
}

/** The avsc type of a schema. */
export function typeOf({ fullName, schema }: SchemaEntry): Type {
  return registry[fullName] ?? avsc.Type.forSchema(schema as Schema, options)
}

/** The avsc type of a record as it was before it had these fields. */
export function formerTypeOf({ schema }: SchemaEntry, without: readonly string[]): Type {
  const fields = schema.fields?.filter(({ name }) => !without.includes(name))
  const name = `${schema.name}Without${without.join('And')}`
  return avsc.Type.forSchema({ ...schema, name, fields } as Schema, options)
}
