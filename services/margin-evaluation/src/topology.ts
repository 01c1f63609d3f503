import type { MarginEvaluationEvent } from '@sluice/contracts/generated/events'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { createProcessor, type MarginEvaluationInput } from './processor.ts'
import type { Settings } from './settings.ts'
import type { State } from './state.ts'

/** One task of margin-evaluation: the scopes in one partition of `accounts`, and all prices. */
export function marginEvaluationTask(
  log: StreamLog,
  partition: number,
  settings?: Settings,
): TaskDefinition<State, MarginEvaluationInput, MarginEvaluationEvent> {
  return {
    processor: createProcessor(settings),
    partition,
    inputs: [
      { topic: 'operations', partition: 0, ours: false },
      { topic: 'reference-data', partition: 0, ours: false },
      { topic: 'liquidation-execution', partition: 0, ours: true },
      { topic: 'accounts', partition, ours: false },
      { topic: 'price', partition: 0, ours: true },
    ],
    log,
  }
}
