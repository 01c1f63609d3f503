import { inputsOf } from '@sluice/service-host/layout'
import { serviceOf, type Service } from '@sluice/service-host/service'
import { createProcessor } from './processor.ts'
import type { ExecutionSettings } from './settings.ts'

/** The execution service: one task, so that an insurance pool has one owner. What people decide comes first. */
export function liquidationExecutionService(
  settings: Partial<Omit<ExecutionSettings, 'evaluators'>> = {},
): Service {
  return serviceOf({
    name: 'liquidation-execution',
    inputs: layout => [
      ...inputsOf(layout, 'operations'),
      ...inputsOf(layout, 'reference-data'),
      ...inputsOf(layout, 'price'),
      ...inputsOf(layout, 'margin-evaluation'),
      ...inputsOf(layout, 'execution-reports'),
    ],
    processor: ({ evaluators, mode }) =>
      createProcessor({
        ...settings,
        evaluators,
        ...(mode === 'shadow' ? { startsIn: mode } : {}),
      }),
  })
}
