import { fullNameOf, type NamedSchema } from './read-schemas.ts'

const HEADER = `// Generated from schemas/*.avsc by \`pnpm generate\`. Do not edit.

/** One schema file: the topic whose folder it lies in (\`shared\` for types that events have in common), and the schema. */
export interface SchemaEntry {
  readonly topic: string
  readonly fullName: string
  readonly schema: NamedType
}

interface NamedType {
  readonly type: string
  readonly name: string
  readonly namespace: string
  readonly [attribute: string]: unknown
}

`

/** The schemas as data, so that nothing reads files on import; shared types come first. */
export function renderSchemas(schemas: readonly NamedSchema[]): string {
  const entries = schemas.map(({ topic, ...schema }) => {
    const text = JSON.stringify({ topic, fullName: fullNameOf({ topic, ...schema }), schema })
    return `  ${text},\n`
  })
  return `${HEADER}export const SCHEMAS: readonly SchemaEntry[] = [\n${entries.join('')}]\n`
}
