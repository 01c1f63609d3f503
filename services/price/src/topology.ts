import { inputsOf } from '@sluice/service-host/layout'
import { serviceOf, type Service } from '@sluice/service-host/service'
import { priceProcessor } from './processor.ts'
import type { PriceSettings } from './settings.ts'
import { DEFAULT_PRICE_SETTINGS } from './settings.ts'

/**
 * The price service: one task. Rules come before the market they are for: what is listed in the same step as its first price is known
 * when the price is read.
 */
export function priceService(settings: PriceSettings = DEFAULT_PRICE_SETTINGS): Service {
  return serviceOf({
    name: 'price',
    inputs: layout => [
      ...inputsOf(layout, 'operations'),
      ...inputsOf(layout, 'reference-data'),
      ...inputsOf(layout, 'market-data'),
    ],
    processor: () => priceProcessor(settings),
  })
}
