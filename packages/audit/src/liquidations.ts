import type { LiquidationMode, LiquidationOutcome } from '@sluice/contracts/generated/events'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { eventsOf } from './log-events.ts'

/** One liquidation in a list. `outcome` is null while it is under way or halted. */
export interface LiquidationSummary {
  readonly id: string
  readonly scope: string
  readonly mode: LiquidationMode
  readonly startedAt: number
  readonly endedAt: number | null
  readonly outcome: LiquidationOutcome | null
  readonly slices: number
  readonly reducedNotional: string
}

/** Every liquidation in the log, in the order in which they started. */
export async function listLiquidations(log: StreamLog): Promise<LiquidationSummary[]> {
  const found = new Map<string, LiquidationSummary>()
  for await (const { event } of eventsOf(log, 'liquidation-execution', 0)) {
    if (event.type === 'LiquidationStarted') {
      const { liquidationId: id, scope, mode } = event
      const startedAt = event.meta.time
      found.set(id, {
        id,
        scope,
        mode,
        startedAt,
        endedAt: null,
        outcome: null,
        slices: 0,
        reducedNotional: '0',
      })
    } else if (event.type === 'LiquidationCompleted') {
      const { outcome, slices } = event
      const reducedNotional = event.reducedNotional.toFixed()
      update(found, event.liquidationId, {
        endedAt: event.meta.time,
        outcome,
        slices,
        reducedNotional,
      })
    } else if (event.type === 'LiquidationAverted') {
      update(found, event.liquidationId, { endedAt: event.meta.time, outcome: 'averted' })
    }
  }
  return [...found.values()]
}

function update(
  found: Map<string, LiquidationSummary>,
  id: string,
  changes: Partial<LiquidationSummary>,
): void {
  const known = found.get(id)
  if (known !== undefined) found.set(id, { ...known, ...changes })
}
