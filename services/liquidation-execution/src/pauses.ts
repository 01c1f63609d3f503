import type { PriceQuality } from '@sluice/contracts/generated/events'
import { about } from './context.ts'
import type { Context } from './context.ts'
import { legOf } from './legs.ts'
import type { PauseReason } from './reasons.ts'
import type { Liquidation, State } from './state.ts'

const USABLE: ReadonlySet<PriceQuality> = new Set<PriceQuality>(['good', 'degraded'])

export function isUsable(quality: PriceQuality | undefined): boolean {
  return quality !== undefined && USABLE.has(quality)
}

/** Reasons to wait that follow from what is known, whatever the next step would be. */
export function standingReasons(state: State, liquidation: Liquidation): readonly PauseReason[] {
  const { scope, statement } = liquidation
  const instruments = statement.positions.map(position => position.instrument)
  const holds: Record<Exclude<PauseReason, 'no_liquidity'>, boolean> = {
    instrument_halted: instruments.some(name => state.halted.has(name)),
    kill_switch: state.killSwitch !== null,
    no_answer: liquidation.noAnswer,
    price_quality: instruments.some(name => !isUsable(state.marks.get(name)?.quality)),
    reference_missing: statement.positions.some(risk => legOf(state, risk) === undefined),
    scope_held: state.holds.has(scope),
    untrusted: state.untrusted.has(scope),
  }
  return PAUSE_ORDER.filter(reason => holds[reason])
}

const PAUSE_ORDER = [
  'instrument_halted',
  'kill_switch',
  'no_answer',
  'price_quality',
  'reference_missing',
  'scope_held',
  'untrusted',
] as const satisfies readonly PauseReason[]

/** Announces each reason that is new, and the going on when the last one is gone. */
export function announcePauses(
  { turn }: Context,
  liquidation: Liquidation,
  reasons: readonly PauseReason[],
): void {
  const before = liquidation.pauses
  for (const reason of reasons) {
    if (before.includes(reason)) continue
    turn.emit({ type: 'LiquidationPaused', ...about(liquidation), reason })
  }
  if (before.length > 0 && reasons.length === 0) {
    turn.emit({ type: 'LiquidationResumed', ...about(liquidation) })
  }
  liquidation.pauses = reasons
}

/** A person stopped it: nothing new is asked of the venue, and what works is cancelled. */
export function isStopped(reasons: readonly PauseReason[]): boolean {
  return reasons.includes('kill_switch') || reasons.includes('scope_held')
}
