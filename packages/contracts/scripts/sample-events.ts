import { SCHEMAS } from '../src/generated/schemas.ts'
import type { PlainObject, Plain } from '../src/plain.ts'
import {
  isArrayOf,
  isUnion,
  type AvroField,
  type AvroType,
  type NamedType,
} from '../src/schema-model.ts'

/** `full`: nothing is null, two items in every array. `bare`: what may be null is, arrays are empty. */
export type Fullness = 'full' | 'bare'

const TEXTS: Readonly<Record<string, string>> = {
  instrument: 'BTC-PERP',
  isolatedInstrument: 'ETH-PERP',
  closedInstrument: 'SOL-PERP',
  account: 'q83vEjRWeJCrze8SNFZ4kA',
  scope: 'q83vEjRWeJCrze8SNFZ4kA/BTC-PERP',
  currency: 'USD',
  settlementCurrency: 'USD',
  source: 'binance',
  policy: 'standard',
  pool: 'linear-usd',
  insurancePool: 'linear-usd',
  task: 'liquidation-execution-0',
  evaluator: 'margin-evaluation-0',
  liquidationId: 'margin-evaluation-0/8713',
  clientOrderId: 'liquidation-execution-0/4242',
  requestId: 'liquidation-execution-0/4243',
  executionId: 'venue-991827',
  reason: 'why it was so, in words: äöü, 清算',
}

const byFullName = new Map(SCHEMAS.map(entry => [entry.fullName, entry.schema]))

/** A number of its own for each field, so that two fields swapped give other bytes. */
function numberFor(name: string, minimum = -10_000): number {
  const codes = Array.from(name, letter => letter.charCodeAt(0))
  const mixed = codes.reduce((sum, code) => (sum * 31 + code) % 99_991, 7)
  return minimum < 0 && mixed % 2 === 0 ? -mixed : mixed + Math.max(minimum, 0)
}

function valueOf(type: AvroType, field: AvroField, fullness: Fullness): Plain {
  if (isUnion(type)) {
    const some = type.find(branch => branch !== 'null') ?? 'null'
    return fullness === 'bare' ? null : valueOf(some, field, fullness)
  }
  if (isArrayOf(type)) return fullness === 'bare' ? [] : itemsOf(type.items, field)
  const kind = typeof type === 'string' ? type : type.logicalType
  const number = numberFor(field.name, field.minimum ?? field.exclusiveMinimum)
  if (kind === 'string') return TEXTS[field.name] ?? `${field.name}-7`
  if (kind === 'double') return number / 64
  if (kind === 'timestamp-millis') return 1_760_054_400_000 + Math.abs(number)
  if (kind === 'decimal') return `${number}.${Math.abs(number)}`
  if (kind === 'int' || kind === 'long') return number
  return namedValue(kind, fullness)
}

/** Two items; of a union of records, one of each. */
function itemsOf(items: AvroType, field: AvroField): Plain[] {
  if (isUnion(items)) return items.map(item => valueOf(item, field, 'full'))
  return ['', 'Next'].map(suffix =>
    valueOf(items, { ...field, name: `${field.name}${suffix}` }, 'full'),
  )
}

function namedValue(fullName: string, fullness: Fullness): Plain {
  const schema = byFullName.get(fullName)
  if (schema === undefined) throw new Error(`no schema is called ${fullName}`)
  if (schema.type === 'enum') return schema.symbols?.at(fullness === 'full' ? -1 : 0) ?? ''
  if (schema.type === 'fixed') return 'c0ffee01'.repeat((schema.size ?? 0) / 4)
  return fieldsOf(schema, fullness)
}

const fieldsOf = (schema: NamedType, fullness: Fullness): PlainObject =>
  Object.fromEntries(
    (schema.fields ?? []).map(field => [field.name, valueOf(field.type, field, fullness)]),
  )

/** A made-up event of the type, in plain form: the same one whenever it is asked for. */
export const sampleEvent = (schema: NamedType, fullness: Fullness): PlainObject => ({
  type: schema.name,
  ...fieldsOf(schema, fullness),
})
