import { setImmediate } from 'node:timers/promises'
import type { createLogger } from '@sluice/observability/logger'
import type { Clock } from '@sluice/stream-runtime/clock'
import { LogForkedError, ReplayDivergedError } from '@sluice/stream-runtime/errors'
import type { Follower, HostedTask, SnapshotTarget } from './hosted-task.ts'
import type { Handle } from './logs.ts'

/** A task to follow, and how a handle for that is opened. */
export interface FollowedTask {
  readonly task: HostedTask
  readonly openHandle: () => Promise<Handle>
}

export interface FollowOptions extends SnapshotTarget {
  readonly clock: Clock
  readonly logger: ReturnType<typeof createLogger>
  /** Whether every task of the host waits for input. */
  readonly isIdle: () => boolean
}

/** Replay at a stretch, before the tasks have their turn. One receipt may take longer. */
const SLICE_MS = 2
/** While tasks are busy, this many times as long as a slice took belongs to them: replay gets a fifth of the time at most. */
const REST_PER_SLICE = 4
/** At the end of the log: how soon it is looked at again. */
const LOOK_AGAIN_MS = 500

/**
 * Replays the tasks that the host runs at the time beside themselves and saves snapshots, one small slice after the other, until the
 * signal aborts. Snapshots are an optimisation: where they cannot be saved, that is logged and the task goes on without.
 *
 * @throws ReplayDivergedError, LogForkedError: the log is not what the task's rules make of it, so recovery would fail too.
 */
export async function followTasks(
  running: () => readonly FollowedTask[],
  options: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  let following: readonly Following[] = []
  const giveUp = () => {
    for (const each of following) void each.close()
  }
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    while (!signal.aborted) {
      following = await keepUp(following, running(), options)
      let hasMore = false
      for (const each of following) {
        if (!(await each.slice())) continue
        hasMore = true
        await rest(options, signal)
      }
      if (!hasMore) await options.clock.wait(LOOK_AGAIN_MS, signal)
    }
  } finally {
    signal.removeEventListener('abort', giveUp)
    for (const each of following) await each.close()
  }
}

/** Follows what runs now, and no more what does not. */
async function keepUp(
  following: readonly Following[],
  running: readonly FollowedTask[],
  options: FollowOptions,
): Promise<readonly Following[]> {
  const known = new Map(following.map(each => [each.task, each]))
  const kept = running
    .filter(({ task }) => task.isReady)
    .map(each => known.get(each.task) ?? new Following(each, options))
  for (const each of following) if (!kept.includes(each)) await each.close()
  return kept
}

/** The replay of one task, opened when it has its first turn. */
class Following {
  readonly task: HostedTask
  readonly #openHandle: () => Promise<Handle>
  readonly #options: FollowOptions
  #handle: Handle | undefined
  #follower: Follower | undefined
  readonly #over = new AbortController()

  constructor({ task, openHandle }: FollowedTask, options: FollowOptions) {
    this.task = task
    this.#openHandle = openHandle
    this.#options = options
  }

  /** Nothing is replayed any more. */
  #isOver(): boolean {
    return this.#over.signal.aborted
  }

  /** Replays for a while; whether there is more. */
  async slice(): Promise<boolean> {
    if (this.#isOver()) return false
    const { clock, logger } = this.#options
    try {
      const follower = (this.#follower ??= await this.#open())
      const until = clock.now() + SLICE_MS
      do {
        if (!(await follower.advance())) return false
      } while (clock.now() < until)
      return true
    } catch (error) {
      if (this.#isOver()) return false
      if (error instanceof ReplayDivergedError || error instanceof LogForkedError) throw error
      const task = this.task.name
      logger.error({ error, task }, 'no more snapshots of this task until the next start')
      await this.close()
      return false
    }
  }

  async close(): Promise<void> {
    this.#over.abort()
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async #open(): Promise<Follower> {
    const handle = await this.#openHandle()
    this.#handle = handle
    if (this.#isOver()) await this.close()
    return this.task.followOn(handle.log, this.#options)
  }
}

async function rest({ clock, isIdle }: FollowOptions, signal: AbortSignal): Promise<void> {
  await setImmediate()
  if (!isIdle()) await clock.wait(SLICE_MS * REST_PER_SLICE, signal)
}
