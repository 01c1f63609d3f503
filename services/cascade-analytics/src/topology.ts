import type { CascadeAnalyticsEvent } from '@sluice/contracts/generated/events'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { TaskInput } from '@sluice/stream-runtime/inputs'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { AnalyticsInput } from './handlers.ts'
import { cascadeAnalyticsProcessor } from './processor.ts'
import type { AnalyticsSettings } from './settings.ts'
import { DEFAULT_ANALYTICS_SETTINGS } from './settings.ts'
import type { AnalyticsState } from './state.ts'

export interface AnalyticsTaskOptions {
  /** Tasks of margin-evaluation, each with a partition of its own. */
  readonly evaluators: number
  readonly settings?: AnalyticsSettings
}

/**
 * The one task of cascade-analytics. Prices come before triggers and triggers before fills, so that a fill finds the trigger it
 * follows from, and a trigger the marks that led to it.
 */
export function cascadeAnalyticsTask(
  log: StreamLog,
  { evaluators, settings = DEFAULT_ANALYTICS_SETTINGS }: AnalyticsTaskOptions,
): TaskDefinition<AnalyticsState, AnalyticsInput, CascadeAnalyticsEvent> {
  const evaluations = Array.from({ length: evaluators }, (_, partition): TaskInput => ({
    topic: 'margin-evaluation',
    partition,
    ours: true,
  }))
  return {
    processor: cascadeAnalyticsProcessor(settings),
    partition: 0,
    inputs: [
      { topic: 'reference-data', partition: 0, ours: false },
      { topic: 'price', partition: 0, ours: true },
      ...evaluations,
      { topic: 'liquidation-execution', partition: 0, ours: true },
    ],
    log,
  }
}
