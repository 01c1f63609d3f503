import { SCHEMAS } from './generated/schemas.ts'
import { FORMER_SCHEMAS, SCHEMA_IDS } from './schema-ids.ts'
import { SHARED, type AvroType, type NamedType } from './schema-model.ts'
import { TOPICS, isOurs, type TopicName } from './topics.ts'

/** A record type as other readers of Avro need it: one schema that refers to no other file. */
export interface RecordSchema {
  /** `OrderFilled` */
  readonly name: string
  /** `sluice.execution_reports.OrderFilled` */
  readonly fullName: string
  /** Our number of it, in the header of every record inside Sluice. */
  readonly id: number
  /** The topics it may stand on. */
  readonly topics: readonly TopicName[]
  /** The schema; each named type is written out where it is first used, and called by its name afterwards. */
  readonly schema: object
}

const byFullName: ReadonlyMap<string, NamedType> = new Map(
  SCHEMAS.map(entry => [entry.fullName, entry.schema]),
)

/** The schema with the named types it uses written out once. */
export function selfContained(fullName: string): object {
  const written = new Set<string>()
  const resolved = resolve(fullName, written)
  if (typeof resolved === 'object') return resolved
  throw new Error(`no schema is called ${fullName}; see packages/contracts/schemas`)
}

function resolve(type: AvroType, written: Set<string>): string | object {
  if (typeof type === 'string') return resolveNamed(type, written)
  if ('items' in type) return { ...type, items: resolve(type.items, written) }
  return 'logicalType' in type ? type : type.map(branch => resolve(branch, written))
}

function resolveNamed(name: string, written: Set<string>): string | object {
  const schema = byFullName.get(name)
  if (schema === undefined || written.has(name)) return name
  written.add(name)
  if (schema.fields === undefined) return schema
  const fields = schema.fields.map(field => ({ ...field, type: resolve(field.type, written) }))
  return { ...schema, fields }
}

const ours = TOPICS.filter(isOurs).map(spec => spec.name)
const ids: Readonly<Record<string, number>> = SCHEMA_IDS

/** Every record type that has a number, in the order of the schema files. */
export const RECORD_SCHEMAS: readonly RecordSchema[] = SCHEMAS.flatMap(
  ({ topic, fullName, schema: { name } }) => {
    const id = ids[name]
    if (id === undefined) return []
    const topics = topic === SHARED ? ours : [topic as TopicName]
    return [{ name, fullName, id, topics, schema: selfContained(fullName) }]
  },
)

/** Record types as they were: read for ever, written no more. */
export const FORMER_RECORD_SCHEMAS: readonly RecordSchema[] = FORMER_SCHEMAS.flatMap(
  ({ id, name, without }) =>
    RECORD_SCHEMAS.filter(record => record.name === name).map(record => {
      const { fields = [], ...rest } = record.schema as { fields?: readonly { name: string }[] }
      const former = fields.filter(field => !without.includes(field.name))
      return { ...record, id, schema: { ...rest, fields: former } }
    }),
)
