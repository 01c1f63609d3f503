import { inputOf, inputsOf } from '@sluice/service-host/layout'
import { serviceOf, type Service } from '@sluice/service-host/service'
import { createProcessor } from './processor.ts'
import type { Settings } from './settings.ts'

/** The evaluation service: a task for each partition of `accounts`, which reads that partition, and all prices. */
export function marginEvaluationService(settings?: Settings): Service {
  return serviceOf({
    name: 'margin-evaluation',
    taskCount: ({ evaluators }) => evaluators,
    inputs: (layout, partition) => [
      ...inputsOf(layout, 'operations'),
      ...inputsOf(layout, 'reference-data'),
      ...inputsOf(layout, 'liquidation-execution'),
      inputOf(layout, 'accounts', partition),
      ...inputsOf(layout, 'price'),
    ],
    processor: () => createProcessor(settings),
  })
}
