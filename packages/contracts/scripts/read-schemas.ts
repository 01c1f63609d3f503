import { readdirSync, readFileSync } from 'node:fs'

export interface ArrayOf {
  readonly type: 'array'
  readonly items: AvroType
}

export interface LogicalType {
  readonly type: string
  readonly logicalType: string
  readonly precision?: number
  readonly scale?: number
}

export type AvroType = string | readonly AvroType[] | ArrayOf | LogicalType

/** Limits that the codec holds a number to, beyond those of its type; of the items, if it is an array. */
export interface Bounds {
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

export interface AvroField extends Bounds {
  readonly name: string
  readonly type: AvroType
  readonly doc?: string
  readonly default?: null
}

/** One schema file. `topic` is the folder it lies in; `shared` holds the types that events have in common. */
export interface NamedSchema {
  readonly topic: string
  readonly type: 'record' | 'enum' | 'fixed'
  readonly name: string
  readonly namespace: string
  readonly doc?: string
  readonly fields?: readonly AvroField[]
  readonly symbols?: readonly string[]
  readonly size?: number
}

export const SHARED = 'shared'

/** Every schema under `folder`, shared types first, otherwise by topic and name. */
export function readSchemas(folder: URL): NamedSchema[] {
  const topics = readdirSync(folder).sort()
  const ordered = [SHARED, ...topics.filter(topic => topic !== SHARED)]
  return ordered.flatMap(topic =>
    readdirSync(new URL(`${topic}/`, folder))
      .filter(file => file.endsWith('.avsc'))
      .sort()
      .map(file => {
        const text = readFileSync(new URL(`${topic}/${file}`, folder), 'utf8')
        return { topic, ...(JSON.parse(text) as Omit<NamedSchema, 'topic'>) }
      }),
  )
}

export const fullNameOf = (schema: NamedSchema): string => `${schema.namespace}.${schema.name}`

export const isUnion = (type: AvroType): type is readonly AvroType[] => Array.isArray(type)

export const isArrayOf = (type: AvroType): type is ArrayOf =>
  typeof type === 'object' && 'items' in type

/** Name without namespace: `sluice.shared.Meta` is `Meta`. */
export const shortName = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1)
