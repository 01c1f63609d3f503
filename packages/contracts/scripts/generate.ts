import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readSchemas } from './read-schemas.ts'
import { renderAsyncApi } from './render-asyncapi.ts'
import { renderEventsPage, renderTopicsPage } from './render-event-pages.ts'
import { renderJsonSchemas } from './render-json-schemas.ts'
import { renderLimits } from './render-limits.ts'
import { renderRefusalsPage } from './render-refusals-page.ts'
import { renderSchemas } from './render-schemas.ts'
import { renderEventTypes } from './render-types.ts'

/** Writes every generated file of the workspace, or, with `--check`, fails when one is stale. */
const root = new URL('../../../', import.meta.url)
const schemas = readSchemas(new URL('packages/contracts/schemas/', root))
const files: readonly (readonly [path: string, text: string])[] = [
  ['packages/contracts/src/generated/events.ts', renderEventTypes(schemas)],
  ['packages/contracts/src/generated/limits.ts', renderLimits(schemas)],
  ['packages/contracts/src/generated/schemas.ts', renderSchemas(schemas)],
  ['docs/reference/events.md', renderEventsPage(schemas)],
  ['docs/reference/topics.md', renderTopicsPage(schemas)],
  ['docs/reference/refusals.md', renderRefusalsPage()],
  ['docs/reference/asyncapi.yaml', renderAsyncApi(schemas)],
  ...renderJsonSchemas(),
]

function isStale([path, text]: readonly [string, string]): boolean {
  try {
    return readFileSync(new URL(path, root), 'utf8') !== text
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true
    throw error
  }
}

const stale = files.filter(isStale)
const isCheck = process.argv.includes('--check')
for (const [path, text] of stale) {
  console.log(`${isCheck ? 'stale' : 'written'}: ${path}`)
  if (isCheck) continue
  mkdirSync(dirname(new URL(path, root).pathname), { recursive: true })
  writeFileSync(new URL(path, root), text)
}
process.exitCode = isCheck && stale.length > 0 ? 1 : 0
