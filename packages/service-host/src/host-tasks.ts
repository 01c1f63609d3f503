import {
  openEmbeddedSnapshots,
  type EmbeddedSnapshots,
} from '@sluice/stream-embedded/embedded-snapshots'
import { openEmbeddedLog, type EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import { ReplayDivergedError } from '@sluice/stream-runtime/errors'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { run, type RunEnd } from '@sluice/stream-runtime/run'
import type { SnapshotStore } from '@sluice/stream-runtime/snapshots'
import { claimTopology } from './claim-topology.ts'
import { followTasks } from './follow-tasks.ts'
import type { HostProcess } from './host-process.ts'
import type { HostSettings } from './host-settings.ts'
import { opener, type HostedTask, type OpenTask } from './hosted-task.ts'
import { lagOf } from './lag.ts'
import { Progress } from './progress.ts'
import { withSideWork } from './side-work.ts'
import { InputWatch } from './watch-inputs.ts'

export interface HostTasksOptions {
  readonly settings: HostSettings
  /** The tasks on this log, each opened with `open`. */
  readonly openTasks: (log: StreamLog, open: OpenTask) => readonly HostedTask[]
  /** Of two owners of a task the one of the greater generation stays; default: the time of the start, in milliseconds. */
  readonly generation?: number
}

const WATCH_EVERY_MS = 1000
/** The follower replays one receipt at a stretch, so one receipt must not speak for too many inputs. */
const LIMITS = { maxInputsPerReceipt: 4096 }

/**
 * Runs tasks on the embedded log until the host's signal aborts, or until all of them have been taken over by a later process. A task starts
 * from its newest snapshot and replays the rest, comparing; `/readyz` says 200 once every task is restored and owned.
 *
 * @returns how each task ended.
 * @throws what ends a task (see `run`), TopologyChangedError, and what opening the log throws.
 */
export async function hostTasks(
  host: HostProcess,
  { settings, openTasks, generation = SYSTEM_CLOCK.now() }: HostTasksOptions,
): Promise<readonly RunEnd[]> {
  const { metrics, server } = host
  const log = openEmbeddedLog({
    directory: settings.log.directory,
    mode: 'each',
    clock: () => SYSTEM_CLOCK.now(),
  })
  let snapshots: EmbeddedSnapshots | undefined
  try {
    claimTopology(log, settings.log)
    snapshots = openSnapshots(settings)
    const store = snapshots && loggedStore(snapshots, host)
    const open = opener({
      generation,
      limits: LIMITS,
      ...(store === undefined ? {} : { snapshots: store }),
      onConfirmed: ({ events }) => events.forEach(event => metrics.observe(event)),
    })
    return await runHosted(host, {
      log,
      tasks: openTasks(log, open),
      store,
      everyInputs: settings.snapshots.everyInputs,
    })
  } catch (error) {
    if (error instanceof ReplayDivergedError) metrics.replayDiverged(error.divergence.task)
    throw error
  } finally {
    server.notReady()
    await log.close()
    await snapshots?.close()
  }
}

function openSnapshots({ log, snapshots }: HostSettings): EmbeddedSnapshots | undefined {
  if (snapshots.everyInputs === 0) return undefined
  return openEmbeddedSnapshots({ directory: snapshots.directory ?? `${log.directory}-snapshots` })
}

interface Hosted {
  readonly log: EmbeddedLog
  readonly tasks: readonly HostedTask[]
  readonly store: SnapshotStore | undefined
  readonly everyInputs: number
}

async function runHosted(host: HostProcess, hosted: Hosted): Promise<readonly RunEnd[]> {
  const { tasks, log, store, everyInputs } = hosted
  const { logger } = host
  const progress = new Progress(host, tasks)
  const runAll = (signal: AbortSignal): Promise<readonly RunEnd[]> =>
    run(tasks, { log, signal, onStep: ({ name }, { outcome }) => progress.stepped(name, outcome) })
  const follow = async (signal: AbortSignal): Promise<void> => {
    if (store === undefined) return
    const isIdle = () => progress.isIdle()
    await followTasks(tasks, { store, everyInputs, clock: SYSTEM_CLOCK, logger, isIdle }, signal)
  }
  const watch = (signal: AbortSignal) => watchTasks(host, hosted, signal)
  const ends = await withSideWork(host.signal, runAll, [watch, follow])
  for (const { name, sequence } of tasks) {
    const isTakenOver = ends.some(({ task, reason }) => task === name && reason === 'ended')
    if (isTakenOver) logger.warn({ task: name }, 'task taken over by a process that started later')
    else logger.info({ task: name, receipt: sequence }, 'task stopped')
  }
  return ends
}

/** Lag, and what metrics want to know of the inputs. */
async function watchTasks(
  { metrics }: HostProcess,
  { tasks, log }: Hosted,
  signal: AbortSignal,
): Promise<void> {
  const inputs = new InputWatch(log, metrics)
  while (!signal.aborted) {
    for (const task of tasks) metrics.taskProgress(await lagOf(task, log, SYSTEM_CLOCK.now()))
    await inputs.look(tasks)
    await SYSTEM_CLOCK.wait(WATCH_EVERY_MS, signal)
  }
}

/** Says what is loaded and saved. */
function loggedStore(store: SnapshotStore, { logger }: HostProcess): SnapshotStore {
  return {
    async save(snapshot) {
      const { task, sequence, stateBytes } = snapshot.manifest
      await store.save(snapshot)
      logger.info({ task, receipt: sequence, stateBytes }, 'snapshot saved')
    },
    async newest(task, accepts) {
      const snapshot = await store.newest(task, accepts)
      const receipt = snapshot?.manifest.sequence
      if (receipt !== undefined) logger.info({ task, receipt }, 'snapshot loaded')
      return snapshot
    },
  }
}
