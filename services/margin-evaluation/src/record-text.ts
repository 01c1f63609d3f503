import { Decimal } from '@sluice/domain/decimal'

const DECIMAL = '$decimal'

/**
 * A small record as canonical text for a snapshot: fields in alphabetical order, decimals by value, the `type` left out (a decoded
 * event has it on its prototype, a plain one does not).
 */
export function recordText(record: object): string {
  return JSON.stringify(plain(record))
}

function plain(value: unknown): unknown {
  if (Decimal.isDecimal(value)) return { [DECIMAL]: value.toFixed() }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value)
    .filter(([name]) => name !== 'type')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]))
}

/** The record that a text was made from. Its shape is the caller's to know: a snapshot holds what this version wrote. */
export function recordOf(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => revived(value))
}

function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(DECIMAL in value)) return value
  return new Decimal(String(value[DECIMAL]))
}
