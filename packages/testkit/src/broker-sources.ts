import { existsSync } from 'node:fs'
import { hasKafka } from '@sluice/local-stack/fetch'
import { requireJava, requireMaven } from '@sluice/local-stack/tools'

/** Where a broker for tests comes from: named in KAFKA_BROKERS, started from jars, or run in a container. */
export type BrokerSource = 'given' | 'jars' | 'container'

const DOCKER_SOCKET = '/var/run/docker.sock'

/** A variable of the environment; empty counts as not there. */
export const variable = (name: string): string | undefined => process.env[name] || undefined

/** The first source there is, or why there is none. Nothing is started to find out. */
export function brokerSource(): { source: BrokerSource } | { missing: string } {
  if (variable('KAFKA_BROKERS') !== undefined) return { source: 'given' }
  const missing = whyNoJars()
  if (missing === undefined) return { source: 'jars' }
  if (variable('DOCKER_HOST') !== undefined || existsSync(DOCKER_SOCKET))
    return { source: 'container' }
  return { missing: `KAFKA_BROKERS is not set; ${missing}; no container runtime was found` }
}

/** Undefined where a broker can be started from jars. */
export function whyNoJars(): string | undefined {
  try {
    requireJava()
    if (!hasKafka()) requireMaven()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
