import type { Decimal } from '../src/decimal.ts'

/** An exact fraction on bigint: the other way to compute what the rule book computes in decimals. */
export interface Rational {
  readonly over: bigint
  readonly under: bigint
}

export function rational(value: Decimal | number | bigint): Rational {
  if (typeof value !== 'object') return { over: BigInt(value), under: 1n }
  const places = value.decimalPlaces()
  return { over: BigInt(value.toFixed(places).replace('.', '')), under: 10n ** BigInt(places) }
}

export const add = (a: Rational, b: Rational): Rational => ({
  over: a.over * b.under + b.over * a.under,
  under: a.under * b.under,
})

export const subtract = (a: Rational, b: Rational): Rational => add(a, { ...b, over: -b.over })

export const multiply = (a: Rational, b: Rational): Rational => ({
  over: a.over * b.over,
  under: a.under * b.under,
})

export const isEqual = (a: Rational, b: Rational): boolean => a.over * b.under === b.over * a.under

export const isBelow = (a: Rational, b: Rational): boolean => a.over * b.under < b.over * a.under

export const absolute = (a: Rational): Rational => (a.over < 0n ? { ...a, over: -a.over } : a)

/** Rounded up to a number of decimals. */
export function ceilTo(value: Rational, places: number): Rational {
  const under = 10n ** BigInt(places)
  const scaled = value.over * under
  const whole = scaled / value.under
  return { over: whole * value.under < scaled ? whole + 1n : whole, under }
}
