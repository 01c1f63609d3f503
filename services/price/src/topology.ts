import type { PriceEvent } from '@sluice/contracts/generated/events'
import type { TaskDefinition } from '@sluice/stream-runtime/definition'
import type { StreamLog } from '@sluice/stream-runtime/log'
import type { PriceInput } from './handlers.ts'
import { priceProcessor } from './processor.ts'
import type { PriceSettings } from './settings.ts'
import { DEFAULT_PRICE_SETTINGS } from './settings.ts'
import type { PriceState } from './state.ts'

/**
 * The one price task. Rules come before the market they are for: what is listed in the same step as its first price is known
 * when the price is read.
 */
export function priceTask(
  log: StreamLog,
  settings: PriceSettings = DEFAULT_PRICE_SETTINGS,
): TaskDefinition<PriceState, PriceInput, PriceEvent> {
  return {
    processor: priceProcessor(settings),
    partition: 0,
    inputs: [
      { topic: 'operations', partition: 0, ours: false },
      { topic: 'reference-data', partition: 0, ours: false },
      { topic: 'market-data', partition: 0, ours: false },
    ],
    log,
  }
}
