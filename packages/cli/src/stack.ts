import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NotStartedError } from '@sluice/local-stack/errors'
import { LocalProcess } from '@sluice/local-stack/local-process'
import { freePorts } from '@sluice/local-stack/ports'
import { startBroker, type LocalBroker } from '@sluice/local-stack/start-broker'
import { startRegistry, type LocalRegistry } from '@sluice/local-stack/start-registry'
import { commandArgs, stackMembers } from './stack-members.ts'
import { StackProcess, type ProcessState } from './stack-process.ts'
import { stackSettings, type StackOptions } from './stack-settings.ts'
import { together } from './together.ts'

const HEALTH_HOST = '127.0.0.1'
const GRACE_MS = 8_000
const APPLY_MS = 120_000

export interface StackPlan extends StackOptions {
  /** For logs, settings and data. */
  readonly directory: string
  /** Whether it is left. */
  readonly keep: boolean
}

/** Kafka, registry, the four services and the exchange simulator, each a process with a log file in one directory. */
export class Stack {
  readonly #options: StackPlan
  readonly #members: StackProcess[] = []
  #broker: LocalBroker | undefined
  #registry: LocalRegistry | undefined

  constructor(options: StackPlan) {
    this.#options = options
  }

  /** Whether nothing has ended. */
  get isWhole(): boolean {
    return this.#members.every(({ hasEnded }) => !hasEnded)
  }

  /**
   * Starts the broker and the registry, makes topics and schemas, then starts the rest, which come up in their own time.
   *
   * @throws ToolMissingError, FetchFailedError, NotStartedError; the signal's reason if it aborts.
   */
  async start(signal: AbortSignal): Promise<void> {
    await together(signal, [
      either => this.#startBroker(either),
      either => this.#startRegistry(either),
    ])
    const file = join(this.#options.directory, 'sluice.yaml')
    await writeFile(file, this.#settings())
    const commands = [
      ['topics', 'apply', '--config', file],
      ['schemas', 'apply', '--config', file],
    ]
    await together(
      signal,
      commands.map(words => (either: AbortSignal) => this.#command(words, either)),
    )
    await this.#startMembers(file)
  }

  /** How each process is, in the order of the pipeline. */
  look(): Promise<readonly ProcessState[]> {
    return Promise.all(this.#members.map(member => member.look()))
  }

  /** Ends the services and the simulator in order, then what they stood on: in order too where its data is kept. */
  async stop(): Promise<void> {
    await Promise.all(this.#members.map(member => member.stop(GRACE_MS)))
    if (!this.#options.keep) await this.#broker?.node(0).kill()
    await Promise.all([this.#registry?.stop(), this.#broker?.stop()])
  }

  async #startBroker(signal: AbortSignal): Promise<void> {
    this.#broker = await startBroker({
      dataDirectory: join(this.#options.directory, 'kafka'),
      signal,
    })
  }

  async #startRegistry(signal: AbortSignal): Promise<void> {
    this.#registry = await startRegistry({ signal })
  }

  #settings(): string {
    return stackSettings(this.#options, {
      brokers: this.#broker?.brokers ?? [],
      registryUrl: this.#registry?.url ?? '',
      snapshots: join(this.#options.directory, 'snapshots'),
    })
  }

  /** Runs a command of ours to its end. */
  async #command(words: readonly string[], signal: AbortSignal): Promise<void> {
    const process = this.#startNode(words.slice(0, 2).join('-'), commandArgs(...words))
    signal.addEventListener('abort', () => void process.kill(), { once: true })
    if ((await process.hasEndedWithin(APPLY_MS)) && process.end?.code === 0) return
    await process.kill()
    throw new NotStartedError(`sluice ${words.join(' ')} failed:\n${process.tail()}`)
  }

  async #startMembers(settingsFile: string): Promise<void> {
    const members = stackMembers(settingsFile)
    const ports = await freePorts(members.length)
    for (const [index, { name, args }] of members.entries()) {
      const port = ports[index] ?? 0
      const settings = { SLUICE_METRICS_HOST: HEALTH_HOST, SLUICE_METRICS_PORT: String(port) }
      const process = this.#startNode(name, args, settings)
      this.#members.push(new StackProcess(process, `http://${HEALTH_HOST}:${port}`))
    }
  }

  #startNode(
    name: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): LocalProcess {
    const logFile = join(this.#options.directory, `${name}.log`)
    return new LocalProcess({ name, command: process.execPath, args, logFile, environment })
  }
}
