import { setTimeout as delay } from 'node:timers/promises'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { run, type RunEnd, type RunnableTask } from '@sluice/stream-runtime/run'
import { Task } from '@sluice/stream-runtime/task'
import { LAYOUT, PRICE, type Market } from './market.ts'

const DEADLINE_MS = 60_000
const LOOK_EVERY_MS = 5

/** Looks until it is so. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await delay(LOOK_EVERY_MS)
  }
}

/** Receipts of the price task that somebody took for confirmed, and how often. */
export class Confirmations {
  readonly #counts = new Map<number, number>()

  add(sequence: number): void {
    this.#counts.set(sequence, (this.#counts.get(sequence) ?? 0) + 1)
  }

  /** Those that two owners took for theirs: never any. */
  twice(): number[] {
    return [...this.#counts].filter(([, count]) => count > 1).map(([sequence]) => sequence)
  }
}

interface PriceTask extends RunnableTask {
  readonly isReady: boolean
  readonly sequence: number
}

/** An owner of the price task, or one who would be: with a handle of its own, as in a process of its own. */
export class Contender {
  readonly generation: number
  readonly #log: StreamLog
  readonly #task: PriceTask
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined
  #end: RunEnd | undefined
  #error: Error | undefined

  constructor(log: StreamLog, generation: number, confirmations: Confirmations) {
    this.generation = generation
    this.#log = log
    const onConfirmed = ({ receipt }: { receipt: { sequence: number } }) =>
      confirmations.add(receipt.sequence)
    this.#task = PRICE.define<PriceTask>({ log, layout: LAYOUT, partition: 0 }, definition => {
      return new Task(definition, { generation, onConfirmed })
    })
  }

  /** Connected, and not started yet. */
  static async open(
    market: Market,
    generation: number,
    confirmations: Confirmations,
  ): Promise<Contender> {
    return new Contender(await market.handle(), generation, confirmations)
  }

  start(): void {
    this.#running = this.#run()
  }

  get sequence(): number {
    return this.#task.sequence
  }

  /** It holds the task, as far as it knows. @throws what its task threw */
  get isOwner(): boolean {
    this.#check()
    return this.#end === undefined && this.#task.isReady
  }

  /** It was fenced, or has yielded. @throws what its task threw */
  get hasLost(): boolean {
    this.#check()
    return this.#end?.reason === 'ended'
  }

  /** Stops after a last receipt, if it has not ended. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    this.#check()
    await this.#log.close()
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error
  }

  async #run(): Promise<void> {
    try {
      const ends = await run([this.#task], { log: this.#log, signal: this.#stop.signal })
      this.#end = ends[0]
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error))
    }
  }
}
