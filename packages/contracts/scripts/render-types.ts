import {
  isArrayOf,
  isUnion,
  SHARED,
  shortName,
  type AvroField,
  type AvroType,
  type NamedType,
  type SchemaEntry,
} from '../src/schema-model.ts'

const HEADER = `// Generated from schemas/*.avsc by \`pnpm generate\`. Do not edit.\n`
const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  long: 'number',
  int: 'number',
  double: 'number',
  boolean: 'boolean',
  bytes: 'Uint8Array',
  null: 'null',
}

function typeOf(type: AvroType): string {
  if (typeof type === 'string') return PRIMITIVES[type] ?? shortName(type)
  if (isUnion(type)) return type.map(typeOf).join(' | ')
  if (isArrayOf(type)) {
    const item = typeOf(type.items)
    return item.includes('|') ? `readonly (${item})[]` : `readonly ${item}[]`
  }
  return type.logicalType === 'decimal' ? 'Decimal' : 'number'
}

const comment = (text: string | undefined, indent: string): string =>
  text === undefined ? '' : `${indent}/** ${text} */\n`

const field = ({ name, type, doc }: AvroField): string =>
  `${comment(doc, '  ')}  readonly ${name}: ${typeOf(type)}\n`

function declaration(schema: NamedType, isEvent: boolean): string {
  const head = comment(schema.doc, '')
  if (schema.type === 'fixed') return `${head}export type ${schema.name} = Uint8Array\n`
  if (schema.type === 'enum') {
    const symbols = (schema.symbols ?? []).map(symbol => `'${symbol}'`)
    return `${head}export type ${schema.name} = ${symbols.join(' | ')}\n`
  }
  const tag = isEvent ? `  readonly type: '${schema.name}'\n` : ''
  return `${head}export interface ${schema.name} {\n${tag}${(schema.fields ?? []).map(field).join('')}}\n`
}

const pascal = (topic: string): string =>
  topic.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())

/** Shared records that are events by themselves, on every topic of ours. */
export const SHARED_EVENTS: readonly string[] = ['InputRefused']

/** Events of ours carry `meta`. */
const isOurs = ({ topic, schema }: SchemaEntry): boolean =>
  schema.fields?.some(({ name }) => name === 'meta') === true && topic !== SHARED

/** The union of all events on one topic. */
function topicUnion(topic: string, entries: readonly SchemaEntry[]): string {
  const own = entries.filter(entry => entry.topic === topic)
  const extra = own.some(isOurs) ? SHARED_EVENTS : []
  const names = [...own.map(({ schema }) => schema.name), ...extra]
  return `export type ${pascal(topic)}Event =\n${names.map(name => `  | ${name}\n`).join('')}`
}

/** TypeScript for every schema: one type each, and the union of each topic. */
export function renderEventTypes(entries: readonly SchemaEntry[]): string {
  const topics = [...new Set(entries.map(({ topic }) => topic))].filter(topic => topic !== SHARED)
  const unions = topics.map(topic => topicUnion(topic, entries))
  const all = `export type SluiceEvent =\n${topics.map(topic => `  | ${pascal(topic)}Event\n`).join('')}`
  const declarations = entries.map(({ topic, schema }) =>
    declaration(schema, topic !== SHARED || SHARED_EVENTS.includes(schema.name)),
  )
  const imports = `import type { Decimal } from '@sluice/domain/decimal'\n`
  return [HEADER, imports, ...declarations, ...unions, all].join('\n')
}
