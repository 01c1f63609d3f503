import type { Conditions, Matcher } from './mapping.ts'
import { getterOf, type Place } from './paths.ts'

export type Test = (place: Place) => boolean

/** Whether all conditions hold; without any they do. */
export function testOf(conditions: Conditions): Test {
  const tests = Object.entries(conditions).map(([path, matcher]) => {
    const getter = getterOf(path)
    const holds = matcherTest(matcher)
    return (place: Place) => holds(getter(place))
  })
  const [only] = tests
  return tests.length === 1 && only !== undefined
    ? only
    : place => tests.every(holds => holds(place))
}

function matcherTest(matcher: Matcher): (value: unknown) => boolean {
  if (Array.isArray(matcher)) return value => matcher.some(each => each === value)
  if (typeof matcher !== 'object' || matcher === null) return value => value === matcher
  if ('present' in matcher) return value => isPresent(value) === matcher.present
  if ('zero' in matcher) return value => isPresent(value) && (Number(value) === 0) === matcher.zero
  return value => typeof value === 'string' && value.startsWith(matcher.startsWith)
}

/** Venues write an empty text where they have nothing to say. */
export const isPresent = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== ''
