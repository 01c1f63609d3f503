import { Decimal } from '@sluice/domain/decimal'
import type { InstrumentTable } from './mapping.ts'

/** A size as a whole number of its last digit: digits / 10^scale. */
interface Unit {
  readonly size: Decimal
  readonly digits: number
  readonly scale: number
}

/** What a venue's symbol stands for. */
export interface ListedSymbol {
  readonly instrument: string
  readonly tick: Unit
  readonly lot: Unit
  /** What one of the venue's quantity is; undefined: 1. */
  readonly contractSize: Decimal | undefined
}

const DIGITS_EXACT = 15
const POWERS = Array.from({ length: DIGITS_EXACT + 1 }, (_, power) => 10 ** power)
const WHOLE = /^-?\d+$/

function unitOf(size: Decimal): Unit {
  const scale = size.decimalPlaces()
  return { size, scale, digits: size.times(Decimal.pow(10, scale)).toNumber() }
}

export function listSymbols(table: InstrumentTable): ReadonlyMap<string, ListedSymbol> {
  return new Map(
    Object.entries(table).map(([symbol, { instrument, tickSize, lotSize, contractSize }]) => [
      symbol,
      {
        instrument,
        tick: unitOf(new Decimal(tickSize)),
        lot: unitOf(new Decimal(lotSize)),
        contractSize: Number(contractSize) === 1 ? undefined : new Decimal(contractSize),
      },
    ]),
  )
}

/**
 * text / size as a whole number; undefined if it is none. Whole numbers of at most 15 digits divide exactly in doubles; anything longer
 * goes through decimals.
 */
export function wholeUnits(text: string, unit: Unit): number | undefined {
  const dot = text.indexOf('.')
  const digits = dot < 0 ? text : text.slice(0, dot) + text.slice(dot + 1)
  const scale = dot < 0 ? 0 : text.length - dot - 1
  if (digits.length <= DIGITS_EXACT && WHOLE.test(digits)) {
    const up = POWERS[unit.scale - scale] ?? 1
    const down = POWERS[scale - unit.scale] ?? 1
    const above = Number(digits) * up
    const below = unit.digits * down
    if (Math.abs(above) <= Number.MAX_SAFE_INTEGER && below <= Number.MAX_SAFE_INTEGER)
      return above % below === 0 ? above / below : undefined
  }
  return wholeByDecimals(text, unit)
}

function wholeByDecimals(text: string, { size }: Unit): number | undefined {
  const value = new Decimal(text)
  const units = value.div(size).round()
  return units.times(size).eq(value) ? units.toNumber() : undefined
}

/** text / size, to the nearest whole number, half to even. */
export const nearestUnits = (text: string, { size }: Unit): number =>
  new Decimal(text).div(size).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toNumber()
