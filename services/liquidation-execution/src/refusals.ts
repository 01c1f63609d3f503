/** Reasons for which this service refuses an input of its own accord. */
export const EXECUTION_REFUSALS = {
  instrument_unknown: 'The record names an instrument that is not listed.',
  intervention_expired: 'The intervention had lapsed when it arrived.',
  liquidation_in_flight: 'The scope of the trigger is in another liquidation, which comes first.',
  order_unknown: 'The report is about an order that is not ours, or was forgotten long after its end.',
  policy_invalid: 'A number of the policy cannot be acted on.',
  request_unknown: 'The report answers nothing that is open.',
  tiers_invalid: 'The risk tiers have a gap, an overlap or a jump; the table before stays.',
  version_not_newer: 'A record of this version or a newer one is in force.',
} as const satisfies Record<string, string>

export type ExecutionRefusal = keyof typeof EXECUTION_REFUSALS
