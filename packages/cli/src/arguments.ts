import { InvalidArgumentError } from 'commander'

/** Parser of an option that takes a whole number between two bounds, inclusive. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`)
  }
}

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Parser of an argument that takes a number above 0, as text so that no digit is lost, or none, which is null. */
export function above0(text: string): string | null {
  if (text === 'none') return null
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text) && Number(text) > 0) return text
  throw new InvalidArgumentError('Give a number above 0 with at most 9 decimals, or none.')
}

/** Parser of an option that takes a length of time: 30s, 10m, 2h, 1d; answers milliseconds. */
export function duration(text: string): number {
  const { count, unit } = /^(?<count>[1-9]\d{0,5})(?<unit>[smhd])$/.exec(text)?.groups ?? {}
  const unitMs = unit === undefined ? undefined : UNITS_MS[unit]
  if (unitMs === undefined)
    throw new InvalidArgumentError('Give a time such as 30s, 10m, 2h or 1d.')
  return Number(count) * unitMs
}

/** Parser of an option that takes a point in time in ISO 8601; answers milliseconds. */
export function instant(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time))
    throw new InvalidArgumentError('Give a time such as 2026-03-01T12:00:00Z.')
  return time
}

/** Parser of a comma-separated list of words out of a closed set. */
export function listOf<Word extends string>(words: readonly Word[]): (text: string) => Word[] {
  const isKnown = (word: string): word is Word => words.some(known => known === word)
  return text => {
    const found = text.split(',').map(word => word.trim())
    const known = found.filter(isKnown)
    if (known.length === found.length) return known
    const unknown = found.filter(word => !isKnown(word)).join(', ')
    throw new InvalidArgumentError(`${unknown} is not one of ${words.join(', ')}.`)
  }
}

/** Parser of an option that takes a number above 0. */
export function numberAbove0(text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('Give a number above 0.')
}
