import type { RunEnd } from '@sluice/stream-runtime/run'
import type { StepOutcome } from '@sluice/stream-runtime/task'
import type { HostedTask, OpenTask } from './hosted-task.ts'
import type { Assignment, Logs } from './logs.ts'
import type { Service } from './service.ts'
import { TaskSlot } from './task-slot.ts'

export interface RosterOptions {
  readonly logs: Logs
  readonly services: readonly Service[]
  readonly opener: (generation: number) => OpenTask
  readonly onStep: (slot: TaskSlot, outcome: StepOutcome) => void
  readonly onEnd: (slot: TaskSlot, end: RunEnd) => void
}

/** The tasks that this process might run, those that it does run, and how their tenures ended. */
export class Roster {
  readonly slots: readonly TaskSlot[]
  readonly #unassigned: Set<Service>
  readonly #ends = new Map<string, RunEnd>()
  #resolve: () => void = () => undefined
  #reject: (error: unknown) => void = () => undefined
  readonly #over: Promise<void>
  #isStopping = false

  constructor({ logs, services, opener, onStep, onEnd }: RosterOptions) {
    this.#unassigned = new Set(services)
    this.#over = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const ended = (slot: TaskSlot, end: RunEnd) => {
      this.#ends.set(slot.name, end)
      onEnd(slot, end)
      if (logs.hasFixedTasks && this.#wanted().every(({ hasEnded }) => hasEnded)) this.#resolve()
    }
    const onError = (error: unknown) => this.#reject(error)
    this.slots = services.flatMap(service =>
      Array.from({ length: service.taskCount(logs.layout) }, (_, partition) => {
        return new TaskSlot({ logs, service, partition, opener, onStep, onEnd: ended, onError })
      }),
    )
  }

  /** Which tasks of a service are this process's from now on. The group may still say so while this process stops: nothing begins then. */
  assign(service: Service, { tasks, generation }: Assignment): void {
    if (this.#isStopping) return
    this.#unassigned.delete(service)
    for (const slot of this.slots) {
      const { partition } = slot.place
      if (slot.place.service !== service) continue
      slot.want(tasks.includes(partition) ? generation : undefined)
    }
  }

  /** The tasks that run here now. */
  running(): readonly HostedTask[] {
    return this.slots.flatMap(({ task }) => (task === undefined ? [] : [task]))
  }

  /** Others have ended a task of the service that is assigned here. */
  hasLostTask(service: Service): boolean {
    return this.slots.some(({ place, hasEnded }) => place.service === service && hasEnded)
  }

  /**
   * Every service has been told its tasks, and those that are this process's are restored and owned here, or by a later process.
   * Where all have gone to others nothing is left to be ready.
   */
  get isReady(): boolean {
    const wanted = this.#wanted()
    return (
      this.#unassigned.size === 0 &&
      wanted.every(({ task, hasEnded }) => hasEnded || task?.isReady === true) &&
      (wanted.length === 0 || wanted.some(({ hasEnded }) => !hasEnded))
    )
  }

  /**
   * Runs what is assigned until the signal aborts, or until others have taken over all tasks of a fixed assignment.
   *
   * @returns how the last tenure of each task ended.
   * @throws the first error of a task, after the others have stopped.
   */
  async run(signal: AbortSignal): Promise<readonly RunEnd[]> {
    const stop = () => this.#resolve()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    try {
      await this.#over
    } finally {
      signal.removeEventListener('abort', stop)
      this.#isStopping = true
      for (const slot of this.slots) slot.want(undefined)
      await Promise.all(this.slots.map(slot => slot.closed()))
    }
    return [...this.#ends.values()]
  }

  #wanted(): readonly TaskSlot[] {
    return this.slots.filter(({ isWanted }) => isWanted)
  }
}
