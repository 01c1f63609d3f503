import type { State } from './state.ts'

/** Whether this execution of the venue was applied before, to a liquidation that runs or to one that is over. */
export function isRepeat(
  state: State,
  report: { readonly scope: string; readonly executionId: string },
): boolean {
  const running = state.liquidations.get(report.scope)
  if (running?.executions.has(report.executionId) === true) return true
  return state.endedExecutions.has(report.executionId)
}
