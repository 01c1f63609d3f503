import { setImmediate } from 'node:timers/promises'
import { SYSTEM_CLOCK, type Clock } from './clock.ts'
import type { StreamLog } from './log.ts'
import type { StepOutcome, StepResult } from './task.ts'

/** What the live loop needs of a task; every `Task` is one. */
export interface RunnableTask {
  readonly name: string
  readonly inputsWithoutReceipt: number
  readonly hasEnded: boolean
  /** It is the owner, with a state of its own. */
  readonly isReady: boolean
  nextDeadline(): number | null
  tick(time: number): boolean
  flush(): void
  step(): Promise<StepResult>
}

export interface RunOptions {
  readonly log: StreamLog
  /** Stops the loop after the step at hand; each task first gives its silent inputs a receipt. */
  readonly signal: AbortSignal
  readonly clock?: Clock
  /** Longest time that inputs without output wait for a receipt. */
  readonly receiptIntervalMs?: number
  /** Pause before the same bytes are sent again. */
  readonly resendAfterMs?: number
  /** After every step: for metrics and readiness. */
  readonly onStep?: (task: RunnableTask, result: StepResult) => void
}

/** How a task's loop came to its end. `ended`: it was fenced or has yielded to another owner. */
export interface RunEnd {
  readonly task: string
  readonly reason: 'stopped' | 'ended'
}

const RECEIPT_INTERVAL_MS = 1000
const RESEND_AFTER_MS = 100
const LONGEST_WAIT_MS = 1000

/**
 * Runs tasks side by side in one process until the signal aborts or each of them has ended. Tasks wait for the log, not for each other:
 * while one's append becomes durable, others fold.
 *
 * @throws the first error of a task, after the others have stopped.
 */
export async function run(
  tasks: readonly RunnableTask[],
  options: RunOptions,
): Promise<readonly RunEnd[]> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const loops = tasks.map(async task => {
    try {
      return await new Loop(task, { ...options, signal }).run()
    } catch (error) {
      stop.abort()
      throw error
    }
  })
  const outcomes = await Promise.allSettled(loops)
  return outcomes.map(outcome => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}

/** A timer that is set. */
interface Alarm {
  readonly at: number
  readonly rings: Promise<void>
  readonly off: AbortController
}

class Loop {
  readonly #task: RunnableTask
  readonly #options: RunOptions
  readonly #clock: Clock
  readonly #receiptIntervalMs: number
  #receiptDueAt: number | undefined
  #changed: Promise<void> | undefined
  #alarm: Alarm | undefined

  constructor(task: RunnableTask, options: RunOptions) {
    this.#task = task
    this.#options = options
    this.#clock = options.clock ?? SYSTEM_CLOCK
    this.#receiptIntervalMs = options.receiptIntervalMs ?? RECEIPT_INTERVAL_MS
  }

  async run(): Promise<RunEnd> {
    try {
      return await this.#untilTheEnd()
    } finally {
      this.#alarm?.off.abort()
    }
  }

  async #untilTheEnd(): Promise<RunEnd> {
    const { signal } = this.#options
    while (!signal.aborted) {
      this.#listen()
      const outcome = await this.#turn()
      if (outcome === 'ended') return { task: this.#task.name, reason: 'ended' }
      if (outcome === 'waiting') await this.#wait()
      else await this.#pause(outcome)
    }
    return this.#stop()
  }

  /** Asked for before a step reads, so that what is appended meanwhile is not missed; kept until it comes. */
  #listen(): void {
    this.#changed ??= this.#options.log.changed(this.#options.signal).then(() => {
      this.#changed = undefined
    })
  }

  async #turn(): Promise<StepOutcome> {
    this.#task.tick(this.#clock.now())
    this.#flushWhenDue()
    const result = await this.#task.step()
    this.#options.onStep?.(this.#task, result)
    return result.outcome
  }

  #flushWhenDue(): void {
    if (this.#task.inputsWithoutReceipt === 0) {
      this.#receiptDueAt = undefined
      return
    }
    const now = this.#clock.now()
    this.#receiptDueAt ??= now + this.#receiptIntervalMs
    if (now >= this.#receiptDueAt) this.#task.flush()
  }

  /** Nothing to do: until the log changes, a tick is wanted, or a receipt is due. */
  async #wait(): Promise<void> {
    const changed = this.#changed
    if (changed === undefined) return
    const now = this.#clock.now()
    if (this.#task.inputsWithoutReceipt > 0) this.#receiptDueAt ??= now + this.#receiptIntervalMs
    const next = Math.min(this.#task.nextDeadline() ?? Infinity, this.#receiptDueAt ?? Infinity)
    const at = Math.min(now + LONGEST_WAIT_MS, Math.max(now, next))
    await Promise.race([changed, this.#alarmBy(at, now)])
  }

  /**
   * Resolves at `at` or earlier. A timer that is set is kept where it does: to stop one and set another at every wake costs more
   * than a turn for nothing now and then, and lies between a record and whoever waits for it.
   */
  #alarmBy(at: number, now: number): Promise<void> {
    if (this.#alarm !== undefined && this.#alarm.at <= at) return this.#alarm.rings
    this.#alarm?.off.abort()
    const off = new AbortController()
    const rings = this.#clock.wait(at - now, off.signal).then(() => {
      if (this.#alarm?.off === off) this.#alarm = undefined
    })
    this.#alarm = { at, rings, off }
    return rings
  }

  /** A turn of the event loop, so that timers, signals and the metrics server have theirs. */
  async #pause(outcome: StepOutcome): Promise<void> {
    if (outcome === 'unanswered')
      await this.#clock.wait(this.#options.resendAfterMs ?? RESEND_AFTER_MS, this.#options.signal)
    else await setImmediate()
  }

  /**
   * A last receipt for what was folded; an append without answer is left as it is, for the next tenure to find. A task that has not taken
   * over yet does so no more: it may be another's already.
   */
  async #stop(): Promise<RunEnd> {
    if (!this.#task.isReady) return { task: this.#task.name, reason: 'stopped' }
    this.#task.flush()
    const { outcome } = await this.#task.step()
    return { task: this.#task.name, reason: outcome === 'ended' ? 'ended' : 'stopped' }
  }
}
