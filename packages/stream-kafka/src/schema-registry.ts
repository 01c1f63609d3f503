import { compatibilityFaults, shapeOf } from '@sluice/contracts/compatibility'
import {
  FORMER_RECORD_SCHEMAS,
  RECORD_SCHEMAS,
  type RecordSchema,
} from '@sluice/contracts/record-schemas'
import { TOPICS, type TopicName } from '@sluice/contracts/topics'
import {
  LEVEL,
  openRegistry,
  type Registry,
  type RegistrySettings,
  type SchemaVersion,
} from './schema-client.ts'
import { SchemasNotReadyError } from './schema-errors.ts'
import { schemaIdMap, type SchemaIdMap } from './schema-id-map.ts'

/** Which topics are meant, and what they are called on the Kafka at hand. */
export interface SchemaScope {
  readonly names: (topic: string) => string
  /** Those whose records are our Avro; all of the catalogue if nothing is said. */
  readonly topics?: readonly TopicName[]
}

/** How one record type stands in the registry under one topic. */
export interface SchemaStatus {
  readonly topic: string
  readonly record: string
  /** `<topic>-<full name>`: what a topic may hold is known record by record (TopicRecordName). */
  readonly subject: string
  readonly state: 'registered' | 'missing' | 'incompatible'
  /** The registry's number; null if it has none. */
  readonly id: number | null
  /** Which versions may follow each other under the subject; null if the registry's default decides. */
  readonly level: string | null
  /** Why it is not compatible; empty if it is. */
  readonly faults: readonly string[]
}

/** What `applySchemas` did to a subject. */
export interface AppliedSchema extends SchemaStatus {
  readonly change: 'registered' | 'level set' | 'none'
}

interface Subject {
  readonly topic: string
  readonly subject: string
  readonly record: RecordSchema
  readonly text: string
}

function subjectsOf({ names, topics = TOPICS.map(spec => spec.name) }: SchemaScope): Subject[] {
  return topics.flatMap(topic =>
    RECORD_SCHEMAS.filter(record => record.topics.includes(topic)).map(record => ({
      topic: names(topic),
      subject: `${names(topic)}-${record.fullName}`,
      record,
      text: JSON.stringify(record.schema),
    })),
  )
}

/**
 * How every schema stands in the registry, which is only asked.
 *
 * @throws RegistryUnreachableError, RegistryNotAuthorisedError
 */
export async function checkSchemas(
  settings: RegistrySettings,
  scope: SchemaScope,
): Promise<readonly SchemaStatus[]> {
  const registry = await openRegistry(settings)
  return inParts(subjectsOf(scope), subject => statusOf(registry, subject))
}

/**
 * Registers what is missing, each subject with the level FULL_TRANSITIVE. If one schema is incompatible nothing is changed at all:
 * the answer says which, and every `change` is `none`.
 *
 * @throws RegistryUnreachableError, RegistryNotAuthorisedError
 */
export async function applySchemas(
  settings: RegistrySettings,
  scope: SchemaScope,
): Promise<readonly AppliedSchema[]> {
  const registry = await openRegistry(settings)
  const subjects = subjectsOf(scope)
  const found = await inParts(subjects, subject => statusOf(registry, subject))
  const isBlocked = found.some(({ state }) => state === 'incompatible')
  return inParts(found, (status, index): Promise<AppliedSchema> => {
    const subject = subjects[index]
    if (isBlocked || subject === undefined) return Promise.resolve({ ...status, change: 'none' })
    return applied(registry, subject, status)
  })
}

async function applied(
  registry: Registry,
  { subject, text }: Subject,
  status: SchemaStatus,
): Promise<AppliedSchema> {
  if (status.state === 'registered' && status.level === LEVEL) return { ...status, change: 'none' }
  const isNewVersion = status.state === 'missing' && status.level !== null
  if (isNewVersion) await registry.setLevel(subject)
  const id = status.id ?? (await registry.register(subject, text))
  if (!isNewVersion) await registry.setLevel(subject)
  const change = status.state === 'missing' ? 'registered' : 'level set'
  return { ...status, id, state: 'registered', level: LEVEL, change }
}

/**
 * The numbers of a registry for ours. A service asks once, at its start, for the topics it reads and writes.
 *
 * @throws SchemasNotReadyError naming every schema that is missing or incompatible; RegistryUnreachableError,
 * RegistryNotAuthorisedError.
 */
export async function loadSchemaIds(
  settings: RegistrySettings,
  names: (topic: string) => string,
  topics?: readonly TopicName[],
): Promise<SchemaIdMap> {
  const registry = await openRegistry(settings)
  const subjects = subjectsOf({ names, ...(topics === undefined ? {} : { topics }) })
  const found = await inParts(subjects, async subject => {
    const known = knownVersions(subject, await registry.versionsOf(subject.subject))
    if (known.some(([ours]) => ours === subject.record.id)) return known
    return problemOf(await statusOf(registry, subject))
  })
  const problems = found.filter(each => typeof each === 'string')
  if (problems.length > 0) throw new SchemasNotReadyError(problems)
  return schemaIdMap(found.filter(each => typeof each !== 'string').flat())
}

/** Versions that are ours, as they are or as they were: by their shape, whatever else is said in them and whoever registered them. */
function knownVersions(
  { record }: Subject,
  versions: readonly SchemaVersion[],
): (readonly [ours: number, wire: number])[] {
  const own = [record, ...FORMER_RECORD_SCHEMAS.filter(each => each.name === record.name)]
  const byShape = new Map(own.map(each => [shapeOf(each.schema), each.id]))
  return versions.flatMap(({ id, text }) => {
    const ours = byShape.get(shapeOfText(text) ?? '')
    return ours === undefined ? [] : [[ours, id] as const]
  })
}

function shapeOfText(text: string): string | undefined {
  try {
    return shapeOf(JSON.parse(text) as object)
  } catch {
    return undefined
  }
}

/** One line of what is wrong with a subject. */
export const problemOf = ({ subject, state, faults }: SchemaStatus): string =>
  [`${subject}: ${state}`, ...faults].join('; ')

async function statusOf(
  registry: Registry,
  { topic, subject, record, text }: Subject,
): Promise<SchemaStatus> {
  const base = { topic, record: record.name, subject }
  const versions = await registry.versionsOf(subject)
  const shape = shapeOf(record.schema)
  const id = versions.findLast(version => shapeOfText(version.text) === shape)?.id
  const level = (await registry.levelOf(subject)) ?? null
  if (id !== undefined) return { ...base, state: 'registered', id, level, faults: [] }
  const faults = versions.flatMap(version => faultsAgainst(version.text, record.schema))
  const isRefused =
    versions.length > 0 && faults.length === 0 && !(await registry.accepts(subject, text))
  if (isRefused) faults.push(`the registry would refuse it under ${level ?? 'its default level'}`)
  return { ...base, state: faults.length > 0 ? 'incompatible' : 'missing', id: null, level, faults }
}

function faultsAgainst(version: string, schema: object): string[] {
  try {
    return [...compatibilityFaults(JSON.parse(version) as object, schema)]
  } catch {
    return ['what is registered there is no Avro schema']
  }
}

/** A registry is a small server: so many questions at once, no more. */
const AT_ONCE = 8

async function inParts<Item, Answer>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const part = items.slice(from, from + AT_ONCE)
    answers.push(...(await Promise.all(part.map((item, index) => work(item, from + index)))))
  }
  return answers
}
