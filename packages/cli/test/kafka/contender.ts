import { opener, type HostedTask } from '@sluice/service-host/hosted-task'
import { pipelineServices } from '@sluice/pipeline/services'
import type { Handle, Logs } from '@sluice/service-host/logs'
import type { Service } from '@sluice/service-host/service'
import { openPlace } from '@sluice/service-host/task-slot'
import { run, type RunEnd } from '@sluice/stream-runtime/run'
import type { Stand } from './stand.ts'

export interface ContenderPlace {
  readonly logs: Logs
  readonly service: Service
  readonly partition: number
}

/** Sequences of confirmed receipts, by task, and how often each was confirmed by somebody. */
export class Confirmations {
  readonly #counts = new Map<string, number>()

  add(task: string, sequence: number): void {
    const receipt = `${task}/${sequence}`
    this.#counts.set(receipt, (this.#counts.get(receipt) ?? 0) + 1)
  }

  get size(): number {
    return this.#counts.size
  }

  /** Receipts that two owners took for theirs: never any. */
  twice(): string[] {
    return [...this.#counts].filter(([, count]) => count > 1).map(([receipt]) => receipt)
  }
}

interface Opened {
  readonly handle: Handle
  readonly task: HostedTask
}

/** An owner of a task, or one who would be: with a handle of its own, as in a process of its own. */
export class Contender {
  readonly generation: number
  readonly place: ContenderPlace
  readonly #handle: Handle
  readonly #task: HostedTask
  readonly #stop = new AbortController()
  #running: Promise<RunEnd> | undefined
  #end: RunEnd | undefined

  private constructor(place: ContenderPlace, generation: number, opened: Opened) {
    this.place = place
    this.generation = generation
    this.#handle = opened.handle
    this.#task = opened.task
  }

  /** Connected, and not yet started. */
  static async open(
    place: ContenderPlace,
    generation: number,
    confirmations: Confirmations,
  ): Promise<Contender> {
    const { logs, service, partition } = place
    const handle = await openPlace(place)
    const open = opener({
      generation,
      onConfirmed: ({ task, receipt }) => confirmations.add(task, receipt.sequence),
    })
    const task = service.define({ log: handle.log, layout: logs.layout, partition }, open)
    return new Contender(place, generation, { handle, task })
  }

  start(): void {
    this.#running = this.#run()
    this.#running.catch(() => undefined)
  }

  /** It holds the task, as far as it knows. */
  get isOwner(): boolean {
    return this.#end === undefined && this.#task.isReady
  }

  positions(): ReturnType<HostedTask['positions']> {
    return this.#task.positions()
  }

  /** It was fenced, or has yielded. @throws what its task threw */
  get hasLost(): boolean {
    return this.#end?.reason === 'ended'
  }

  /** Stops after a last receipt, if it has not ended. @throws what its task threw */
  async stop(): Promise<void> {
    this.#stop.abort()
    try {
      await this.#running
    } finally {
      await this.#handle.close()
    }
  }

  async #run(): Promise<RunEnd> {
    const { log } = this.#handle
    const [end] = await run([this.#task], { log, signal: this.#stop.signal })
    if (end === undefined) throw new TypeError('a run of one task has one end')
    this.#end = end
    return end
  }
}

/** The whole pipeline, each task with its first owner. */
export function startOwners(
  { logs, settings, defer }: Stand,
  confirmations: Confirmations,
): Promise<Contender[]> {
  const places = pipelineServices(settings).flatMap(service =>
    Array.from({ length: service.taskCount(logs.layout) }, (_, partition) => ({
      logs,
      service,
      partition,
    })),
  )
  return Promise.all(
    places.map(async place => {
      const owner = await Contender.open(place, 1, confirmations)
      defer(() => owner.stop())
      owner.start()
      return owner
    }),
  )
}
