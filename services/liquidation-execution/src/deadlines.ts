import TinyQueue from 'tinyqueue'
import type { Liquidation } from './state.ts'

/** A moment at which a liquidation wants to be looked at. Entries go stale; the liquidation's own `deadline` is the truth. */
export interface DeadlineEntry {
  readonly time: number
  readonly liquidation: Liquidation
}

export type Deadlines = TinyQueue<DeadlineEntry>

export function newDeadlines(): Deadlines {
  return new TinyQueue<DeadlineEntry>([], byTimeThenScope)
}

function byTimeThenScope(a: DeadlineEntry, b: DeadlineEntry): number {
  if (a.time !== b.time) return a.time - b.time
  const { scope } = a.liquidation
  return scope < b.liquidation.scope ? -1 : Number(scope > b.liquidation.scope)
}
