import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { HOST, propertiesOf, type ClusterSettings, type NodePlace } from './broker-settings.ts'
import { NotStartedError } from './errors.ts'
import { startJava } from './java.ts'
import type { LocalProcess } from './local-process.ts'
import { answersApiVersions, brokersKnownTo, untilUp } from './probe.ts'

export interface BrokerNodeOptions {
  readonly place: NodePlace
  readonly settings: ClusterSettings
  readonly clusterId: string
  readonly classPath: string
  readonly heapMb: number
}

const FORMAT_HEAP_MB = 128
const FORMAT_MS = 60_000
const START_MS = 90_000
const STOP_MS = 20_000

/** As Kafka's own start script sets them, and a log that says what went wrong. */
const VM_OPTIONS = [
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Dlog4j2.level=INFO',
]

/** One broker of a local cluster, to be stopped, killed, paused and started again. */
export class BrokerNode {
  readonly address: string
  readonly #options: BrokerNodeOptions
  #process: LocalProcess | undefined

  constructor(options: BrokerNodeOptions) {
    this.#options = options
    this.address = `${HOST}:${options.place.port}`
  }

  /** Of the process that runs now, or ran last. */
  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** File with the broker's own log. */
  get logFile(): string {
    return `${this.#options.place.directory}.log`
  }

  /** Starts on what it kept, or on a new directory. @throws NotStartedError; the signal's reason if it aborts. */
  async start(signal?: AbortSignal): Promise<void> {
    const { classPath, heapMb } = this.#options
    if (!existsSync(this.#options.place.directory)) await this.#format()
    signal?.throwIfAborted()
    this.#process = startJava({
      name: `Kafka node ${this.#options.place.id} at ${this.address}`,
      heapMb,
      args: [...VM_OPTIONS, '-cp', classPath, 'kafka.Kafka', this.#propertiesFile],
      logFile: this.logFile,
    })
    const isUp = (): Promise<boolean> => this.#isUp()
    await untilUp({ process: this.#process, isUp, timeoutMs: START_MS, signal })
  }

  /** An orderly end: it hands over what it leads first. */
  async stop(): Promise<void> {
    await this.#process?.stop(STOP_MS)
  }

  /** An end without a word, as by kill -9. */
  async kill(): Promise<void> {
    await this.#process?.kill()
  }

  /** Stops it unless it has ended, and starts it again at the same address with what it kept. Resolves when it answers. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Nothing moves in it until `resume`; its connections stay open. */
  pause(): void {
    this.#process?.signal('SIGSTOP')
  }

  resume(): void {
    this.#process?.signal('SIGCONT')
  }

  get #propertiesFile(): string {
    return `${this.#options.place.directory}.properties`
  }

  async #format(): Promise<void> {
    const { place, settings, clusterId, classPath } = this.#options
    await writeFile(this.#propertiesFile, propertiesOf(place, settings))
    const format = startJava({
      name: `Formatting of ${place.directory}`,
      heapMb: FORMAT_HEAP_MB,
      args: [
        ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classPath],
        ...['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', this.#propertiesFile],
        ...settings.formatArgs,
      ],
      logFile: this.logFile,
    })
    const isOver = await format.hasEndedWithin(FORMAT_MS)
    if (isOver && format.end?.code === 0) return
    await format.kill()
    throw new NotStartedError(`${format.name} failed:\n${format.tail()}`)
  }

  /** It answers. Where that can be asked without a right, it also knows most of the brokers: others may be down on purpose. */
  async #isUp(): Promise<boolean> {
    const { place, settings } = this.#options
    const address = { host: HOST, port: place.port, ca: settings.ca }
    if (settings.ca !== undefined) return answersApiVersions(address)
    return (await brokersKnownTo(address)) > settings.places.length / 2
  }
}
