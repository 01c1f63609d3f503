import { Decimal, ONE } from '../src/decimal.ts'
import type { InstrumentSpec } from '../src/instrument.ts'
import type { PositionInput } from '../src/margin.ts'
import type { RiskTier } from '../src/tiers.ts'
import { specOf, tiersOf } from './generators.ts'

export type Inputs = Readonly<Record<string, unknown>>

export type Answer =
  | Decimal
  | string
  | boolean
  | null
  | undefined
  | readonly Answer[]
  | { readonly [key: string]: Answer }

/** Answers one vector with the product's functions; the arithmetic around them only turns units. */
export type Rule = (inputs: Inputs) => Answer

/** The product has no answer, and why. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}

export function number(inputs: Inputs, name: string): Decimal {
  const value = inputs[name]
  if (typeof value !== 'string') throw new Unsupported(`the inputs give no ${name}`)
  return new Decimal(value)
}

export function numberOr(inputs: Inputs, name: string, otherwise: number | Decimal): Decimal {
  return name in inputs ? number(inputs, name) : new Decimal(otherwise)
}

export function text(inputs: Inputs, name: string): string {
  const value = inputs[name]
  if (typeof value !== 'string') throw new Unsupported(`the inputs give no ${name}`)
  return value
}

export function list(inputs: Inputs, name: string): readonly Inputs[] {
  const value = inputs[name]
  if (!Array.isArray(value)) throw new Unsupported(`the inputs give no list ${name}`)
  return value as readonly Inputs[]
}

export function numbers(inputs: Inputs, name: string): Decimal[] {
  return (list(inputs, name) as readonly unknown[]).map(value => new Decimal(String(value)))
}

/** Continuous brackets of [floor, rate] pairs. */
export function tiersIn(inputs: Inputs, name = 'tiers'): RiskTier[] {
  const pairs = list(inputs, name) as unknown as readonly (readonly [string, string])[]
  return tiersOf(pairs)
}

/** One bracket that applies to every notional; a negative deduction adds a constant requirement. */
export function flatTier(rate: Decimal, deduction: Decimal = ONE.minus(1)): RiskTier[] {
  const [tier] = tiersOf([[0, rate.toFixed()]])
  return [{ ...tier!, maintenanceRate: rate, deduction }]
}

/** Prices in steps so fine that rounding to a tick stays below every tolerance, yet within 15 digits. */
export function fineSpec(quantity: Decimal, price: Decimal): InstrumentSpec {
  const digits = Math.max(0, 12 - price.abs().e)
  return specOf({
    lotSize: new Decimal(10).pow(-quantity.decimalPlaces()),
    tickSize: new Decimal(10).pow(-digits),
  })
}

export interface PositionFacts {
  /** Signed */
  readonly quantity: Decimal
  readonly entry: Decimal
  readonly mark: Decimal
  readonly tiers: readonly RiskTier[]
}

/** A position from quantities and prices in units of their own. */
export function positionOf({ quantity, entry, mark, tiers }: PositionFacts): PositionInput {
  const spec = fineSpec(quantity, mark)
  return {
    spec,
    tiers,
    quantityLots: quantity.div(spec.lotSize).toNumber(),
    entryNotional: quantity.times(entry),
    markTicks: mark.div(spec.tickSize).toNumber(),
  }
}
