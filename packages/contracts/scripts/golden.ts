import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { encodeEvent, encodeReceipt } from '../src/codec.ts'
import type { BatchReceipt } from '../src/generated/events.ts'
import { SCHEMAS } from '../src/generated/schemas.ts'
import { eventOfPlain, type PlainObject } from '../src/plain.ts'
import { SCHEMA_IDS } from '../src/schema-ids.ts'
import type { NamedType } from '../src/schema-model.ts'
import { sampleEvent, type Fullness } from './sample-events.ts'

/**
 * Golden bytes: for every record that has an id on the wire, what its bytes are, for ever. With `--write` the missing ones
 * are added; one that exists is never touched, because logs that exist are not either.
 */
const folder = new URL('../test/golden/', import.meta.url)

function bytesOf(plainEvent: PlainObject): Uint8Array {
  const event: object = eventOfPlain(plainEvent)
  return plainEvent['type'] === 'BatchReceipt'
    ? encodeReceipt(event as BatchReceipt)
    : encodeEvent(eventOfPlain(plainEvent))
}

function goldenOf(schema: NamedType, fullness: Fullness): object {
  const event = sampleEvent(schema, fullness)
  return { event, hex: Buffer.from(bytesOf(event)).toString('hex') }
}

const missing = SCHEMAS.filter(({ schema }) => schema.name in SCHEMA_IDS).filter(
  ({ schema }) => !existsSync(new URL(`${schema.name}.json`, folder)),
)
mkdirSync(folder, { recursive: true })
for (const { schema } of missing) {
  console.log(`${process.argv.includes('--write') ? 'written' : 'missing'}: ${schema.name}`)
  const cases = [goldenOf(schema, 'full'), goldenOf(schema, 'bare')]
  if (process.argv.includes('--write'))
    writeFileSync(new URL(`${schema.name}.json`, folder), `${JSON.stringify(cases, null, 2)}\n`)
  else process.exitCode = 1
}
