import { OpeningAbortedError } from './host-errors.ts'
import { run, type RunEnd } from '@sluice/stream-runtime/run'
import type { StepOutcome } from '@sluice/stream-runtime/task'
import type { HostedTask, OpenTask } from './hosted-task.ts'
import type { Handle, Logs } from './logs.ts'
import type { Service } from './service.ts'

/** One task of one service, whether this process runs it or not. */
export interface SlotPlace {
  readonly logs: Logs
  readonly service: Service
  readonly partition: number
}

export interface SlotOptions extends SlotPlace {
  /** Opens a task that belongs to a generation of the group. */
  readonly opener: (generation: number) => OpenTask
  readonly onStep: (slot: TaskSlot, outcome: StepOutcome) => void
  /** A tenure is over. */
  readonly onEnd: (slot: TaskSlot, end: RunEnd) => void
  readonly onError: (error: unknown) => void
}

/** A task that is told to stop has so long for its last receipt: a log that does not answer keeps nobody here. */
const LAST_STEP_MS = 8000

/** The log was closed under a task that waited for it. */
const isSilent = (error: unknown): boolean =>
  error instanceof Error && error.name === 'KafkaLogClosedError'

/** Opens a handle of its own for one more reader of what a task reads and writes. */
export function openPlace({ logs, service, partition }: SlotPlace): Promise<Handle> {
  const { layout } = logs
  const own = { topic: service.name, partition }
  return logs.open([...service.inputs(layout, partition), own])
}

/**
 *            want(generation)                    read its last batch, fenced or yielded
 *   vacant ───────────────────▶ running ──────────────────────────────────────────────▶ vacant until a later generation
 *     ▲                            │ want(undefined), or the host stops
 *     └──── closed ◀── stopping ◀──┘ a last receipt
 *
 * A task that is assigned again while it runs keeps its tenure (rule 11); one that has ended is opened anew in a later generation
 * than its own only (rule 9).
 */
export class TaskSlot {
  readonly name: string
  readonly place: SlotPlace
  readonly #options: SlotOptions
  #wanted: number | undefined
  #task: HostedTask | undefined
  #tenure: Promise<void> | undefined
  #stop = new AbortController()
  /** Generation of the last tenure that others have ended. */
  #endedIn = -Infinity

  constructor(options: SlotOptions) {
    const { service, partition } = options
    this.name = `${service.name}-${partition}`
    this.place = options
    this.#options = options
  }

  /** The task, while this process runs it. */
  get task(): HostedTask | undefined {
    return this.#task
  }

  get isWanted(): boolean {
    return this.#wanted !== undefined
  }

  /** Others have ended it, and it is not assigned in a later generation. */
  get hasEnded(): boolean {
    return this.#wanted !== undefined && this.#wanted <= this.#endedIn
  }

  /** The generation in which the task is this process's; undefined if it is not. */
  want(generation: number | undefined): void {
    this.#wanted = generation
    if (generation === undefined) this.#stop.abort()
    else if (this.#tenure === undefined && !this.hasEnded) this.#tenure = this.#begin(generation)
  }

  /** Resolves when nothing of it runs any more. */
  async closed(): Promise<void> {
    while (this.#tenure !== undefined) await this.#tenure
  }

  async #begin(generation: number): Promise<void> {
    this.#stop = new AbortController()
    try {
      const end = await this.#run(generation)
      if (end.reason === 'ended') this.#endedIn = generation
      this.#options.onEnd(this, end)
    } catch (error) {
      if (error instanceof OpeningAbortedError) return
      this.#endedIn = Infinity
      this.#options.onError(error)
    } finally {
      this.#task = undefined
      this.#tenure = undefined
    }
    this.want(this.#wanted)
  }

  async #run(generation: number): Promise<RunEnd> {
    const { service, logs, partition, opener, onStep } = this.#options
    const { log, close } = await openPlace(this.place)
    const { signal } = this.#stop
    const giveUp = () => void setTimeout(() => void close(), LAST_STEP_MS).unref()
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const place = { log, layout: logs.layout, partition }
      const task = service.define(place, opener(generation))
      this.#task = task
      const ends = await run([task], {
        log,
        signal,
        onStep: (_, { outcome }) => onStep(this, outcome),
      })
      return ends[0] ?? { task: task.name, reason: 'stopped' }
    } catch (error) {
      if (!signal.aborted || !isSilent(error)) throw error
      return { task: this.name, reason: 'stopped' }
    } finally {
      signal.removeEventListener('abort', giveUp)
      await close()
    }
  }
}
