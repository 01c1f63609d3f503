import type {
  Compatibility,
  SchemaRegistryClient,
} from '@confluentinc/schemaregistry/dist/schemaregistry-client.js'
import { RegistryNotAuthorisedError, RegistryUnreachableError } from './schema-errors.ts'

/** How to reach a schema registry that speaks Confluent's protocol. */
export interface RegistrySettings {
  /** Where its `subjects` lie: `https://registry.example:8081`, for Apicurio with `/apis/ccompat/v7`. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** A schema under a subject, with the registry's number of it. */
export interface SchemaVersion {
  readonly id: number
  readonly text: string
}

/** What of a registry we use. Each call asks it: nothing is remembered between two of them. */
export interface Registry {
  readonly url: string
  /** Every version under a subject, oldest first; empty if there is no such subject. */
  versionsOf(subject: string): Promise<readonly SchemaVersion[]>
  /** Whether the registry would take the schema as the next version of a subject that exists. */
  accepts(subject: string, schema: string): Promise<boolean>
  /** The subject's own level of compatibility; undefined if it has none. */
  levelOf(subject: string): Promise<string | undefined>
  setLevel(subject: string): Promise<void>
  register(subject: string, schema: string): Promise<number>
}

/** Any version reads any other: the level that a log which is read for ever needs. */
export const LEVEL = 'FULL_TRANSITIVE'

const ATTEMPTS_AGAIN = 2
const PAUSE_MS = 200
const PAUSE_MAX_MS = 1000
const ANSWER_MS = 10_000

/**
 * A registry, not yet asked. Its client is loaded here, by the part that speaks to the registry: the whole of it takes 1.3 s more.
 *
 * @throws RegistryUnreachableError if the address is none.
 */
export async function openRegistry(settings: RegistrySettings): Promise<Registry> {
  const url = addressOf(settings.url)
  const { SchemaRegistryClient, Compatibility } =
    await import('@confluentinc/schemaregistry/dist/schemaregistry-client.js')
  const credentials = credentialsOf(settings)
  const client = () =>
    new SchemaRegistryClient({
      baseURLs: [url],
      maxRetries: ATTEMPTS_AGAIN,
      retriesWaitMs: PAUSE_MS,
      retriesMaxWaitMs: PAUSE_MAX_MS,
      createAxiosDefaults: { timeout: ANSWER_MS },
      ...(credentials === undefined ? {} : { basicAuthCredentials: credentials }),
    })
  return registryOf(url, client, Compatibility[LEVEL])
}

function addressOf(url: string): string {
  if (URL.canParse(url)) {
    const { username, password } = new URL(url)
    if (username === '' && password === '') return url.replace(/\/+$/, '')
    throw new RegistryUnreachableError(
      'kafka.registry.url holds a user or a password; give them as kafka.registry.username and .password',
    )
  }
  throw new RegistryUnreachableError(
    `kafka.registry.url is ${JSON.stringify(url)}: give an address such as http://registry:8081`,
  )
}

function credentialsOf({ username, password }: RegistrySettings) {
  if (username === undefined) return undefined
  return {
    credentialsSource: 'USER_INFO' as const,
    userInfo: `${username}:${password ?? ''}`,
  }
}

/** A client caches what it was told; a new one for each question keeps nothing. */
function registryOf(
  url: string,
  client: () => SchemaRegistryClient,
  level: Compatibility,
): Registry {
  const ask = <Answer>(
    question: (client: SchemaRegistryClient) => Promise<Answer>,
  ): Promise<Answer> =>
    question(client()).catch((error: unknown) => {
      throw clearError(url, error)
    })
  const askFor = <Answer>(question: (client: SchemaRegistryClient) => Promise<Answer>) =>
    question(client()).catch((error: unknown) => {
      if (isNotThere(error)) return undefined
      throw clearError(url, error)
    })
  return {
    url,
    versionsOf: async subject => {
      const versions =
        (await askFor(each => each.getAllVersions(encodeURIComponent(subject)))) ?? []
      const inOrder = versions.toSorted((one, other) => one - other)
      return Promise.all(inOrder.map(version => ask(each => versionOf(each, subject, version))))
    },
    accepts: (subject, schema) => ask(each => each.testSubjectCompatibility(subject, avro(schema))),
    levelOf: subject => askFor(each => each.getCompatibility(subject)),
    setLevel: async subject => {
      await ask(each => each.updateCompatibility(subject, level))
    },
    register: (subject, schema) => ask(each => each.register(subject, avro(schema))),
  }
}

async function versionOf(
  client: SchemaRegistryClient,
  subject: string,
  version: number,
): Promise<SchemaVersion> {
  const { id, schema } = await client.getSchemaMetadata(subject, version)
  if (id !== undefined) return { id, text: schema }
  throw new Error(`${subject} has a version ${String(version)} without a number`)
}

const avro = (schema: string) => ({ schemaType: 'AVRO', schema })

const NOT_FOUND = 404
const NO_CODE = -1
const UNAUTHENTICATED = 401
const FORBIDDEN = 403

const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && 'status' in error && typeof error.status === 'number'
    ? error.status
    : undefined

/** A registry says of what it lacks that it lacks it, with a number of its own; anything else that answers 404 is no registry. */
const isNotThere = (error: unknown): boolean =>
  statusOf(error) === NOT_FOUND &&
  error instanceof Error &&
  'errorCode' in error &&
  error.errorCode !== NO_CODE

/** An error of ours for one of the client's, which holds the request with its credentials: nothing of it is passed on but its words. */
function clearError(url: string, error: unknown): Error {
  const words = error instanceof Error ? error.message : String(error)
  const status = statusOf(error)
  if (status === UNAUTHENTICATED || status === FORBIDDEN)
    return new RegistryNotAuthorisedError(
      `the schema registry at ${url} answers ${String(status)}: check kafka.registry.username and .password, and what that user may do`,
    )
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  return new RegistryUnreachableError(
    `the schema registry at ${url} cannot be asked: ${words}${code}; check kafka.registry.url and that it runs`,
  )
}
