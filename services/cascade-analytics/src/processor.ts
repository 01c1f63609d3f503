import type { CascadeAnalyticsEvent } from '@sluice/contracts/generated/events'
import type { Processor } from '@sluice/stream-runtime/processor'
import { closeDue } from './cascades.ts'
import type { AnalyticsInput } from './handlers.ts'
import { evaluationHandlers, executionHandlers } from './liquidation-handlers.ts'
import { priceHandlers, publishIfDue, referenceHandlers } from './market-handlers.ts'
import type { AnalyticsSettings } from './settings.ts'
import { settingsText } from './settings.ts'
import { restoreFrom, snapshotOf } from './snapshot.ts'
import type { AnalyticsState } from './state.ts'
import { initialAnalyticsState, marketsByName } from './state.ts'

const LOGIC_VERSION = 1

/** The rules of the cascade analytics: what liquidations do to the price and to each other. They decide nothing. */
export function cascadeAnalyticsProcessor(
  settings: AnalyticsSettings,
): Processor<AnalyticsState, AnalyticsInput, CascadeAnalyticsEvent> {
  return {
    service: 'cascade-analytics',
    logicVersion: LOGIC_VERSION,
    settings: settingsText(settings),
    handlers: {
      ...referenceHandlers(),
      ...priceHandlers(settings),
      ...evaluationHandlers(settings),
      ...executionHandlers(settings),
    },
    initialState: initialAnalyticsState,
    nextDeadline: state => (state.deadline === Infinity ? null : state.deadline),
    onTick: (state, turn) => {
      for (const market of marketsByName(state)) {
        if (market.deadline > turn.now) continue
        closeDue(market, settings.gapMs, turn)
        publishIfDue(state, market, { settings, turn })
      }
    },
    // All inputs but reference data are our own events, which are never refused; a bad listing leaves the old one.
    onRefusedRecord: () => undefined,
    snapshot: snapshotOf,
    restore: restoreFrom,
  }
}
