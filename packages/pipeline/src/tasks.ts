import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { PartitionId } from '@sluice/stream-runtime/log'
import { Task, type TaskOptions } from '@sluice/stream-runtime/task'
import type { RunnableTask } from '@sluice/stream-runtime/run'
import { stateHashOf } from '@sluice/stream-runtime/verify'

/** A task of the pipeline, whatever its types. */
export interface PipelineTask extends RunnableTask {
  /** Sequence of the last confirmed receipt. */
  readonly sequence: number
  readonly isReady: boolean
  /** Whether it is known that the next step would find nothing to do. */
  readonly isIdle: boolean
  /** Offset after the last folded record of each input. */
  positions(): readonly (PartitionId & { readonly position: number })[]
  /** Steps until the task is owned. */
  start(): Promise<boolean>
  /** Hexadecimal SHA-256 of the canonical snapshot of its confirmed state. */
  stateHash(): string
}

/** The state of a task is a guess while an append is unconfirmed, and is not served. */
export class StateUnconfirmedError extends Error {
  override readonly name = 'StateUnconfirmedError'
}

/** Opens a task that has still to be started. */
export function openTask<State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
  options: TaskOptions,
): PipelineTask {
  const task = new Task(definition, options)
  const stateHash = (): string => {
    const state = task.confirmedState()
    if (state === undefined)
      throw new StateUnconfirmedError(
        `${task.name} has unconfirmed inputs: flush and step it first`,
      )
    return stateHashOf(definition.processor, state)
  }
  return Object.assign(task, { stateHash })
}
