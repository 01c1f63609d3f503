import { Decimal } from '@sluice/domain/decimal'

/**
 * A value as plain data that `deepStrictEqual` and a person can compare: decimals by their value (`Decimal 1.50` equals
 * `Decimal 1.5`), bytes as hex, absent and undefined fields alike, the `type` of a decoded event (which lives on its prototype)
 * as a field of its own, fields in alphabetical order.
 */
export function comparable(value: unknown): unknown {
  if (Decimal.isDecimal(value)) return `Decimal ${value.toFixed()}`
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value === 'object' && value !== null) return comparableFields(value)
  return value
}

function comparableFields(value: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  if ('type' in value) fields['type'] = value.type
  for (const [name, field] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (field !== undefined) fields[name] = comparable(field)
  }
  return fields
}

/** The same without `meta`: what was decided, without its number, causes and time. */
export function comparableDraft(event: object): Record<string, unknown> {
  const draft = comparableFields(event)
  delete draft['meta']
  return draft
}

/** Freezes plain objects and arrays all the way down, so that whoever writes to a shared event fails in the test. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Decimal.isDecimal(value) || ArrayBuffer.isView(value)) return value
  Object.freeze(value)
  for (const field of Object.values(value)) deepFreeze(field)
  return value
}
