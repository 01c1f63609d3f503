import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { TOPICS } from '@sluice/contracts/topics'
import { LocalProcess } from '@sluice/local-stack/local-process'
import { freePorts } from '@sluice/local-stack/ports'
import { startBroker } from '@sluice/local-stack/start-broker'
import { connectKafka } from '@sluice/stream-kafka/kafka-client'
import { openKafkaLog, type KafkaLog } from '@sluice/stream-kafka/kafka-log'
import { applyTopics } from '@sluice/stream-kafka/topics'

const NAMESPACE = 'bench'
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const READY_WITHIN_MS = 180_000
const POLL_MS = 20
const STOP_MS = 15_000

export type Service = 'margin-evaluation' | 'liquidation-execution'

/** Services as processes of their own, on a broker of this machine. */
export interface KafkaWorld {
  /** Reads and writes everything. */
  readonly log: KafkaLog
  /** Starts a service; `settings` are variables, the file is the same for all. */
  start(service: Service, settings?: Readonly<Record<string, string>>): Promise<ServiceProcess>
  directory(name: string): string
  close(): Promise<void>
}

export interface ServiceProcess extends Pick<LocalProcess, 'kill'> {
  /** Resolves when its tasks are restored and owned. */
  ready(): Promise<void>
  /** Lines of its log with this message, oldest first. */
  logged(message: string): readonly LoggedLine[]
  /** Resolves with the first such line. */
  untilLogged(message: string): Promise<LoggedLine>
}

export interface LoggedLine {
  readonly time: number
  readonly msg: string
}

/** A service did not come up, or ended. */
export class ServiceNotReadyError extends Error {
  override readonly name = 'ServiceNotReadyError'
}

export async function openKafkaWorld(): Promise<KafkaWorld> {
  const home = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  const broker = await startBroker()
  const client = connectKafka({ brokers: broker.brokers, clientId: NAMESPACE })
  const names = (topic: string): string => `${NAMESPACE}.${topic}`
  await applyTopics(client, { names, replicationFactor: 1, minInSyncReplicas: 1 })
  const partitions = TOPICS.map(({ name }) => ({ topic: name, partition: 0 }))
  const log = await openKafkaLog({ client, names, partitions })
  const file = join(home, 'sluice.yaml')
  await writeFile(file, settingsFile(broker.brokers))
  const processes: LocalProcess[] = []
  return {
    log,
    directory: name => join(home, name),
    start: async (service, settings = {}) => {
      const [port = 0] = await freePorts(1)
      const environment = { ...settings, SLUICE_METRICS_PORT: String(port) }
      const process = startService(service, { home, file, environment })
      processes.push(process)
      return serviceProcess(process, port)
    },
    close: async () => {
      await log.close()
      await Promise.all(processes.map(process => process.stop(STOP_MS)))
      await broker.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}

const settingsFile = (brokers: readonly string[]): string => `kafka:
  brokers: [${brokers.join(', ')}]
  namespace: ${NAMESPACE}
  replicationFactor: 1
  minInSyncReplicas: 1
`

interface Starting {
  readonly home: string
  readonly file: string
  readonly environment: Readonly<Record<string, string>>
}

function startService(service: Service, { home, file, environment }: Starting): LocalProcess {
  const main = join(ROOT, 'services', service, 'src', 'main.ts')
  return new LocalProcess({
    name: service,
    command: process.execPath,
    args: ['--max-semi-space-size=64', ...process.execArgv, main, file],
    logFile: join(home, `${service}-${String(environment['SLUICE_METRICS_PORT'])}.log`),
    environment,
  })
}

function serviceProcess(process: LocalProcess, port: number): ServiceProcess {
  const logged = (message: string): readonly LoggedLine[] =>
    process
      .tail(Infinity)
      .split('\n')
      .filter(line => line.includes(`"msg":"${message}"`))
      .map(line => JSON.parse(line) as LoggedLine)
  const untilLogged = async (message: string): Promise<LoggedLine> => {
    let line: LoggedLine | undefined
    await until(process, () => Promise.resolve((line = logged(message)[0]) !== undefined))
    return line ?? { time: NaN, msg: message }
  }
  return {
    kill: () => process.kill(),
    ready: () => until(process, () => isReady(port)),
    logged,
    untilLogged,
  }
}

async function until(process: LocalProcess, condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (!(await condition())) {
    if (process.end !== undefined || performance.now() > deadline)
      throw new ServiceNotReadyError(`${process.name}: ${process.tail()}`)
    await sleep(POLL_MS)
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
  } catch {
    return false
  }
}
