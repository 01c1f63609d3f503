import type { ServiceName } from '@sluice/contracts/topics'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { TaskInput } from '@sluice/stream-runtime/inputs'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { Processor } from '@sluice/stream-runtime/processor'
import type { Layout } from './layout.ts'

/** Where a task is: on which log, cut how, and which of its service's. */
export interface TaskPlace {
  readonly log: StreamLog
  readonly layout: Layout
  readonly partition: number
}

/** What to do with a task's definition, whatever its types. */
export type TaskVisitor<Result> = <State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
) => Result

/** A service as hosts know it: tasks that share a processor and differ in what they read. */
export interface Service {
  readonly name: ServiceName
  /** Tasks are numbered from 0; each writes the partition of its number. */
  readonly taskCount: (layout: Layout) => number
  /** What a task reads, the most urgent first. */
  readonly inputs: (layout: Layout, partition: number) => readonly TaskInput[]
  define<Result>(place: TaskPlace, visit: TaskVisitor<Result>): Result
}

export interface ServiceSpec<State, In extends { readonly type: string }, Out> {
  readonly name: ServiceName
  /** Default: one task. */
  readonly taskCount?: (layout: Layout) => number
  readonly inputs: (layout: Layout, partition: number) => readonly TaskInput[]
  readonly processor: (layout: Layout) => Processor<State, In, Out>
}

export function serviceOf<State, In extends { readonly type: string }, Out>({
  name,
  taskCount = () => 1,
  inputs,
  processor,
}: ServiceSpec<State, In, Out>): Service {
  return {
    name,
    taskCount,
    inputs,
    define: ({ log, layout, partition }, visit) =>
      visit({ processor: processor(layout), partition, inputs: inputs(layout, partition), log }),
  }
}
