import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readSchemas } from './read-schemas.ts'
import { renderLimits } from './render-limits.ts'
import { renderEventTypes } from './render-types.ts'
import { renderSchemas } from './render-schemas.ts'

/** Writes every generated file of the workspace, or, with `--check`, fails when one is stale. */
const schemas = readSchemas(new URL('../schemas/', import.meta.url))
const files: readonly [URL, string][] = [
  [new URL('../src/generated/events.ts', import.meta.url), renderEventTypes(schemas)],
  [new URL('../src/generated/limits.ts', import.meta.url), renderLimits(schemas)],
  [new URL('../src/generated/schemas.ts', import.meta.url), renderSchemas(schemas)],
]

const current = (file: URL): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const stale = files.filter(([file, text]) => current(file) !== text)
if (process.argv.includes('--check')) {
  for (const [file] of stale) console.error(`stale: ${file.pathname.split('/packages/')[1] ?? ''}`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  for (const [file, text] of stale) {
    mkdirSync(dirname(file.pathname), { recursive: true })
    writeFileSync(file, text)
  }
}
