import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { TaskInput } from '@sluice/stream-runtime/inputs'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { createProcessor, type ExecutionInput } from './processor.ts'
import type { ExecutionSettings } from './settings.ts'
import type { State } from './state.ts'

export interface ExecutionTaskOptions {
  /** Tasks of margin-evaluation, each with a partition of its own. */
  readonly evaluators: number
  readonly settings?: Partial<ExecutionSettings>
}

/** The one task of liquidation-execution: an insurance pool has one owner. What people decide comes first. */
export function liquidationExecutionTask(
  log: StreamLog,
  { evaluators, settings = {} }: ExecutionTaskOptions,
): TaskDefinition<State, ExecutionInput, LiquidationExecutionEvent> {
  const evaluations = Array.from({ length: evaluators }, (_, partition): TaskInput => ({
    topic: 'margin-evaluation',
    partition,
    ours: true,
  }))
  return {
    processor: createProcessor({ ...settings, evaluators }),
    partition: 0,
    inputs: [
      { topic: 'operations', partition: 0, ours: false },
      { topic: 'reference-data', partition: 0, ours: false },
      { topic: 'price', partition: 0, ours: true },
      ...evaluations,
      { topic: 'execution-reports', partition: 0, ours: false },
    ],
    log,
  }
}
