import type { RefusalReason } from '@sluice/contracts/refusals'

/** Reasons for which this service refuses an input that was decoded. */
export type ExecutionRefusal = Extract<
  RefusalReason,
  | 'instrument_unknown'
  | 'approver_is_actor'
  | 'intervention_expired'
  | 'liquidation_in_flight'
  | 'order_unknown'
  | 'policy_unsound'
  | 'request_unknown'
  | 'tiers_unsound'
  | 'version_behind'
>

/** Who says no. */
interface Refuser {
  refuse(reason: string, detail: string): void
}

/** Refuses the input for a reason of the closed list. */
export function refuse(turn: Refuser, reason: ExecutionRefusal, detail: string): void {
  turn.refuse(reason, detail)
}
