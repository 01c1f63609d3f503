import { analyticsSection } from '@sluice/cascade-analytics/config'
import { cascadeAnalyticsService } from '@sluice/cascade-analytics/topology'
import { executionSection } from '@sluice/liquidation-execution/config'
import { liquidationExecutionService } from '@sluice/liquidation-execution/topology'
import { evaluationSection } from '@sluice/margin-evaluation/config'
import { marginEvaluationService } from '@sluice/margin-evaluation/topology'
import { priceSection, priceSettingsOf } from '@sluice/price/config'
import { priceService } from '@sluice/price/topology'
import type { ServiceName } from '@sluice/contracts/topics'
import type { Service } from '@sluice/service-host/service'
import type { z } from 'zod'

/** Names of the services, in the order of the way of a tick. */
export const SERVICES: readonly ServiceName[] = [
  'price',
  'margin-evaluation',
  'liquidation-execution',
  'cascade-analytics',
]

/** The sections of `sluice.yaml` that decide, one for each service. */
export const pipelineSections = {
  price: priceSection,
  evaluation: evaluationSection,
  execution: executionSection,
  analytics: analyticsSection,
}

/** What the services decide by, as it was configured. */
export type PipelineSettings = {
  readonly [Section in keyof typeof pipelineSections]: z.output<(typeof pipelineSections)[Section]>
}

const defaults = (): PipelineSettings => ({
  price: priceSection.parse({}),
  evaluation: evaluationSection.parse({}),
  execution: executionSection.parse({}),
  analytics: analyticsSection.parse({}),
})

/** The services, in the order of `SERVICES`. */
export function pipelineServices(settings: PipelineSettings = defaults()): readonly Service[] {
  return [
    priceService(priceSettingsOf(settings.price)),
    marginEvaluationService(settings.evaluation),
    liquidationExecutionService(settings.execution),
    cascadeAnalyticsService(settings.analytics),
  ]
}
