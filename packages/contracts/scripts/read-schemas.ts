import { readdirSync, readFileSync } from 'node:fs'
import { SHARED, type NamedType, type SchemaEntry } from '../src/schema-model.ts'

/** Every schema under `folder`, shared types first, otherwise by topic and name. */
export function readSchemas(folder: URL): SchemaEntry[] {
  const topics = readdirSync(folder).sort()
  const ordered = [SHARED, ...topics.filter(topic => topic !== SHARED)]
  return ordered.flatMap(topic =>
    readdirSync(new URL(`${topic}/`, folder))
      .filter(file => file.endsWith('.avsc'))
      .sort()
      .map(file => {
        const text = readFileSync(new URL(`${topic}/${file}`, folder), 'utf8')
        const schema = JSON.parse(text) as NamedType
        return { topic, fullName: `${schema.namespace}.${schema.name}`, schema }
      }),
  )
}
