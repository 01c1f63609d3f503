import type { OperatingMode } from '@sluice/contracts/generated/events'

/** What decides beside the policy. Part of every receipt's settings hash. */
export interface ExecutionSettings {
  /** Evaluator tasks that answer a request for deleveraging candidates. */
  readonly evaluators: number
  /** Ended liquidations whose orders and executions are remembered, so that a late fill finds its liquidation. */
  readonly endedRemembered: number
  /** How long a trigger waits for its policy [ms]. */
  readonly parkMs: number
  /** Orders rejected in a row before a person is needed. */
  readonly rejectionsMax: number
  /** Cancellations in a row that leave orders open before a person is needed. */
  readonly cancellationsMax: number
  /** Mode until a person changes it: live, or shadow, in which nothing is asked of the venue. */
  readonly startsIn: OperatingMode
  /** How long a liquidation in shadow mode watches for the venue's own [ms]. */
  readonly shadowMs: number
}

export const DEFAULT_SETTINGS: ExecutionSettings = {
  evaluators: 1,
  endedRemembered: 10_000,
  parkMs: 5_000,
  rejectionsMax: 10,
  cancellationsMax: 3,
  startsIn: 'live',
  shadowMs: 60_000,
}

/** The settings as canonical text: the same settings, the same text. */
export function settingsText(settings: ExecutionSettings): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))
}
