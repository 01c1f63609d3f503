import { readFile } from 'node:fs/promises'
import { LocalProcess } from '@sluice/local-stack/local-process'

const ANSWER_MS = 1000
const GRACE_MS = 20_000
const TAIL_LINES = 25
const LAG = 'sluice_consumer_lag_messages'
const RESIDENT = 'sluice_process_resident_memory_bytes'

export interface PipelineProcessOptions {
  readonly name: string
  /** Arguments of Node. */
  readonly args: readonly string[]
  readonly logFile: string
  /** Where it answers `/readyz` and `/metrics`. */
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
}

/** A process of a pipeline, which may be ended, stopped and started again. All its lives log to one file. */
export class PipelineProcess {
  readonly name: string
  readonly #options: PipelineProcessOptions
  #process: LocalProcess
  /** Whether somebody asked it to end. */
  #mayEnd = false

  constructor(options: PipelineProcessOptions) {
    this.name = options.name
    this.#options = options
    this.#process = this.#start()
  }

  get pid(): number {
    return this.#process.pid
  }

  get isRunning(): boolean {
    return this.#process.end === undefined
  }

  /** How it ended where nobody asked it to; undefined if all is well. */
  get failure(): string | undefined {
    const { end } = this.#process
    if (end === undefined || this.#mayEnd) return undefined
    return `${this.name} ended by itself (code ${end.code}, signal ${end.signal})`
  }

  /** 200 from `/readyz`. */
  async isReady(): Promise<boolean> {
    return this.isRunning && (await this.#answer('readyz')) !== undefined
  }

  /** Records that its tasks have yet to read, by its own metrics; undefined where it does not answer. */
  async lagRecords(): Promise<number | undefined> {
    const text = await this.#answer('metrics')
    return text === undefined ? undefined : sumOfMetric(text, LAG)
  }

  /** Memory it holds, by its own metrics [bytes]; undefined where it does not answer. */
  async residentBytes(): Promise<number | undefined> {
    const text = await this.#answer('metrics')
    return text === undefined ? undefined : sumOfMetric(text, RESIDENT)
  }

  /** Whether it has said this since its first start. */
  async hasLogged(words: string): Promise<boolean> {
    return (await this.timesLogged(words)) > 0
  }

  /** How often it has said this since its first start. */
  async timesLogged(words: string): Promise<number> {
    return (await readFile(this.#options.logFile, 'utf8')).split(words).length - 1
  }

  /** SIGSTOP, SIGCONT and the like. */
  signal(name: NodeJS.Signals): void {
    this.#process.signal(name)
  }

  /** Ends it as a machine ends that loses power. */
  async kill(): Promise<void> {
    this.#mayEnd = true
    await this.#process.kill()
  }

  /** SIGTERM; its exit code. */
  async stop(): Promise<number | null> {
    this.#mayEnd = true
    await this.#process.stop(GRACE_MS)
    return this.#process.end?.code ?? null
  }

  /** A new process in the place of the one that ended. */
  restart(): void {
    this.#mayEnd = false
    this.#process = this.#start()
  }

  /** Last lines of its log. */
  tail(): string {
    return this.#process.tail(TAIL_LINES)
  }

  #start(): LocalProcess {
    const { name, args, logFile, port, environment } = this.#options
    return new LocalProcess({
      name,
      command: process.execPath,
      args,
      logFile,
      environment: {
        ...environment,
        NODE_OPTIONS: '',
        SLUICE_METRICS_HOST: '127.0.0.1',
        SLUICE_METRICS_PORT: String(port),
      },
    })
  }

  async #answer(path: string): Promise<string | undefined> {
    try {
      const url = `http://127.0.0.1:${this.#options.port}/${path}`
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) })
      const text = await response.text()
      return response.ok ? text : undefined
    } catch {
      return undefined
    }
  }
}

/** Over all labels, or without any, of Prometheus's text form. */
function sumOfMetric(text: string, name: string): number {
  const values = text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map(line => Number(line.slice(line.lastIndexOf(' ') + 1)))
  return values.reduce((sum, value) => sum + value, 0)
}
