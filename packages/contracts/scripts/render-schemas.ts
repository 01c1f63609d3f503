import { fullNameOf, type NamedSchema } from './read-schemas.ts'

/** The schemas as data, so that nothing reads files on import; shared types come before those that use them. */
export function renderSchemas(schemas: readonly NamedSchema[]): string {
  const entries = schemas.map(({ topic, ...schema }) => {
    const text = JSON.stringify({ topic, fullName: fullNameOf({ topic, ...schema }), schema })
    return `  ${text},\n`
  })
  return `// Generated from schemas/*.avsc by \`pnpm generate\`. Do not edit.\nexport const SCHEMAS = [\n${entries.join('')}] as const\n`
}
