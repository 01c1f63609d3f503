import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer } from 'kafkajs'
import type { KafkaClient } from './kafka-client.ts'
import { AnswerTooLateError, stopErrorOf, treatmentOf } from './kafka-errors.ts'
import { Pauses } from './patience.ts'
import { taskAssigner, type Held } from './task-assigner.ts'

export interface MembershipOptions {
  readonly client: KafkaClient
  readonly groupId: string
  /** On the broker; task n of the group stands for its partition n. Nothing of it is read. */
  readonly wireTopic: string
  readonly taskCount: number
  readonly onAssigned: (tasks: readonly number[], generation: number) => void
  /** Whether others have ended a task that is assigned here. After a while a new generation is asked for, so that somebody has it. */
  readonly hasLostTask: () => boolean
  /** Every failure that is being dealt with. */
  readonly onTrouble: (error: unknown) => void
}

/** A broker allows no shorter one, and a dead member's tasks wait for it. */
const SESSION_TIMEOUT_MS = 6000
const HEARTBEAT_MS = 1000
/** Longest time that a rebalance waits for a member that does not come. */
const REBALANCE_TIMEOUT_MS = 10_000
/** Nothing is fetched: so often it is seen whether a heartbeat is due. */
const IDLE_MS = 250
const WATCH_EVERY_MS = 1000
/** No sign of the group for so long: the consumer is made anew. */
const STALLED_AFTER_MS = 30_000
/** How long a task that others have ended is left to them before a new generation is asked for. */
const LOST_FOR_MS = 10_000

/** A new generation is wanted. */
class TaskLostError extends Error {
  override readonly name = 'TaskLostError'
}

/**
 * Membership in a consumer group that says which tasks are this process's (rule 11), until the signal aborts; then the group is left at
 * once. It never reads. A consumer that crashes or stalls is made anew, and what this process has stays as it is meanwhile:
 * only an assignment changes it.
 *
 * @throws a typed error of `kafka-errors.ts` where trying again cannot help.
 */
export async function keepMembership(
  options: MembershipOptions,
  signal: AbortSignal,
): Promise<void> {
  const membership = new Membership(options, signal)
  const pauses = new Pauses()
  while (!signal.aborted) {
    const error = await membership.session()
    if (error === undefined) return
    options.onTrouble(error)
    if (!(error instanceof TaskLostError) && treatmentOf(error) === 'stop')
      throw stopErrorOf(error, `group ${options.groupId}`)
    if (membership.hasJoined) pauses.restart()
    await sleep(pauses.next(), undefined, { signal }).catch(() => undefined)
  }
}

class Membership {
  readonly #options: MembershipOptions
  readonly #signal: AbortSignal
  #held: Held = { held: [], generation: 0 }
  #lastSignAt = 0
  #lostSince: number | undefined
  #hasJoined = false

  constructor(options: MembershipOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  /** Whether the last session came to an assignment. */
  get hasJoined(): boolean {
    return this.#hasJoined
  }

  /** A member until something ends that; answers what, or undefined once the signal has aborted. */
  async session(): Promise<unknown> {
    this.#hasJoined = false
    this.#lastSignAt = performance.now()
    this.#lostSince = undefined
    const consumer = this.#newConsumer()
    const watch = new AbortController()
    try {
      return await new Promise<unknown>(resolve => {
        this.#signal.addEventListener('abort', () => resolve(undefined), {
          once: true,
          signal: watch.signal,
        })
        if (this.#signal.aborted) resolve(undefined)
        consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error))
        this.#run(consumer).catch(resolve)
        void this.#watch(watch.signal).then(resolve)
      })
    } finally {
      watch.abort()
      await consumer.disconnect().catch(this.#options.onTrouble)
    }
  }

  #newConsumer(): Consumer {
    const { client, groupId, wireTopic, taskCount } = this.#options
    const consumer = client.consumer({
      groupId,
      partitionAssigners: [taskAssigner(wireTopic, taskCount, () => this.#held)],
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      maxWaitTimeInMs: IDLE_MS,
    })
    consumer.on(consumer.events.HEARTBEAT, () => {
      this.#lastSignAt = performance.now()
    })
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#assigned(payload.memberAssignment[wireTopic] ?? [], payload.generationId)
    })
    return consumer
  }

  async #run(consumer: Consumer): Promise<void> {
    const { wireTopic } = this.#options
    await consumer.connect()
    await consumer.subscribe({ topics: [wireTopic] })
    const running = consumer.run({ autoCommit: false, eachBatch: () => Promise.resolve() })
    consumer.pause([{ topic: wireTopic }])
    await running
  }

  #assigned(tasks: readonly number[], generation: number): void {
    this.#hasJoined = true
    this.#lastSignAt = performance.now()
    this.#lostSince = undefined
    this.#held = { held: tasks, generation }
    this.#options.onAssigned(tasks, generation)
  }

  /** Answers why the session has to end, if it has to. */
  async #watch(over: AbortSignal): Promise<unknown> {
    while (!over.aborted) {
      await sleep(WATCH_EVERY_MS, undefined, { signal: over }).catch(() => undefined)
      const now = performance.now()
      if (now - this.#lastSignAt > STALLED_AFTER_MS)
        return new AnswerTooLateError(
          `no sign of group ${this.#options.groupId} for ${Math.round(now - this.#lastSignAt)} ms`,
        )
      if (!this.#options.hasLostTask()) this.#lostSince = undefined
      else if (now - (this.#lostSince ??= now) > LOST_FOR_MS)
        return new TaskLostError('a task assigned here was ended by others, who have not got it')
    }
    return undefined
  }
}
