import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ToolMissingError } from './errors.ts'

const JAVA_MIN = 17

/** A program of the JDK: of JAVA_HOME where that is set, else the one on the path. */
export function javaTool(name: 'java' | 'keytool'): string {
  const home = process.env['JAVA_HOME']
  return home === undefined || home === '' ? name : join(home, 'bin', name)
}

/** @throws ToolMissingError if there is no Java, or one before 17. */
export function requireJava(): void {
  const { error, stderr } = spawnSync(javaTool('java'), ['-version'], { encoding: 'utf8' })
  if (error !== undefined) throw new ToolMissingError(javaAdvice('Java was not found'))
  const [, major] = /version "(\d+)/.exec(stderr) ?? []
  if (Number(major) >= JAVA_MIN) return
  throw new ToolMissingError(javaAdvice(`\`java -version\` says: ${stderr.trim()}`))
}

const javaAdvice = (found: string): string =>
  `${found}, and the local Kafka needs Java ${JAVA_MIN} or later: install one (Debian: apt-get install openjdk-17-jre-headless) and put it on the path, or set JAVA_HOME`

/** @throws ToolMissingError if there is no Maven on the path. */
export function requireMaven(env: NodeJS.ProcessEnv = process.env): void {
  const { error } = spawnSync('mvn', ['--version'], { stdio: 'ignore', env })
  if (error !== undefined)
    throw new ToolMissingError(
      'Maven (mvn) was not found, and it fetches the local Kafka and the registry: install it (Debian: apt-get install maven), or give a broker of your own in KAFKA_BROKERS',
    )
}
