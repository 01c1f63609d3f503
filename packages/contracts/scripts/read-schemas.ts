import { readdirSync, readFileSync } from 'node:fs'

export type AvroType =
  | string
  | readonly AvroType[]
  | { readonly type: 'array'; readonly items: AvroType }
  | {
      readonly type: string
      readonly logicalType: string
      readonly precision?: number
      readonly scale?: number
    }

export interface AvroField {
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
