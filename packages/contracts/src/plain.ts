import { Decimal } from '@sluice/domain/decimal'

/** What JSON can hold. */
export type Plain =
  string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/**
 * An event (or any part of one) as plain data, for JSON, tests and people: decimals as text without exponent, bytes as
 * hex; `type` first.
 */
export function plain(value: object): { readonly [name: string]: Plain } {
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
