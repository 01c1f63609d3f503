/**
 * Reasons for which an input is refused, each with what it means. A refusal never stops a task: nothing of the input is
 * applied, `InputRefused` says so, and the task goes on. `docs/reference/refusals.md` is made from this table.
 */
export const REFUSALS = {
  header_missing: 'The record is shorter than the 5-byte header, or its first byte is not 0.',
  record_too_large: 'Key and value are larger together than any event that is meant to be sent.',
  schema_unknown: 'The header names a schema id that this version does not know.',
  event_misplaced: 'The event is a good one, but does not belong on this topic.',
  bytes_truncated: 'The record ends before its schema does.',
  bytes_trailing: 'The record goes on after its schema has ended.',
  bytes_malformed:
    'A union branch, enum symbol or length in the record does not exist or cannot be.',
  text_not_utf8: 'A text is not valid UTF-8.',
  number_out_of_range: 'A number breaks the limit that its schema states.',
  quantity_negative: 'A number that counts or measures is below zero.',
  decimal_too_long: 'A decimal has more digits than its schema allows.',
  json_malformed: 'The record is not JSON.',
  json_unfit:
    'The record is JSON, but does not fit the schema of its event or the mapping of its format.',
  message_unknown:
    'The format has no such message: neither one to be read nor one to be passed over.',
  symbol_unknown: 'The symbol is not in the table of instruments of the format.',
  number_inexact: 'A price is not a whole number of ticks, or a quantity of lots.',

  version_behind: 'A reference record is not newer than the one in force.',
  listing_unsound:
    "An instrument's record contradicts itself, or would make its prices or sizes inexact.",
  tiers_unsound: 'Risk tiers have a gap, overlap, are out of order or not continuous.',
  policy_unsound: 'A liquidation policy contradicts itself or has a rate out of range.',
  sources_unsound: 'The price sources of an instrument cannot give an index.',
  instrument_unknown:
    'The instrument is not listed, or was not listed within the time a record is parked.',
  source_unknown: "The source is not one of the instrument's price sources.",
  pool_unknown: 'No such insurance pool.',
  policy_unknown: 'No such policy.',
  currency_mismatch: 'Money in another currency than the scope, pool or instrument settles in.',
  book_unsound: 'Book levels are out of order, or bid and ask cross.',

  ledger_sequence_gap: 'A change does not follow the last one known: something between is missing.',
  ledger_sequence_behind: 'The account record is older than what is known.',
  position_unsound: 'A position is zero, stands twice, or has an entry cost of the wrong sign.',
  scope_unknown: 'No such scope.',
  ledger_sequence_conflict: 'Two account records of one ledger sequence differ.',
  position_outside_scope: 'An isolated scope has a position in another instrument.',
  money_out_of_range: 'An amount of money is larger or finer than the state of a task holds.',
  account_not_flat: 'An account was closed that has positions or is in liquidation.',

  order_unknown: 'No order of ours has this client order id.',
  request_unknown: 'No request of ours has this id.',
  liquidation_unknown: 'No liquidation has this id.',
  fill_beyond_order: 'More was filled than was ordered.',
  liquidation_in_flight: 'The scope is being liquidated already.',
  snapshot_incomplete:
    'A snapshot of all scopes does not have the scopes that it says: nothing is triggered before one that does.',
  intervention_expired: 'What a person decided had lapsed when it arrived.',
  approver_is_actor: 'The second approver is the person who decided.',
} as const satisfies Record<string, string>

export type RefusalReason = keyof typeof REFUSALS

/** The refusals that the codec itself finds. */
export type DecodingReason = Extract<
  RefusalReason,
  | 'header_missing'
  | 'record_too_large'
  | 'schema_unknown'
  | 'event_misplaced'
  | `bytes_${string}`
  | 'text_not_utf8'
  | 'number_out_of_range'
  | 'quantity_negative'
  | 'decimal_too_long'
  | `json_${string}`
  | 'message_unknown'
  | 'symbol_unknown'
  | 'number_inexact'
>
