import { DecodingError } from '@sluice/contracts/codec-errors'
import { SCHEMAS } from '@sluice/contracts/generated/schemas'
import {
  isArrayOf,
  isUnion,
  type AvroField,
  type AvroType,
  type NamedType,
} from '@sluice/contracts/schema-model'
import { CONVERT, type Conversion } from './conversions.ts'
import type { ListedSymbol } from './instruments.ts'
import { shown } from './json.ts'
import type { FieldSpec } from './mapping.ts'
import { isPresent, testOf } from './matching.ts'
import { elementsOf, getterOf, type Place } from './paths.ts'

/** Notes what is wrong, and where. */
export type Complain = (place: string, fault: string) => void

/** Makes the value of a field. @throws DecodingError */
export type Make = (place: Place, symbol: ListedSymbol | undefined) => unknown

/** What the fields of an event are made with. */
export interface FieldContext {
  /** By the venue's symbol. */
  readonly symbols: ReadonlyMap<string, ListedSymbol>
  readonly complain: Complain
}

/** A record's fields; `symbol` is the instrument it is about, `null` that the exchange lists none of the symbol. */
export interface MadeRecord {
  make(place: Place, outer?: ListedSymbol): Readonly<Record<string, unknown>> | null
}

const byFullName: ReadonlyMap<string, NamedType> = new Map(
  SCHEMAS.map(({ fullName, schema }) => [fullName, schema]),
)

/** Prepares the fields of a record by its schema; everything wrong with them is complained of. */
export function recordMaker(
  schema: NamedType,
  specs: Readonly<Record<string, FieldSpec>>,
  at: { readonly place: string; readonly context: FieldContext },
): MadeRecord {
  const { place, context } = at
  const fields = schema.fields ?? []
  for (const name of Object.keys(specs))
    if (!fields.some(field => field.name === name))
      context.complain(`${place}.${name}`, `${schema.name} has no such field`)
  const makers = fields.map(field => {
    const spec = specs[field.name]
    const where = `${place}.${field.name}`
    return [field.name, fieldMaker(field, spec, { place: where, context })] as const
  })
  const symbolOf = symbolGetter(specs['instrument'], context)
  return {
    make(from, outer) {
      const symbol = symbolOf === undefined ? outer : symbolOf(from)
      if (symbol === null) return null
      return Object.fromEntries(
        makers.map(([name, make]) => [name, made(`${schema.name}.${name}`, make, from, symbol)]),
      )
    },
  }
}

/** Says of a refusal which field it is about. */
function made(
  field: string,
  make: Make,
  ...[place, symbol]: readonly [Place, ListedSymbol | undefined]
): unknown {
  try {
    return make(place, symbol)
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error
    throw new DecodingError(error.reason, `${field}: ${error.message}`)
  }
}

/** The instrument by its symbol: null where the table has none. Undefined: the record is about no instrument of its own. */
function symbolGetter(
  spec: FieldSpec | undefined,
  { symbols }: FieldContext,
): ((place: Place) => ListedSymbol | null) | undefined {
  const path = typeof spec === 'object' && 'path' in spec ? spec.path : spec
  if (typeof path !== 'string') return undefined
  const getter = getterOf(path)
  return place => symbols.get(String(getter(place))) ?? null
}

interface At {
  readonly place: string
  readonly context: FieldContext
}

function fieldMaker(field: AvroField, spec: FieldSpec | undefined, at: At): Make {
  const isNullable = isUnion(field.type)
  if (spec === undefined) {
    if (!isNullable) at.context.complain(at.place, 'it must be given')
    return () => null
  }
  const type = isUnion(field.type)
    ? (field.type.find(each => each !== 'null') ?? 'null')
    : field.type
  if (typeof spec === 'object' && 'value' in spec) return constantMaker(spec.value, type, at)
  if (typeof spec === 'object' && 'items' in spec) return itemsMaker(type, spec, at)
  const read = typeof spec === 'string' ? { path: spec } : spec
  return valueMaker({ ...field, type }, { ...read, isNullable }, at)
}

function constantMaker(value: unknown, type: AvroType, { place, context }: At): Make {
  const symbols = typeof type === 'string' ? byFullName.get(type)?.symbols : undefined
  if (symbols !== undefined && !symbols.includes(String(value)))
    context.complain(place, `${shown(value)} is none of ${symbols.join(', ')}`)
  const convert =
    typeof type === 'object' && 'logicalType' in type && type.logicalType === 'decimal'
  return convert ? () => CONVERT.decimal(value, { symbol: undefined, scale: 0 }) : () => value
}

