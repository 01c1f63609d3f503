import { isLiquidatable, marginRatio, type ValuedScope } from '@sluice/domain/margin'
import { leaveQueue, type StagedCatchUp } from './catch-up.ts'
import { exactValue, isEvaluable } from './evaluation.ts'
import { evaluate, liquidate } from './margin-calls.ts'
import { triggerRatioOf } from './overrides.ts'
import type { Policy } from './policy.ts'
import { HELD } from './scope-store.ts'
import type { MarginTurn, State } from './state.ts'

interface Candidate {
  readonly slot: number
  readonly scope: string
  readonly valued: ValuedScope
  /** −Infinity where nothing is required: what is owed cannot be worse */
  readonly ratio: number
}

/**
 * Triggers the next of those who queue: at the present prices the lowest margin ratio first, equal ones by scope. Whoever is above
 * water by now leaves; whoever is held or cannot be evaluated goes on waiting.
 */
export function onReleaseDue(state: State, turn: MarginTurn): void {
  const { catchUp, settings, policy } = state
  if (catchUp.releaseAt === null || catchUp.releaseAt > turn.now) return
  if (settings.catchUp === null) return
  if (policy !== null) release(state, { staged: settings.catchUp, policy, turn })
  catchUp.releaseAt = catchUp.queued.size === 0 ? null : turn.now + settings.catchUp.intervalMs
}

interface Release {
  readonly staged: StagedCatchUp
  readonly policy: Policy
  readonly turn: MarginTurn
}

function release(state: State, { staged, policy, turn }: Release): void {
  const candidates: Candidate[] = []
  for (const slot of state.catchUp.queued.ascending()) {
    if (state.scopes.hasFlag(slot, HELD) || !isEvaluable(state, slot)) continue
    const valued = exactValue(state, slot)
    if (isLiquidatable(valued.margin, triggerRatioOf(state, slot, policy)))
      candidates.push(candidateOf(state, slot, valued))
    else {
      leaveQueue(state, slot)
      evaluate(state, slot, turn)
    }
  }
  candidates.sort((a, b) => a.ratio - b.ratio || (a.scope < b.scope ? -1 : 1))
  const causes = [turn.inputId, state.catchUp.snapshotId]
  for (const { slot, valued } of candidates.slice(0, staged.scopesPerInterval)) {
    leaveQueue(state, slot)
    liquidate(state, slot, { policy, valued, turn, causes })
    state.watch.forget(slot)
  }
}

function candidateOf(state: State, slot: number, valued: ValuedScope): Candidate {
  const { equity, maintenanceMargin } = valued.margin
  const ratio = marginRatio(equity, maintenanceMargin)?.toNumber() ?? -Infinity
  return { slot, scope: state.scopes.id(slot), valued, ratio }
}
