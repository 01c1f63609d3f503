import type { PriceQuality } from '@sluice/contracts/generated/events'
import { about } from './context.ts'
import type { Context } from './context.ts'
import { isKnown } from './legs.ts'
import type { PauseReason } from './reasons.ts'
import type { Liquidation, State } from './state.ts'

const USABLE: ReadonlySet<PriceQuality> = new Set<PriceQuality>(['good', 'degraded'])

export function isUsable(quality: PriceQuality | undefined): boolean {
  return quality !== undefined && USABLE.has(quality)
}

const NONE: readonly PauseReason[] = []

/** Reasons to wait that follow from what is known, whatever the next step would be. Sorted. Asked for every input, and mostly none. */
export function standingReasons(state: State, liquidation: Liquidation): readonly PauseReason[] {
  const { scope, statement } = liquidation
  const { positions } = statement
  let isHalted = false
  let isUnpriced = false
  let isMissing = false
  for (const { instrument } of positions) {
    isHalted ||= state.halted.has(instrument)
    isUnpriced ||= !isUsable(state.marks.get(instrument)?.quality)
    isMissing ||= !isKnown(state, instrument)
  }
  const reasons: PauseReason[] = []
  if (isHalted) reasons.push('instrument_halted')
  if (state.killSwitch !== null) reasons.push('kill_switch')
  if (liquidation.noAnswer) reasons.push('no_answer')
  if (isUnpriced) reasons.push('price_quality')
  if (isMissing) reasons.push('reference_missing')
  if (state.holds.has(scope)) reasons.push('scope_held')
  if (state.mode === 'shadow') reasons.push('shadow_mode')
  if (state.untrusted.has(scope)) reasons.push('untrusted')
  return reasons.length === 0 ? NONE : reasons
}

/** Announces each reason that is new, and the going on when the last one is gone. */
export function announcePauses(
  { turn }: Context,
  liquidation: Liquidation,
  reasons: readonly PauseReason[],
): void {
  const before = liquidation.pauses
  if (before.length === 0 && reasons.length === 0) return
  for (const reason of reasons) {
    if (before.includes(reason)) continue
    turn.emit({ type: 'LiquidationPaused', ...about(liquidation), reason })
  }
  if (before.length > 0 && reasons.length === 0) {
    turn.emit({ type: 'LiquidationResumed', ...about(liquidation) })
  }
  liquidation.pauses = reasons
}

const STOPPING: ReadonlySet<PauseReason> = new Set(['kill_switch', 'scope_held', 'shadow_mode'])

/** A person stopped it: nothing new is asked of the venue, and what works is cancelled. */
export function isStopped(reasons: readonly PauseReason[]): boolean {
  return reasons.some(reason => STOPPING.has(reason))
}
