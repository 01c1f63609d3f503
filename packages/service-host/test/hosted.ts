import { setTimeout as delay } from 'node:timers/promises'
import type { RunEnd } from '@sluice/stream-runtime/run'
import { hostProcess } from '../src/host-process.ts'
import type { HostSettings } from '../src/host-settings.ts'
import { hostServices } from '../src/host-services.ts'
import type { HostedTask } from '../src/hosted-task.ts'
import type { Service } from '../src/service.ts'
import { countingService } from './counting.ts'

const DEADLINE_MS = 20_000
const LOOK_EVERY_MS = 10

/** Looks until there is an answer. */
export async function eventually<Result>(
  what: string,
  look: () => Promise<Result | undefined>,
): Promise<Result> {
  const deadline = performance.now() + DEADLINE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await delay(LOOK_EVERY_MS)
  }
}

export const settingsOf = (directory: string, everyInputs = 50): HostSettings => ({
  logLevel: 'silent',
  log: { directory, evaluators: 1 },
  metrics: { host: '127.0.0.1', port: 0 },
  snapshots: { everyInputs },
})

/** One process, as far as a test can have several in one. */
export interface Hosted {
  readonly url: string
  /** What `/readyz` said before the tasks were started. */
  readonly firstReadiness: number
  readonly task: HostedTask
  restored(): number
  status(path: string): Promise<number>
  metric(line: string): Promise<string | undefined>
  ready(): Promise<void>
  stop(): Promise<readonly RunEnd[]>
  readonly ended: Promise<readonly RunEnd[]>
}

/** Shows each task of a service once the host has opened it. */
const watched = (service: Service, onOpened: (task: HostedTask) => void): Service => ({
  ...service,
  define: (place, visit) => {
    const task = service.define(place, visit)
    onOpened(task as HostedTask)
    return task
  },
})

/** Starts a host of the counting task. */
export async function startHost(settings: HostSettings, generation: number): Promise<Hosted> {
  const stop = new AbortController()
  const opened: { task?: HostedTask; url?: string; firstReadiness?: number } = {}
  let restored = 0
  const ended = hostProcess({ name: 'price', settings, signal: stop.signal }, async host => {
    const firstReadiness = (await fetch(`${host.server.url}/readyz`)).status
    const service = watched(
      countingService(() => (restored += 1)),
      task => Object.assign(opened, { task, url: host.server.url, firstReadiness }),
    )
    return hostServices(host, { settings, generation, services: [service] })
  })
  const failure: { error?: unknown } = {}
  ended.catch((error: unknown) => (failure.error = error))
  const { task, url, firstReadiness } = await eventually('the task is opened', async () => {
    if (failure.error !== undefined) await ended
    return opened.task && (opened as Required<typeof opened>)
  })
  const status = async (path: string) => (await fetch(url + path)).status
  return {
    url,
    firstReadiness,
    task,
    restored: () => restored,
    status,
    metric: async line => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return text.split('\n').find(each => each.startsWith(line))
    },
    ready: async () => {
      await eventually('ready', async () => ((await status('/readyz')) === 200 ? true : undefined))
    },
    stop: () => {
      stop.abort()
      return ended
    },
    ended,
  }
}
