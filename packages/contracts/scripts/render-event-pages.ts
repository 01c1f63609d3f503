import { GENERATED, table } from './markdown.ts'
import { SCHEMA_IDS } from '../src/schema-ids.ts'
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
import { TOPICS, type TopicSpec } from '../src/topics.ts'

const ids: Readonly<Record<string, number>> = SCHEMA_IDS

function typeName(type: AvroType): string {
  if (typeof type === 'string')
    return type.startsWith('sluice.')
      ? `[${shortName(type)}](#${shortName(type).toLowerCase()})`
      : type
  if (isUnion(type)) return type.map(typeName).join(' or ')
  if (isArrayOf(type)) return `array of ${typeName(type.items)}`
  return type.logicalType === 'decimal'
    ? `decimal(${type.precision ?? 0}, ${type.scale ?? 0})`
    : type.logicalType
}

function limits({ minimum, exclusiveMinimum, maximum }: AvroField): string {
  const parts = [
    minimum === undefined ? '' : `≥ ${minimum}`,
    exclusiveMinimum === undefined ? '' : `> ${exclusiveMinimum}`,
    maximum === undefined ? '' : `≤ ${maximum}`,
  ]
  return parts.filter(part => part !== '').join(', ')
}

const fieldsTable = ({ fields = [] }: NamedType): string =>
  table(
    ['field', 'type', 'limits', 'meaning'],
    fields.map(field => [
      `\`${field.name}\``,
      typeName(field.type),
      limits(field),
      field.doc ?? '',
    ]),
  )

const symbolsList = ({ symbols = [] }: NamedType): string =>
  `One of ${symbols.map(symbol => `\`${symbol}\``).join(', ')}.\n`

function bodyOf(schema: NamedType): string {
  if (schema.type === 'enum') return symbolsList(schema)
  return schema.type === 'fixed' ? `${schema.size ?? 0} bytes.\n` : fieldsTable(schema)
}

function section({ schema }: SchemaEntry): string {
  const id = ids[schema.name]
  const tag = id === undefined ? '' : ` Schema id ${id}.`
  return `### ${schema.name}\n\n${schema.doc ?? ''}${tag}\n\n${bodyOf(schema)}`
}

const chapter = (title: string, about: string, entries: readonly SchemaEntry[]): string =>
  `## ${title}\n\n${about}\n\n${entries.map(section).join('\n')}`

/** Every event by topic, with fields, types, limits and meaning; then the types they share. */
export function renderEventsPage(entries: readonly SchemaEntry[]): string {
  const intro = `# Events

Every event on every topic. On the wire a record is one zero byte, the schema id (four bytes, big-endian) and the event in
Avro's binary encoding. Money is \`decimal(38, 12)\`, rates are \`decimal(18, 9)\`; quantities are whole lots and prices whole
ticks. A number outside its limits is refused by the codec, on both ways.`
  const chapters = TOPICS.map(({ name, about }) =>
    chapter(
      name,
      about,
      entries.filter(({ topic }) => topic === name),
    ),
  )
  const shared = chapter(
    'Shared types',
    'What events are made of, and the two records of every topic of ours.',
    entries.filter(({ topic }) => topic === SHARED),
  )
  return (
    [GENERATED, intro, ...chapters, shared]
      .join('\n\n')
      .replaceAll(/\n{3,}/g, '\n\n')
      .trimEnd() + '\n'
  )
}

function topicSection(spec: TopicSpec, entries: readonly SchemaEntry[]): string {
  const events = entries.filter(({ topic }) => topic === spec.name)
  const links = events.map(
    ({ schema }) => `[${schema.name}](events.md#${schema.name.toLowerCase()})`,
  )
  return `## ${spec.name}\n\n${spec.about}\n\nEvents: ${links.join(', ')}.\n`
}

/** The topic catalogue. */
export function renderTopicsPage(entries: readonly SchemaEntry[]): string {
  const rows = TOPICS.map(spec => [
    `[${spec.name}](#${spec.name})`,
    spec.writer,
    spec.key ?? 'none',
    String(spec.partitions),
    spec.readers.join(', ') || 'people',
    spec.retention,
  ])
  const intro = `# Topics

Partition counts are fixed for life; the numbers here are the defaults. A key goes to the partition that Kafka's default
partitioner gives it. Records of ours have no key: the partition is the number of the task that writes it.`
  const overview = table(['topic', 'writer', 'key', 'partitions', 'readers', 'kept'], rows)
  return (
    [
      GENERATED,
      intro,
      overview.trimEnd(),
      ...TOPICS.map(spec => topicSection(spec, entries).trimEnd()),
    ].join('\n\n') + '\n'
  )
}