function itemsMaker(
  type: AvroType,
  spec: { readonly path: string; readonly items: Readonly<Record<string, FieldSpec>> },
  { place, context }: At,
): Make {
  const items = isArrayOf(type) && typeof type.items === 'string' ? type.items : ''
  const schema = byFullName.get(items)
  if (schema?.fields === undefined) {
    context.complain(place, 'it holds no list of records: items cannot be given')
    return () => null
  }
  const elements = elementsOf(spec.path)
  const maker = recordMaker(schema, spec.items, { place: `${place}.items`, context })
  return (from, symbol) =>
    elements(from).map(element => {
      const item = maker.make(element, symbol)
      if (item !== null) return item
      throw new DecodingError('symbol_unknown', 'an item of an instrument that is not listed')
    })
}

interface ReadSpec {
  readonly path: string
  readonly as?: Conversion | undefined
  readonly table?: Readonly<Record<string, unknown>> | undefined
  readonly otherwise?: unknown
  readonly negative?: Parameters<typeof testOf>[0] | undefined
  readonly isNullable: boolean
}

function valueMaker(field: AvroField, spec: ReadSpec, at: At): Make {
  const getter = getterOf(spec.path)
  const { table } = spec
  const convert = converterOf(field, spec, at)
  const lookUp = table === undefined ? undefined : tableOf(table)
  const isNegative = spec.negative === undefined ? undefined : testOf(spec.negative)
  return (place, symbol) => {
    const value = getter(place)
    if (!isPresent(value)) return missing(spec)
    const converted = convert(lookUp === undefined ? value : lookUp(value), symbol)
    return isNegative?.(place) === true ? negated(converted) : converted
  }
}

function missing({ path, otherwise, isNullable }: ReadSpec): unknown {
  if (otherwise !== undefined) return otherwise
  if (isNullable) return null
  throw new DecodingError('json_unfit', `there is nothing at ${path === '' ? 'the message' : path}`)
}

function negated(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : -value
  return (value as { negated(): unknown }).negated()
}

function tableOf(table: Readonly<Record<string, unknown>>): (value: unknown) => unknown {
  const entries = new Map(Object.entries(table))
  return value => {
    const found = entries.get(String(value))
    if (found !== undefined) return found
    throw new DecodingError('json_unfit', `${shown(value)} is not in the table`)
  }
}

type Converter = (value: unknown, symbol: ListedSymbol | undefined) => unknown

/** Conversions that a field may have by its type, the usual one first. */
function conversionsFor({ name, type }: AvroField): readonly Conversion[] {
  if (name === 'instrument' || name === 'isolatedInstrument') return ['instrument']
  if (type === 'string') return ['text']
  if (type === 'boolean') return ['boolean']
  if (typeof type === 'object' && 'logicalType' in type)
    return type.logicalType === 'decimal'
      ? ['decimal', 'nearest']
      : ['milliseconds', 'seconds', 'microseconds', 'nanoseconds', 'iso']
  if (type !== 'long' && type !== 'int') return []
  if (name.endsWith('Ticks')) return ['ticks', 'nearest', 'integer']
  return name.endsWith('Lots') ? ['lots', 'integer'] : ['integer', 'previous']
}

function converterOf(field: AvroField, spec: ReadSpec, { place, context }: At): Converter {
  const { type } = field
  const words = typeof type === 'string' ? byFullName.get(type)?.symbols : undefined
  if (words !== undefined) return wordsConverter(words, spec, { place, context })
  const possible = conversionsFor(field)
  const [usual] = possible
  const as = spec.as ?? usual
  if (as === undefined) context.complain(place, 'a field of this kind cannot be mapped')
  else if (!possible.includes(as))
    context.complain(place, `as ${as} makes no such value: use ${possible.join(', ')}`)
  if (as === undefined || as === 'instrument')
    return value => context.symbols.get(String(value))?.instrument
  const scale = typeof type === 'object' && 'logicalType' in type ? (type.scale ?? 0) : undefined
  const convert = CONVERT[as]
  return (value, symbol) => convert(value, { symbol, scale })
}

/** Of an enum the word itself is what counts; a table translates the venue's. */
function wordsConverter(words: readonly string[], { table }: ReadSpec, { place, context }: At) {
  for (const [from, to] of Object.entries(table ?? {}))
    if (!words.includes(String(to)))
      context.complain(`${place}.table.${from}`, `${shown(to)} is none of ${words.join(', ')}`)
  const known = new Set(words)
  return (value: unknown): unknown => {
    if (known.has(String(value))) return value
    throw new DecodingError('json_unfit', `${shown(value)} is none of ${words.join(', ')}`)
  }
}
