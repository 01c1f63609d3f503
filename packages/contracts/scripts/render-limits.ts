import {
  isArrayOf,
  isUnion,
  shortName,
  type AvroField,
  type AvroType,
  type NamedType,
  type SchemaEntry,
} from '../src/schema-model.ts'

const HEADER = `// Generated from schemas/*.avsc by \`pnpm generate\`. Do not edit.

import { above, atLeast, each, fault, inside, type Limits } from '../limits.ts'
import type { ValueFault } from '../codec-errors.ts'
import type * as events from './events.ts'
`
const INT_MAX = 2 ** 31 - 1

/** Records by full name, those with something to check only. */
type Checked = ReadonlyMap<string, NamedType>

const functionName = (name: string): string => `faultOf${name}`

/** The expression that checks one value of the type, or undefined if nothing can be wrong with it. */
function check(type: AvroType, field: AvroField, checked: Checked): string | undefined {
  if (isUnion(type)) return nullable(type, field, checked)
  if (isArrayOf(type)) return arrayCheck(type.items, field, checked)
  const kind = typeof type === 'string' ? type : type.logicalType
  if (kind === 'double') return finiteCheck(field)
  if (kind === 'decimal') return decimalCheck(field)
  if (kind === 'int') return numberCheck({ minimum: -INT_MAX - 1, maximum: INT_MAX, ...field })
  if (kind === 'long' || kind === 'timestamp-millis') return numberCheck(field)
  if (!checked.has(kind)) return undefined
  return `inside('${field.name}', ${functionName(shortName(kind))}(v.${field.name}))`
}

function numberCheck({ name, minimum, maximum }: AvroField): string | undefined {
  const value = `v.${name}`
  if (minimum === undefined && maximum === undefined) return undefined
  const conditions = [
    ...(minimum === undefined ? [] : [`${value} >= ${minimum}`]),
    ...(maximum === undefined ? [] : [`${value} <= ${maximum}`]),
  ]
  const rule = `it must be ${minimum === undefined ? '' : `at least ${minimum}`}${
    conditions.length === 2 ? ' and ' : ''
  }${maximum === undefined ? '' : `at most ${maximum}`}`
  return `(${conditions.join(' && ')} ? undefined : fault('${name}', ${value}, '${rule}'))`
}

function finiteCheck({ name, minimum }: AvroField): string {
  const value = `v.${name}`
  const finite = `Number.isFinite(${value})`
  const condition = minimum === undefined ? finite : `${finite} && ${value} >= ${minimum}`
  const rule = `it must be finite${minimum === undefined ? '' : ` and at least ${minimum}`}`
  return `(${condition} ? undefined : fault('${name}', ${value}, '${rule}'))`
}

function decimalCheck({ name, minimum, exclusiveMinimum }: AvroField): string | undefined {
  if (exclusiveMinimum !== undefined) return `above(v.${name}, '${name}', ${exclusiveMinimum})`
  return minimum === undefined ? undefined : `atLeast(v.${name}, '${name}', ${minimum})`
}

function nullable(
  union: readonly AvroType[],
  field: AvroField,
  checked: Checked,
): string | undefined {
  const [some, ...others] = union.filter(type => type !== 'null')
  if (some === undefined || others.length > 0) return undefined
  const inner = check(some, field, checked)
  return inner === undefined ? undefined : `(v.${field.name} === null ? undefined : ${inner})`
}

function arrayCheck(items: AvroType, field: AvroField, checked: Checked): string | undefined {
  const { name } = field
  if (typeof items === 'string')
    return checked.has(items)
      ? `each(v.${name}, '${name}', ${functionName(shortName(items))})`
      : undefined
  const inner = check(items, { ...field, name: 'item' }, checked)?.replace('v.item', 'item')
  return inner === undefined || isUnion(items)
    ? undefined
    : `each(v.${name}, '${name}', item => ${inner.replace(`'item'`, `''`)})`
}

const checksOf = (schema: NamedType, checked: Checked): string[] =>
  (schema.fields ?? []).flatMap(field => check(field.type, field, checked) ?? [])

/** Records with a limit of their own or within; shared ones first, as they are read. */
function checkedRecords(entries: readonly SchemaEntry[]): Checked {
  const checked = new Map<string, NamedType>()
  for (let before = -1; before !== checked.size;) {
    before = checked.size
    for (const { fullName, schema } of entries)
      if (checksOf(schema, checked).length > 0) checked.set(fullName, schema)
  }
  return checked
}

function faultFunction(schema: NamedType, checked: Checked): string {
  const { name } = schema
  const checks = checksOf(schema, checked).join(' ??\n    ')
  return `function ${functionName(name)}(v: events.${name}): ValueFault | undefined {\n  return (\n    ${checks}\n  )\n}\n`
}

/** Straight-line code that holds every record to the limits its schema states. */
export function renderLimits(entries: readonly SchemaEntry[]): string {
  const checked = checkedRecords(entries)
  const records = entries.filter(({ fullName }) => checked.has(fullName)).map(entry => entry.schema)
  const rows = records.map(({ name }) => `  ${name}: ${functionName(name)},\n`).join('')
  const table = `export const LIMITS: Limits = {\n${rows}}\n`
  return [HEADER, ...records.map(record => faultFunction(record, checked)), table].join('\n')
}
