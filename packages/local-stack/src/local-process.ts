import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { killAtExit, spareAtExit } from './keeper.ts'

export interface LocalProcessOptions {
  /** For people: what runs. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Standard output and error are appended to it. */
  readonly logFile: string
  readonly environment?: Readonly<Record<string, string>>
  readonly directory?: string
}

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const TAIL_LINES = 15

/**
 * A process with its output in a file. It leads a group of its own, so that Ctrl-C of a terminal reaches only us, and it does not outlive this
 * process. It does not keep this process alive either.
 */
export class LocalProcess {
  readonly name: string
  readonly logFile: string
  readonly #child: ChildProcess
  readonly #whenEnded: Promise<void>
  #end: ProcessEnd | undefined

  constructor({ name, command, args, logFile, environment, directory }: LocalProcessOptions) {
    this.name = name
    this.logFile = logFile
    const log = openSync(logFile, 'a')
    this.#child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...environment },
      ...(directory === undefined ? {} : { cwd: directory }),
    })
    closeSync(log)
    this.#whenEnded = this.#watch()
    this.#child.unref()
  }

  /** 0 if it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Undefined while it runs. */
  get end(): ProcessEnd | undefined {
    return this.#end
  }

  /** The last lines of its output. */
  tail(lines = TAIL_LINES): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
  }

  /** Sends a signal to it alone; nothing if it has ended. */
  signal(name: NodeJS.Signals): void {
    if (this.#end === undefined) this.#child.kill(name)
  }

  /** Asks it to stop, and kills its group after `graceMs`. Resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    this.signal('SIGCONT')
    this.signal('SIGTERM')
    await this.hasEndedWithin(graceMs)
    await this.kill()
  }

  /** Ends it and its group at once. Resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.#end === undefined) killGroup(this.pid)
    await this.#kept(this.#whenEnded)
  }

  /** Whether it has ended, waited for that long. */
  async hasEndedWithin(ms: number): Promise<boolean> {
    const over = new AbortController()
    const timeout = delay(ms, undefined, { signal: over.signal }).catch(() => undefined)
    await this.#kept(Promise.race([this.#whenEnded, timeout]))
    over.abort()
    return this.#end !== undefined
  }

  /** What is waited for keeps this process alive meanwhile. */
  async #kept<Result>(promise: Promise<Result>): Promise<Result> {
    this.#child.ref()
    try {
      return await promise
    } finally {
      this.#child.unref()
    }
  }

  #watch(): Promise<void> {
    const { pid } = this.#child
    if (pid !== undefined) killAtExit(pid)
    return new Promise(resolve => {
      this.#child.once('error', error => {
        if (pid !== undefined) return
        appendFileSync(this.logFile, `${error.message}\n`)
        this.#end = { code: null, signal: null }
        resolve()
      })
      this.#child.once('exit', (code, signal) => {
        this.#end = { code, signal }
        if (pid !== undefined) spareAtExit(pid)
        resolve()
      })
    })
  }
}

function killGroup(pid: number): void {
  try {
    if (pid !== 0) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
