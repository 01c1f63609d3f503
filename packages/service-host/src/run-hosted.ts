import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { RunEnd } from '@sluice/stream-runtime/run'
import type { SnapshotStore } from '@sluice/stream-runtime/snapshots'
import { forwardDeadLetters } from './forward-dead-letters.ts'
import { followTasks, type FollowedTask } from './follow-tasks.ts'
import type { HostProcess } from './host-process.ts'
import { opener, type OpenTask } from './hosted-task.ts'
import type { Assignment, Logs, OpenedStore } from './logs.ts'
import { Progress } from './progress.ts'
import { Roster } from './roster.ts'
import type { Service } from './service.ts'
import { withSideWork } from './side-work.ts'
import { openPlace, type TaskSlot } from './task-slot.ts'
import { watchTasks } from './watch-tasks.ts'

export interface Hosted {
  readonly logs: Logs
  readonly services: readonly Service[]
  readonly store: OpenedStore | undefined
  readonly everyInputs: number
}

/**
 * The follower replays one receipt at a stretch, so one receipt must not speak for too many inputs. Between two steps of recovery the group
 * hears that this process lives, and the task hears that it is another's.
 */
const LIMITS = { maxInputsPerReceipt: 4096, recoveryInputsPerStep: 2048 }

/** Runs what is assigned, with all that goes on beside it: assignment, lag, snapshots, dead letters. */
export async function runHosted(host: HostProcess, hosted: Hosted): Promise<readonly RunEnd[]> {
  const { logs, services, store, everyInputs } = hosted
  const progress = new Progress(host)
  const roster = rosterOf(host, hosted, progress)
  const assignments = services.map(service => (signal: AbortSignal): Promise<void> => {
    const onAssigned = (assignment: Assignment): void => {
      host.logger.info({ of: service.name, ...assignment }, 'tasks assigned')
      host.metrics.tasksAssigned(service.name, assignment.tasks.length)
      roster.assign(service, assignment)
      progress.showReadiness(roster)
    }
    return logs.assign(
      service,
      { onAssigned, hasLostTask: () => roster.hasLostTask(service) },
      signal,
    )
  })
  const watch = (signal: AbortSignal) => watchTasks(host, { logs, roster }, signal)
  const follow = async (signal: AbortSignal): Promise<void> => {
    if (store === undefined) return
    const { logger } = host
    const isIdle = () => progress.isIdle
    const options = { store, everyInputs, clock: SYSTEM_CLOCK, logger, isIdle }
    await followTasks(() => followedOf(roster), options, signal)
  }
  const forward = (signal: AbortSignal) =>
    forwardDeadLetters(host, { store: logs.deadLetters, roster, clock: SYSTEM_CLOCK }, signal)
  const run = (signal: AbortSignal) => roster.run(signal)
  return withSideWork(host.signal, run, [...assignments, watch, follow, forward])
}

function rosterOf(
  host: HostProcess,
  { logs, services, store }: Hosted,
  progress: Progress,
): Roster {
  const openerOf = openers(host, store)
  const roster: Roster = new Roster({
    logs,
    services,
    opener: openerOf,
    onStep: ({ name }, outcome) => {
      progress.stepped(name, outcome)
      progress.showReadiness(roster)
    },
    onEnd: (slot, { reason }) => {
      progress.ended(slot.name)
      progress.showReadiness(roster)
      host.metrics.taskGone(slot.name)
      logEnd(host, slot, reason)
    },
  })
  return roster
}

/** How a task of a generation is opened. */
function openers(
  { metrics, logger }: HostProcess,
  store: SnapshotStore | undefined,
): (generation: number) => OpenTask {
  const snapshots = store && loggedStore(store, logger)
  return generation =>
    opener({
      generation,
      limits: LIMITS,
      ...(snapshots === undefined ? {} : { snapshots }),
      onConfirmed: ({ events }) => events.forEach(event => metrics.observe(event)),
    })
}

function logEnd({ logger }: HostProcess, { name, task }: TaskSlot, reason: string): void {
  if (reason === 'ended') logger.warn({ task: name }, 'task taken over by another process')
  else logger.info({ task: name, receipt: task?.sequence }, 'task stopped')
}

function followedOf({ slots }: Roster): readonly FollowedTask[] {
  return slots.flatMap(({ task, place }) =>
    task === undefined ? [] : [{ task, openHandle: () => openPlace(place) }],
  )
}

/** Says what is loaded and saved. */
function loggedStore(store: SnapshotStore, logger: HostProcess['logger']): SnapshotStore {
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
