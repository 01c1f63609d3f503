import type { StepOutcome } from '@sluice/stream-runtime/task'
import type { HostProcess } from './host-process.ts'
import type { HostedTask } from './hosted-task.ts'

/** Where the tasks of a host are, step by step: what `/readyz` says, and whether there is time for other work. */
export class Progress {
  readonly #host: HostProcess
  readonly #tasks: readonly HostedTask[]
  readonly #outcomes = new Map<string, StepOutcome>()
  #isReady = false

  constructor(host: HostProcess, tasks: readonly HostedTask[]) {
    this.#host = host
    this.#tasks = tasks
  }

  stepped(task: string, outcome: StepOutcome): void {
    this.#outcomes.set(task, outcome)
    const isReady = this.#everyTaskIsRestored()
    if (isReady === this.#isReady) return
    this.#isReady = isReady
    const { server, logger } = this.#host
    if (isReady) server.ready()
    else server.notReady()
    if (isReady) logger.info({ receipts: this.#receipts() }, 'ready')
  }

  /** Whether every task waits for input. */
  isIdle(): boolean {
    return this.#tasks.every(
      ({ name, hasEnded }) => hasEnded || this.#outcomes.get(name) === 'waiting',
    )
  }

  /** What this process still owns is restored, and it owns something. */
  #everyTaskIsRestored(): boolean {
    return (
      this.#tasks.some(({ isReady }) => isReady) &&
      this.#tasks.every(({ isReady, hasEnded }) => isReady || hasEnded)
    )
  }

  #receipts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#tasks.map(({ name, sequence }) => [name, sequence]))
  }
}
