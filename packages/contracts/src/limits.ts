import type { Decimal } from '@sluice/domain/decimal'
import type { ValueFault } from './codec-errors.ts'

/** What the generated checks are made of. Each answers the first fault, or undefined. */

type Fault = ValueFault | undefined

/** For each record with limits, the function that checks one. */
export type Limits = Readonly<Record<string, (value: never) => Fault>>

export const fault = (field: string, value: unknown, rule: string): ValueFault => ({
  field,
  value,
  rule,
})

/** A decimal not below the minimum, which is 0 or a whole number. */
export function atLeast(value: Decimal, field: string, minimum: number): Fault {
  const fits = minimum === 0 ? value.s > 0 || value.isZero() : value.gte(minimum)
  return fits ? undefined : { field, value, rule: `it must be at least ${String(minimum)}` }
}

/** A decimal above the minimum. */
export function above(value: Decimal, field: string, minimum: number): Fault {
  return value.gt(minimum)
    ? undefined
    : { field, value, rule: `it must be above ${String(minimum)}` }
}

/** A fault found within a field, seen from outside. */
export function inside(field: string, fault: Fault): Fault {
  if (fault === undefined) return undefined
  return { ...fault, field: fault.field === '' ? field : `${field}.${fault.field}` }
}

/** The first fault among the items of an array. */
export function each<Item>(
  items: readonly Item[],
  field: string,
  faultOf: (item: Item) => Fault,
): Fault {
  for (let index = 0; index < items.length; index++) {
    const fault = faultOf(items[index] as Item)
    if (fault !== undefined) return inside(`${field}.${String(index)}`, fault)
  }
  return undefined
}
