import { InvalidArgumentError } from 'commander'

/** Parser of an option that takes a whole number between two bounds, inclusive. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return text => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`)
  }
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
