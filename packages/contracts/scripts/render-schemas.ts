import type { SchemaEntry } from '../src/schema-model.ts'

const HEADER = `// Generated from schemas/*.avsc by \`pnpm generate\`. Do not edit.

import type { SchemaEntry } from '../schema-model.ts'

`

/** The schemas as data, so that nothing reads files on import; shared types come first. */
export function renderSchemas(schemas: readonly SchemaEntry[]): string {
  const rows = schemas.map(entry => `  ${JSON.stringify(entry)},\n`)
  return `${HEADER}export const SCHEMAS: readonly SchemaEntry[] = [\n${rows.join('')}]\n`
}
