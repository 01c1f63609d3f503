import type { StepOutcome } from '@sluice/stream-runtime/task'
import type { HostProcess } from './host-process.ts'
import type { Roster } from './roster.ts'

/** Where the tasks of a host are, step by step: what `/readyz` says, and whether there is time for other work. */
export class Progress {
  readonly #host: HostProcess
  readonly #outcomes = new Map<string, StepOutcome>()
  #isReady = false

  constructor(host: HostProcess) {
    this.#host = host
  }

  stepped(task: string, outcome: StepOutcome): void {
    this.#outcomes.set(task, outcome)
  }

  ended(task: string): void {
    this.#outcomes.delete(task)
  }

  /** Every task waits for input. */
  get isIdle(): boolean {
    return [...this.#outcomes.values()].every(outcome => outcome === 'waiting')
  }

  /** Tells the world when that has changed. */
  showReadiness(roster: Roster): void {
    const { isReady } = roster
    if (isReady === this.#isReady) return
    this.#isReady = isReady
    const { server, logger } = this.#host
    if (!isReady) {
      server.notReady()
      return
    }
    server.ready()
    const receipts = roster.running().map(({ name, sequence }) => [name, sequence] as const)
    logger.info({ receipts: Object.fromEntries(receipts) }, 'ready')
  }
}
