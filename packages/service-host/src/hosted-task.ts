import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { RunnableTask } from '@sluice/stream-runtime/run'
import { SnapshotFollower, type SnapshotStore } from '@sluice/stream-runtime/snapshots'
import { Task, type TaskOptions } from '@sluice/stream-runtime/task'
import { stateHashOf } from '@sluice/stream-runtime/verify'
import type { ReadingTask } from './lag.ts'

/** A task in a host, whatever its types. */
export interface HostedTask extends RunnableTask, ReadingTask {
  /** Sequence of the last confirmed receipt. */
  readonly sequence: number
  /** State is restored, and the task is owned. */
  readonly isReady: boolean
  /** Hexadecimal SHA-256 of the canonical snapshot of the confirmed state; undefined while it is a guess. */
  stateHash(): string | undefined
  /** A replay of this task's log beside it, on a handle of its own, which saves snapshots. */
  followOn(log: StreamLog, into: SnapshotTarget): Follower
}

export interface SnapshotTarget {
  readonly store: SnapshotStore
  /** Inputs between two snapshots. */
  readonly everyInputs: number
}

export interface Follower {
  /** Replays one more receipt; false at the end of the log. */
  advance(): Promise<boolean>
}

/** Opens a task that the host will start. */
export type OpenTask = <State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
) => HostedTask

/** What every task of a host is opened with. */
export function opener(options: TaskOptions): OpenTask {
  return definition => {
    const task = new Task(definition, options)
    return Object.assign(task, {
      stateHash: () => {
        const state = task.confirmedState()
        return state === undefined ? undefined : stateHashOf(definition.processor, state)
      },
      followOn: (log: StreamLog, { store, everyInputs }: SnapshotTarget) =>
        new SnapshotFollower({ ...definition, log }, store, { everyInputs }),
    })
  }
}
