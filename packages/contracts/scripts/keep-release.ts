import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { RECORD_SCHEMAS } from '../src/record-schemas.ts'

/**
 * Keeps what a version of Sluice released: every record's schema, number and golden bytes. The tests hold each later version to
 * them. Run it once a release, with its number: `… keep-release.ts 0.1.0`. A file that exists is never touched.
 */
const [version] = process.argv.slice(2)
if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version))
  throw new Error('give the version that is released, such as 0.1.0')

const folder = new URL('../test/released/', import.meta.url)
const file = new URL(`${version}.json`, folder)
if (existsSync(file)) throw new Error(`${version} is kept already; a release does not change`)

function goldenHex(name: string): string[] {
  const text = readFileSync(new URL(`../test/golden/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { hex: string }[]).map(({ hex }) => hex)
}

const records = RECORD_SCHEMAS.map(({ name, fullName, id, schema }) =>
  JSON.stringify({ name, fullName, id, hex: goldenHex(name), schema }),
)
mkdirSync(folder, { recursive: true })
writeFileSync(file, `[\n${records.join(',\n')}\n]\n`)
console.log(`kept: ${records.length} records of ${version}`)
