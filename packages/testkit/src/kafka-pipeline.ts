import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { TOPICS, type ServiceName, type TopicName } from '@sluice/contracts/topics'
import { freePorts } from '@sluice/local-stack/ports'
import { inputsOf, type Layout } from '@sluice/service-host/layout'
import { connectKafka, type KafkaClient } from '@sluice/stream-kafka/kafka-client'
import { openKafkaLog, type KafkaLog } from '@sluice/stream-kafka/kafka-log'
import { applyTopics } from '@sluice/stream-kafka/topics'
import type { PartitionId } from '@sluice/stream-runtime/log'
import { LiquidationCounter } from './liquidation-counts.ts'
import { PipelineProcess } from './pipeline-process.ts'
import { pipelineSettings, replicationOf, type PipelineLayout } from './pipeline-settings.ts'

export interface PipelineOptions extends PipelineLayout {
  /** What each process runs: one service by its own `main.ts`, several by `sluice run --only`. */
  readonly processes: readonly (readonly ServiceName[])[]
}

/** Something that was waited for did not come in time, or a process ended by itself. */
export class PipelineFailedError extends Error {
  override readonly name = 'PipelineFailedError'
}

const FROM_SOURCE = ['--conditions=sluice-source', '--import', 'tsx']
const programOf = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url))
const SLUICE = programOf('packages/cli/src/main.ts')
const POLL_MS = 100
const START_MS = 90_000
const CALM_MS = 3000

/**
 * Runs `use` with the services and the exchange simulator as processes on a broker, and ends them all. Where `use` fails, the error ends
 * with the last lines of every log, and the logs are kept.
 */
export async function withPipeline<Result>(
  options: PipelineOptions,
  use: (pipeline: KafkaPipeline) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-pipeline-'))
  const pipeline = new KafkaPipeline(options, directory)
  try {
    await pipeline.start()
    const result = await use(pipeline)
    await pipeline.close()
    await rm(directory, { recursive: true, force: true })
    return result
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    const logs = pipeline.tails()
    await pipeline.close()
    throw new PipelineFailedError(`${words}\n\nAll is kept in ${directory}\n${logs}`, {
      cause: error,
    })
  }
}

/** The pipeline as processes, with a handle on the log to look at from outside. */
export class KafkaPipeline {
  readonly layout: Layout
  /** Those of the services, in the order of their first start. */
  readonly processes: PipelineProcess[] = []
  /** Where the simulator leaves its report when it ends. */
  readonly reportFile: string
  readonly #options: PipelineOptions
  readonly #directory: string
  readonly #client: KafkaClient
  #simulator: PipelineProcess | undefined
  #log: KafkaLog | undefined
  #liquidations: LiquidationCounter | undefined

  constructor(options: PipelineOptions, directory: string) {
    const { brokers, namespace, evaluators } = options
    this.#options = options
    this.#directory = directory
    this.#client = connectKafka({ brokers, clientId: `${namespace}.reader` })
    this.layout = { evaluators }
    this.reportFile = join(directory, 'report.json')
  }

