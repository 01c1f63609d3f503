import { cascadeAnalyticsTask } from '@sluice/cascade-analytics/topology'
import { liquidationExecutionTask } from '@sluice/liquidation-execution/topology'
import { marginEvaluationTask } from '@sluice/margin-evaluation/topology'
import { priceTask } from '@sluice/price/topology'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'

/** How a deployment is cut into tasks. Fixed for the life of a log, and kept in it. */
export interface PipelineTopology {
  /** Partitions of `accounts`, each with a task of margin-evaluation. */
  readonly evaluators: number
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

/** What to do with a task's definition, whatever its types. */
export type TaskVisitor<Result> = <State, In extends { readonly type: string }, Out>(
  definition: TaskDefinition<State, In, Out>,
) => Result

/** Visits the definition of every task on `log`, in the order of the way of a tick: price, evaluation, execution, analytics. */
export function mapTasks<Result>(
  log: StreamLog,
  { evaluators }: PipelineTopology,
  visit: TaskVisitor<Result>,
): Result[] {
  const evaluations = Array.from({ length: evaluators }, (_, partition) =>
    visit(marginEvaluationTask(log, partition)),
  )
  return [
    visit(priceTask(log)),
    ...evaluations,
    visit(liquidationExecutionTask(log, { evaluators })),
    visit(cascadeAnalyticsTask(log, { evaluators })),
  ]
}
