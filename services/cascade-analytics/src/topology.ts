import { inputsOf } from '@sluice/service-host/layout'
import { serviceOf, type Service } from '@sluice/service-host/service'
import { cascadeAnalyticsProcessor } from './processor.ts'
import type { AnalyticsSettings } from './settings.ts'
import { DEFAULT_ANALYTICS_SETTINGS } from './settings.ts'

/**
 * The analytics service: one task. Prices come before triggers and triggers before fills, so that a fill finds the trigger it
 * follows from, and a trigger the marks that led to it.
 */
export function cascadeAnalyticsService(
  settings: AnalyticsSettings = DEFAULT_ANALYTICS_SETTINGS,
): Service {
  return serviceOf({
    name: 'cascade-analytics',
    inputs: layout => [
      ...inputsOf(layout, 'reference-data'),
      ...inputsOf(layout, 'price'),
      ...inputsOf(layout, 'margin-evaluation'),
      ...inputsOf(layout, 'liquidation-execution'),
    ],
    processor: () => cascadeAnalyticsProcessor(settings),
  })
}
