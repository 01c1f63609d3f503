import { Decimal } from '@sluice/domain/decimal'
import { emptyKept } from './state.ts'
import type { Kept } from './state.ts'

/**
 * The snapshot: canonical JSON of what is kept. Keys, map entries and sets are sorted, decimals are their shortest text, so
 * that equal states give equal bytes whatever way they were reached. `$` marks what JSON has no form for.
 */
export function encodeKept(kept: Kept): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(canonical(kept)))
}

/** What `encodeKept` wrote, now or before the state had all it has now. The runtime has compared the hash: the form is trusted. */
export function decodeKept(snapshot: Uint8Array): Kept {
  const kept = JSON.parse(new TextDecoder().decode(snapshot), revive) as Partial<Kept>
  return { ...emptyKept(), ...kept }
}

function canonical(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Decimal.isDecimal(value)) return { $decimal: value.toString() }
  if (Array.isArray(value)) return value.map(canonical)
  if (value instanceof Map) {
    const entries = [...(value as Map<string, unknown>)]
    return { $map: sorted(entries).map(([key, of]) => [key, canonical(of)]) }
  }
  if (value instanceof Set) return { $set: [...value].sort() }
  return Object.fromEntries(sorted(Object.entries(value)).map(([key, of]) => [key, canonical(of)]))
}

function sorted<Value>(entries: [string, Value][]): [string, Value][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$decimal' in value) return new Decimal(String(value.$decimal))
  if ('$map' in value) return new Map(value.$map as Iterable<[string, unknown]>)
  if ('$set' in value) return new Set(value.$set as Iterable<string>)
  return value
}
