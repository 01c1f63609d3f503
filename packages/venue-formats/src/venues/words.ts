import type { Conditions, FieldSpec, Rule } from '../mapping.ts'
import type { OutOfScope } from '../out-of-scope.ts'

/** Short words in which the tables of venues are written. */

export const PRESENT = { present: true } as const
export const ABSENT = { present: false } as const
export const NOT_ZERO = { zero: false } as const
export const ZERO = { zero: true } as const

export const startsWith = (text: string) => ({ startsWith: text })

/** Levels of a book, each with its price and quantity at these places. */
export const levels = (path: string, price = '0', quantity = '1'): FieldSpec => ({
  path: path === '' ? '' : `${path}.*`,
  items: { priceTicks: price, quantityLots: quantity },
})

export const NO_LEVELS: FieldSpec = { value: [] }

/** A price that need not lie on a tick. */
export const nearest = (path: string): FieldSpec => ({ path, as: 'nearest' })
export const iso = (path: string): FieldSpec => ({ path, as: 'iso' })
export const constant = (value: string): FieldSpec => ({ value })

export const side = (path: string, buy: string, sell: string): FieldSpec => ({
  path,
  table: { [buy]: 'buy', [sell]: 'sell' },
})

export const passOver = (reason: OutOfScope, ...all: readonly Conditions[]): readonly Rule[] =>
  all.map(when => ({ when, ignore: reason }))
