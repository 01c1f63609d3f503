import { setImmediate } from 'node:timers/promises'
import type { createLogger } from '@sluice/observability/logger'
import type { Clock } from '@sluice/stream-runtime/clock'
import { LogForkedError, ReplayDivergedError } from '@sluice/stream-runtime/errors'
import type { SnapshotStore } from '@sluice/stream-runtime/snapshots'
import type { Follower, HostedTask } from './hosted-task.ts'

export interface FollowOptions {
  readonly store: SnapshotStore
  readonly everyInputs: number
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
 * Replays the tasks beside themselves and saves snapshots, one small slice after the other, until the signal aborts or all have ended.
 * Snapshots are an optimisation: where they cannot be saved, that is logged and the task goes on without.
 *
 * @throws ReplayDivergedError, LogForkedError: the log is not what the task's rules make of it, so recovery would fail too.
 */
export async function followTasks(
  tasks: readonly HostedTask[],
  options: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  let followed: readonly Followed[] = tasks.map(task => ({
    task,
    follower: task.followInto(options.store, options.everyInputs),
  }))
  while (!signal.aborted && followed.length > 0) {
    const going: Followed[] = []
    let hasMore = false
    for (const each of followed) {
      const outcome = await slice(each, options)
      if (outcome !== 'over') going.push(each)
      if (outcome !== 'more') continue
      hasMore = true
      await rest(options, signal)
    }
    followed = going
    if (!hasMore) await options.clock.wait(LOOK_AGAIN_MS, signal)
  }
}

interface Followed {
  readonly task: HostedTask
  readonly follower: Follower
}

/** `more`: there is more to replay; `end`: not at present; `over`: never again. */
async function slice(
  { task, follower }: Followed,
  { clock, logger }: FollowOptions,
): Promise<'more' | 'end' | 'over'> {
  if (task.hasEnded) return 'over'
  const until = clock.now() + SLICE_MS
  try {
    do {
      if (!(await follower.advance())) return 'end'
    } while (clock.now() < until)
    return 'more'
  } catch (error) {
    if (error instanceof ReplayDivergedError || error instanceof LogForkedError) throw error
    logger.error({ error, task: task.name }, 'no more snapshots of this task until the next start')
    return 'over'
  }
}

async function rest({ clock, isIdle }: FollowOptions, signal: AbortSignal): Promise<void> {
  await setImmediate()
  if (!isIdle()) await clock.wait(SLICE_MS * REST_PER_SLICE, signal)
}
