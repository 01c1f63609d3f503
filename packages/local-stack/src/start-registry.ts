import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HOST } from './broker-settings.ts'
import { fetchRegistry } from './fetch.ts'
import { startJava } from './java.ts'
import { removeAtExit } from './keeper.ts'
import { freePorts } from './ports.ts'
import { untilUp } from './probe.ts'
import { requireJava } from './tools.ts'

export interface RegistryOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Default 256. */
  readonly heapMb?: number
  /** Gives up starting. */
  readonly signal?: AbortSignal
}

/** A schema registry of one's own on 127.0.0.1, which keeps what it is told in memory. It does not outlive this process. */
export interface LocalRegistry {
  /** Where it speaks the Confluent API. */
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

const HEAP_MB = 256
const START_MS = 120_000
const ANSWER_MS = 2_000

/**
 * Fetches Apicurio Registry if it is not in the cache, and starts it: resolves when it answers.
 *
 * @throws ToolMissingError, FetchFailedError; NotStartedError with the end of its log.
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<LocalRegistry> {
  requireJava()
  const jar = await fetchRegistry(options.signal)
  const home = await mkdtemp(join(tmpdir(), 'sluice-registry-'))
  removeAtExit(home)
  const port = options.port ?? (await freePorts(1))[0] ?? 0
  const url = `http://${HOST}:${port}/apis/ccompat/v7`
  const process = startJava({
    name: `Schema registry at ${url}`,
    heapMb: options.heapMb ?? HEAP_MB,
    args: [`-Dquarkus.http.port=${port}`, `-Dquarkus.http.host=${HOST}`, '-jar', jar],
    logFile: join(home, 'registry.log'),
  })
  const stop = async (): Promise<void> => {
    await process.kill()
    await rm(home, { recursive: true, force: true })
  }
  try {
    const isUp = (): Promise<boolean> => answers(`${url}/subjects`)
    await untilUp({ process, isUp, timeoutMs: START_MS, signal: options.signal })
  } catch (error) {
    await stop()
    throw error
  }
  return { url, pid: process.pid, stop }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })).ok
  } catch {
    return false
  }
}
