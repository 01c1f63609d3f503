import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached, cachedOr } from './cache.ts'
import { FetchFailedError } from './errors.ts'
import { requireMaven } from './tools.ts'

const KAFKA = { name: 'kafka-4.1.1', version: '4.1.1' }
const LOG4J = '2.24.3'
const REGISTRY = {
  name: 'apicurio-3.0.9',
  artifact: 'io.apicurio:apicurio-registry-app:3.0.9:tar.gz:all',
  jar: 'apicurio-registry-app-3.0.9-runner.jar',
}
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8'
const TIMEOUT_MS = 600_000
const OUTPUT_SHOWN = 2_000

/** Whether Kafka's jars are in the cache already, so that no Maven is needed. */
export const hasKafka = (): boolean => cached(KAFKA.name) !== undefined

/** Kafka's class path, fetched once (43 MB). @throws ToolMissingError, FetchFailedError */
export async function fetchKafka(signal?: AbortSignal): Promise<string> {
  const directory = await cachedOr(KAFKA.name, async draft => {
    await writeFile(join(draft, 'pom.xml'), KAFKA_POM)
    const goal = [`${PLUGIN}:copy-dependencies`, `-DoutputDirectory=${join(draft, 'libs')}`]
    await maven(goal, { draft, signal })
  })
  return join(directory, 'libs', '*')
}

/** The jar that runs the registry, fetched once (109 MB). @throws ToolMissingError, FetchFailedError */
export async function fetchRegistry(signal?: AbortSignal): Promise<string> {
  const directory = await cachedOr(REGISTRY.name, draft =>
    maven([`${PLUGIN}:unpack`, `-Dartifact=${REGISTRY.artifact}`, `-DoutputDirectory=${draft}`], {
      draft,
      signal,
    }),
  )
  return join(directory, REGISTRY.jar)
}

/** Runs Maven inside the draft: the plugin notes in the directory it runs in what it has unpacked, and unpacks it there no more. */
async function maven(
  args: readonly string[],
  { draft, signal }: { draft: string; signal: AbortSignal | undefined },
): Promise<void> {
  requireMaven()
  try {
    const options = { cwd: draft, timeout: TIMEOUT_MS, signal }
    await promisify(execFile)('mvn', ['-q', '-B', ...args], options)
  } catch (error) {
    signal?.throwIfAborted()
    throw new FetchFailedError(
      `Maven could not fetch what the local stack runs on: see that Maven Central, or the mirror in Maven's settings.xml, can be reached. It said:\n${outputOf(error)}`,
      { cause: error },
    )
  }
}

/** Maven reports on standard output. */
function outputOf(error: unknown): string {
  const { stdout, message } = error as { stdout?: string; message: string }
  return (stdout === undefined || stdout === '' ? message : stdout).slice(-OUTPUT_SHOWN).trim()
}

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`

const KAFKA_POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sluice</groupId><artifactId>local-kafka</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', KAFKA.version)}
    ${dependency('org.apache.logging.log4j', 'log4j-core', LOG4J)}
    ${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J)}
  </dependencies>
</project>
`