  /** A handle on every partition, for looking at what is new. */
  get log(): KafkaLog {
    return started(this.#log)
  }

  get liquidations(): LiquidationCounter {
    return started(this.#liquidations)
  }

  get simulator(): PipelineProcess {
    return started(this.#simulator)
  }

  /** Every process that there is. */
  get members(): readonly PipelineProcess[] {
    return this.#simulator === undefined ? this.processes : [this.#simulator, ...this.processes]
  }

  async start(): Promise<void> {
    const { namespace, evaluators, processes } = this.#options
    const inputs = { accounts: { partitions: evaluators } }
    const names = nameIn(namespace)
    await applyTopics(this.#client, { names, inputs, ...replicationOf(this.#options) })
    await writeFile(this.#settingsFile, pipelineSettings(this.#options, this.reportFile))
    this.#log = await this.openLog()
    this.#liquidations = new LiquidationCounter(this.#log)
    this.#simulator = await this.#launch('simulator', [SLUICE, 'run', '--config'])
    for (const services of processes) await this.join(services)
  }

  /** Starts one more process. */
  async join(services: readonly ServiceName[]): Promise<PipelineProcess> {
    const [only = ''] = services
    const program =
      services.length === 1
        ? [programOf(`services/${only}/src/main.ts`)]
        : [SLUICE, 'run', '--only', services.join(','), '--config']
    const name = `${this.processes.length}-${services.join('+')}`
    const process = await this.#launch(name, program)
    this.processes.push(process)
    return process
  }

  /** A handle of its own on every partition. */
  openLog(): Promise<KafkaLog> {
    return openKafkaLog({
      client: this.#client,
      names: nameIn(this.#options.namespace),
      partitions: this.partitions(),
    })
  }

  partitions(): readonly PartitionId[] {
    return TOPICS.flatMap(({ name }) => inputsOf(this.layout, name))
  }

  /** Records in all partitions of a topic, receipts too. */
  recordsOf(topic: TopicName): Promise<number> {
    return this.records(inputsOf(this.layout, topic))
  }

  /** Records in these partitions; default: in all. */
  async records(partitions = this.partitions()): Promise<number> {
    const ends = await Promise.all(partitions.map(of => this.log.end(of)))
    return ends.reduce((sum, end) => sum + end, 0)
  }

  /** Looks again and again until it is so. @throws PipelineFailedError after `deadlineMs`, or when a process ends by itself. */
  async until(what: string, condition: () => Promise<boolean>, deadlineMs: number): Promise<void> {
    const deadline = performance.now() + deadlineMs
    while (!(await condition())) {
      const failures = this.members.flatMap(({ failure }) => failure ?? [])
      if (failures.length > 0) throw new PipelineFailedError(failures.join('; '))
      if (performance.now() > deadline)
        throw new PipelineFailedError(`${what}: not so within ${deadlineMs} ms`)
      await delay(POLL_MS)
    }
  }

  /** Every process answers that it is ready. */
  untilReady(deadlineMs = START_MS): Promise<void> {
    const areReady = async () =>
      (await Promise.all(this.members.map(each => each.isReady()))).every(Boolean)
    return this.until('every process is ready', areReady, deadlineMs)
  }

  /** The price path is over, and of the liquidations it caused none is open for a while. */
  async untilCalm(deadlineMs: number): Promise<void> {
    let since = performance.now()
    const isCalm = async (): Promise<boolean> => {
      const { open } = await this.liquidations.look()
      if (open > 0 || !(await this.simulator.hasLogged('path at its end')))
        since = performance.now()
      return performance.now() - since >= CALM_MS
    }
    await this.until('the path is over and every liquidation closed', isCalm, deadlineMs)
  }

  /** The ends of all logs, for people. */
  tails(): string {
    return this.members.map(each => `\n=== ${each.name}\n${each.tail()}`).join('\n')
  }

  /** Ends everything that is left. */
  async close(): Promise<void> {
    await Promise.all(this.members.map(each => each.kill()))
    await this.#log?.close()
  }

  get #settingsFile(): string {
    return join(this.#directory, 'sluice.yaml')
  }

  /** With snapshots of its own, as on a machine of its own. */
  async #launch(name: string, program: readonly string[]): Promise<PipelineProcess> {
    const [port = 0] = await freePorts(1)
    return new PipelineProcess({
      name,
      args: [...FROM_SOURCE, ...program, this.#settingsFile],
      logFile: join(this.#directory, `${name}.log`),
      port,
      environment: { SLUICE_SNAPSHOTS_DIRECTORY: join(this.#directory, `${name}-snapshots`) },
    })
  }
}

const nameIn =
  (namespace: string) =>
  (topic: string): string =>
    `${namespace}.${topic}`

function started<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new PipelineFailedError('the pipeline has not been started')
  return value
}
