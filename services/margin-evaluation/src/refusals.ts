import type { RefusalReason } from '@sluice/contracts/refusals'

/** Why an input is refused, and what to do. */
export interface Refusal {
  readonly reason: RefusalReason
  readonly detail: string
}
