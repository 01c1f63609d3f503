import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import type { Turn } from '@sluice/stream-runtime/processor'
import type { ExecutionSettings } from './settings.ts'
import type { Liquidation, State } from './state.ts'

export type ExecutionTurn = Turn<LiquidationExecutionEvent>

/** What a handler's parts work with. */
export interface Context {
  readonly state: State
  readonly settings: ExecutionSettings
  readonly turn: ExecutionTurn
}

/** The two fields that every event about a liquidation begins with. */
export function about(liquidation: Liquidation): {
  readonly liquidationId: string
  readonly scope: string
} {
  return { liquidationId: liquidation.id, scope: liquidation.scope }
}

/** Ids of causes, each once. */
export function causes(...ids: readonly string[]): readonly string[] {
  return ids.filter((id, place) => ids.indexOf(id) === place)
}

/** A request that is the event now being emitted: its id is the event's own. */
export function askedNow(turn: ExecutionTurn): {
  readonly requestId: string
  readonly askedAt: number
} {
  return { requestId: turn.nextEventId(), askedAt: turn.now }
}
