import { Decimal } from '@sluice/domain/decimal'
import type { SluiceEvent } from './generated/events.ts'
import { SCHEMAS } from './generated/schemas.ts'
import { isArrayOf, isUnion, type AvroType, type NamedType } from './schema-model.ts'

/** What JSON can hold. */
export type Plain =
  string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

export interface PlainObject {
  readonly [name: string]: Plain
}

/**
 * An event (or any part of one) as plain data, for JSON, tests and people: decimals as text without exponent, bytes as
 * hex; `type` first.
 */
export function plain(value: object): PlainObject {
  const { type, ...fields } = value as Record<string, unknown>
  const entries = Object.entries(fields).map(([name, field]) => [name, plainOf(field)] as const)
  return Object.fromEntries(
    type === undefined ? entries : [['type', plainOf(type)] as const, ...entries],
  )
}

function plainOf(value: unknown): Plain {
  if (value === null || typeof value !== 'object') return value as Plain
  if (value instanceof Decimal) return value.toFixed()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return Array.isArray(value) ? value.map(plainOf) : plain(value)
}

/** Plain data that is no event. */
export class PlainEventError extends Error {
  override readonly name = 'PlainEventError'
}

const byFullName = new Map(SCHEMAS.map(entry => [entry.fullName, entry.schema]))
const byName = new Map(SCHEMAS.map(({ schema }) => [schema.name, schema]))

/**
 * The event that `plain` made this of; fields that may be null can be left out. The values are checked when it is encoded.
 *
 * @throws PlainEventError if there is no event of this type, or a decimal is no number.
 */
export function eventOfPlain(value: PlainObject): SluiceEvent {
  const type = value['type']
  const schema = typeof type === 'string' ? byName.get(type) : undefined
  if (schema === undefined) throw new PlainEventError(`no event is called ${JSON.stringify(type)}`)
  return { type, ...recordOf(schema, value) } as SluiceEvent
}

function recordOf(schema: NamedType, value: PlainObject): Record<string, unknown> {
  const fields = (schema.fields ?? []).map(({ name, type }) => {
    const given = value[name] ?? (isUnion(type) ? null : undefined)
    return [name, given === undefined ? undefined : valueOf(type, given)] as const
  })
  return Object.fromEntries(fields)
}

function valueOf(type: AvroType, value: Plain): unknown {
  if (value === null) return null
  if (isUnion(type)) return valueOf(branchFor(type, value), value)
  if (isArrayOf(type))
    return Array.isArray(value) ? value.map(item => valueOf(type.items, item as Plain)) : value
  if (typeof type !== 'string')
    return type.logicalType === 'decimal' ? decimalOf(value as string | number) : value
  const schema = byFullName.get(type)
  if (schema?.type === 'fixed') return Buffer.from(value as string, 'hex')
  return schema?.type === 'record' ? recordOf(schema, value as PlainObject) : value
}

/** The branch of a union that the value is of: the only one besides null, or the record that has its fields. */
function branchFor(union: readonly AvroType[], value: Plain): AvroType {
  const branches = union.filter(branch => branch !== 'null')
  const names = Object.keys(value ?? {})
  const fitting = branches.find(branch => {
    const fields = typeof branch === 'string' ? byFullName.get(branch)?.fields : undefined
    return names.every(name => fields?.some(field => field.name === name))
  })
  return (branches.length > 1 ? fitting : undefined) ?? branches[0] ?? 'null'
}

function decimalOf(value: string | number): Decimal {
  try {
    return new Decimal(value)
  } catch (cause) {
    throw new PlainEventError(`${JSON.stringify(value)} is no decimal number`, { cause })
  }
}
