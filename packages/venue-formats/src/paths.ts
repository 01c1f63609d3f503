import { DecodingError } from '@sluice/contracts/codec-errors'
import type { LogRecord } from '@sluice/stream-runtime/log'

/** Where a path is looked up. */
export interface Place {
  readonly record: LogRecord
  /** The whole message. */
  readonly root: unknown
  /** What relative paths start from: the message, what its envelope holds, or an element of `each` or `items`. */
  readonly item: unknown
  /** Name or number of that element. */
  readonly name: string | number
  /** What the element lies in. */
  readonly parent: unknown
}

export type Getter = (place: Place) => unknown

/**
 * Reads a path: names and numbers with dots between, relative to what is at hand; from `$.` on in the whole message. Empty: what
 * is at hand itself; from `^.` on in what it lies in. `@key` is the record's key, `@appendTime` its time in the log, `@name` the name of the element.
 */
export function getterOf(path: string): Getter {
  switch (path) {
    case '@key':
      return ({ record: { key } }) =>
        key === null
          ? undefined
          : Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString()
    case '@appendTime':
      return ({ record }) => record.appendTime
    case '@name':
      return ({ name }) => name
    case '':
      return ({ item }) => item
    case '$':
      return ({ root }) => root
    default:
      if (path.startsWith('$.')) return walk(path.slice(2), 'root')
      return path.startsWith('^.') ? walk(path.slice(2), 'parent') : walk(path, 'item')
  }
}

function walk(path: string, from: 'root' | 'parent' | 'item'): Getter {
  const [first = '', ...others] = path.split('.')
  if (others.length === 0) return place => memberOf(place[from], first)
  return place => {
    let value = memberOf(place[from], first)
    for (const name of others) value = memberOf(value, name)
    return value
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name]
}

/**
 * Elements that a path means: what it leads to or, where it ends in `*`, all that is in there, each under its name.
 * Both throw DecodingError where there is nothing: an empty list is something.
 */
export function elementsOf(path: string): (place: Place) => readonly Place[] {
  if (path !== '*' && !path.endsWith('.*')) {
    const getter = getterOf(path)
    return place => {
      const item = getter(place)
      if (item === undefined || item === null) throw nothingAt(path)
      return [{ ...place, item, parent: place.item }]
    }
  }
  const getter = getterOf(path === '*' ? '' : path.slice(0, -2))
  return place => {
    const { record, root, item: parent } = place
    const all = getter(place)
    if (Array.isArray(all))
      return all.map((item: unknown, name) => ({ record, root, item, name, parent }))
    if (typeof all !== 'object' || all === null) throw nothingAt(path)
    return Object.entries(all).map(([name, item]: [string, unknown]) => ({
      record,
      root,
      item,
      name,
      parent,
    }))
  }
}

const nothingAt = (path: string): DecodingError =>
  new DecodingError('json_unfit', `there is nothing at ${path}`)
