import { DecodingError } from '@sluice/contracts/codec-errors'
import { Decimal } from '@sluice/domain/decimal'
import { nearestUnits, wholeUnits, type ListedSymbol } from './instruments.ts'
import { shown } from './json.ts'

/** Every conversion by name, with what it makes of a value. The reference page is made from this table. */
export const CONVERSION_TEXTS = {
  text: 'Text as it is; a number as its digits.',
  boolean: 'true or false.',
  integer: 'A whole number, as a number or as text.',
  previous: 'A whole number less one: the update before the first one of a change.',
  decimal: 'A decimal, as a number or as text; exact.',
  nearest: 'A decimal or a price, rounded to the last digit or tick of the field, half to even.',
  instrument: 'A symbol by the table of instruments.',
  ticks: 'A price, as a whole number of ticks of the instrument; exact.',
  lots: 'A quantity times contractSize, as a whole number of lots of the instrument; exact.',
  milliseconds: 'A time in milliseconds since 1970.',
  seconds: 'A time in seconds since 1970, with or without a fraction.',
  microseconds: 'A time in microseconds since 1970.',
  nanoseconds: 'A time in nanoseconds since 1970.',
  iso: 'A time as text, such as 2026-11-24T20:15:00.000Z.',
} as const

export type Conversion = keyof typeof CONVERSION_TEXTS

export const CONVERSIONS = Object.keys(CONVERSION_TEXTS) as [Conversion, ...Conversion[]]

/** What a conversion may want to know besides the value. */
export interface Target {
  /** Of the instrument that the event, or the item at hand, is about. */
  readonly symbol: ListedSymbol | undefined
  /** Digits after the point of a decimal field; undefined: it counts ticks. */
  readonly scale: number | undefined
}

type Convert = (value: unknown, target: Target) => unknown

const unfit = (value: unknown, asked: string): DecodingError =>
  new DecodingError('json_unfit', `${shown(value)} is ${asked}`)

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/

/** The digits of a number, which venues write as text or as a number. JSON's shortest form of a double has the digits that were written. */
function numeral(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string' && NUMBER.test(value)) return value
  throw unfit(value, 'no number')
}

function integer(value: unknown): number {
  const number = Number(numeral(value))
  if (Number.isSafeInteger(number)) return number
  throw unfit(value, 'no whole number below 2^53')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'number') throw unfit(value, 'no text')
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw unfit(value, 'a number of more digits than JSON keeps: ask for it as text')
  return String(value)
}

function listed({ symbol }: Target): ListedSymbol {
  if (symbol !== undefined) return symbol
  throw new DecodingError('symbol_unknown', 'a price or quantity without an instrument')
}

function exactUnits(digits: string, unit: ListedSymbol['tick'], of: string): number {
  const units = wholeUnits(digits, unit)
  if (units !== undefined) return units
  throw new DecodingError(
    'number_inexact',
    `${digits} is no whole number of ${of} ${unit.size.toFixed()}`,
  )
}

function lots(value: unknown, target: Target): number {
  const { lot, contractSize } = listed(target)
  const digits = numeral(value)
  const quantity = contractSize === undefined ? digits : contractSize.times(digits).toFixed()
  return exactUnits(quantity, lot, 'lots of')
}

/** Milliseconds of a count of smaller or larger units, rounded down. */
const timeIn = (value: unknown, perMillisecond: string): number =>
  new Decimal(numeral(value)).div(perMillisecond).floor().toNumber()

function isoTime(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : NaN
  if (Number.isSafeInteger(time)) return time
  throw unfit(value, 'no time such as 2026-11-24T20:15:00.000Z')
}

function boolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw unfit(value, 'neither true nor false')
}

function nearest(value: unknown, target: Target): unknown {
  if (target.scale === undefined) return nearestUnits(numeral(value), listed(target).tick)
  return new Decimal(numeral(value)).toDecimalPlaces(target.scale, Decimal.ROUND_HALF_EVEN)
}

/** `instrument` is looked up by who knows the table. */
export const CONVERT: Readonly<Record<Exclude<Conversion, 'instrument'>, Convert>> = {
  text,
  boolean,
  integer,
  previous: value => integer(value) - 1,
  decimal: value => new Decimal(numeral(value)),
  nearest,
  ticks: (value, target) => exactUnits(numeral(value), listed(target).tick, 'ticks of'),
  lots,
  milliseconds: integer,
  seconds: value => timeIn(value, '0.001'),
  microseconds: value => timeIn(value, '1000'),
  nanoseconds: value => timeIn(value, '1000000'),
  iso: isoTime,
}
