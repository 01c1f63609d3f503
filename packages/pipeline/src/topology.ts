import type { Layout } from '@sluice/service-host/layout'
import type { TaskVisitor } from '@sluice/service-host/service'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { pipelineServices, type PipelineSettings } from './services.ts'

/** How a deployment is cut into tasks, and what they decide by. Fixed for the life of a log; `evaluators` is kept in it. */
export interface PipelineTopology extends Layout {
  /** Default: those of a deployment that says nothing. */
  readonly settings?: PipelineSettings
}

/** The log does not say how it is cut. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError'
}

/** The topology as a log holds it. @throws TopologyError */
export function topologyOf(held: unknown): PipelineTopology {
  const evaluators: unknown =
    held !== null && typeof held === 'object' && 'evaluators' in held ? held.evaluators : undefined
  if (typeof evaluators === 'number' && Number.isInteger(evaluators) && evaluators > 0)
    return { evaluators }
  throw new TopologyError(
    'this log does not say which tasks wrote it: it was not made by `sluice simulate` or `sluice run`',
  )
}

/** Visits the definition of every task on `log`, in the order of the way of a tick: price, evaluation, execution, analytics. */
export function mapTasks<Result>(
  log: StreamLog,
  { settings, ...layout }: PipelineTopology,
  visit: TaskVisitor<Result>,
): Result[] {
  return pipelineServices(settings).flatMap(service =>
    Array.from({ length: service.taskCount(layout) }, (_, partition) =>
      service.define({ log, layout, partition }, visit),
    ),
  )
}
