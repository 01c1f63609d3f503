/** Why a liquidation waits. Several may hold at once; it goes on when none is left. */
export const PAUSE_REASONS = {
  instrument_halted: 'Trading in an instrument of the scope is halted.',
  kill_switch: 'A person stopped every liquidation.',
  no_answer: 'The venue did not answer in time; the request is repeated until it does.',
  no_liquidity: 'The side of the book that the slice would hit is empty or not known.',
  price_quality: 'The mark price of an instrument of the scope may not be trusted.',
  reference_missing: 'An instrument of the scope or its risk tiers are not known yet.',
  scope_held: 'A person holds this scope.',
  shadow_mode: 'Shadow mode: nothing is asked of the venue.',
  untrusted: 'What is known of the scope is incomplete, until its next good snapshot.',
} as const satisfies Record<string, string>

export type PauseReason = keyof typeof PAUSE_REASONS

/** Why a liquidation was called off before its first order. */
export const AVERT_REASONS = {
  policy_unknown: 'The policy version of the trigger did not arrive in time.',
  recovered: 'A newer statement shows the scope above its trigger.',
  shadow_over: 'In shadow mode: the time for which it is watched is up.',
  shadow_settled: 'In shadow mode: the ledger shows the scope restored or flat; the venue did it.',
  trigger_too_old: 'The statement of the trigger is older than the policy allows.',
  went_live: 'It was watched in shadow mode, which is over.',
} as const satisfies Record<string, string>

export type AvertReason = keyof typeof AVERT_REASONS

/** Why a liquidation needs a person. It goes on when its scope is released. */
export const HALT_REASONS = {
  loss_uncovered: 'Neither fund nor deleveraging nor loss sharing covers the loss.',
  orders_not_cancelled: 'The venue reports cancellations, and yet the orders stay open.',
  orders_rejected: 'The venue rejects order after order.',
} as const satisfies Record<string, string>

export type HaltReason = keyof typeof HALT_REASONS
