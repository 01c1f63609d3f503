import { SHARED, type AvroField, type AvroType, type NamedSchema } from './read-schemas.ts'

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
  if (typeof type === 'string') return PRIMITIVES[type] ?? type.slice(type.lastIndexOf('.') + 1)
  if (Array.isArray(type)) return type.map(typeOf).join(' | ')
  if ('items' in type) {
    const item = typeOf(type.items)
    return item.includes('|') ? `readonly (${item})[]` : `readonly ${item}[]`
  }
  if ('logicalType' in type) return type.logicalType === 'decimal' ? 'Decimal' : 'number'
  throw new Error(`no TypeScript type for ${JSON.stringify(type)}`)
}

const comment = (text: string | undefined, indent: string): string =>
  text === undefined ? '' : `${indent}/** ${text} */\n`

const field = ({ name, type, doc }: AvroField): string =>
  `${comment(doc, '  ')}  readonly ${name}: ${typeOf(type)}\n`

function declaration(schema: NamedSchema, isEvent: boolean): string {
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

/** Topics whose events we write: all of them carry `meta`. */
const isOurs = (schema: NamedSchema): boolean =>
  schema.fields?.some(({ name }) => name === 'meta') === true && schema.topic !== SHARED

/** TypeScript for every schema: one type each, and the union of each topic. */
export function renderEventTypes(schemas: readonly NamedSchema[]): string {
  const topics = [...new Set(schemas.map(({ topic }) => topic))].filter(topic => topic !== SHARED)
  const unions = topics.map(topic => {
    const own = schemas.filter(schema => schema.topic === topic)
    const extra = own.some(isOurs) ? SHARED_EVENTS : []
    const names = [...own.map(({ name }) => name), ...extra]
    return `export type ${pascal(topic)}Event =\n${names.map(name => `  | ${name}\n`).join('')}`
  })
  const all = `export type SluiceEvent =\n${topics.map(topic => `  | ${pascal(topic)}Event\n`).join('')}`
  const declarations = schemas.map(schema =>
    declaration(schema, schema.topic !== SHARED || SHARED_EVENTS.includes(schema.name)),
  )
  return [
    HEADER,
    `import type { Decimal } from '@sluice/domain/decimal'\n`,
    ...declarations,
    ...unions,
    all,
  ].join('\n')
}
