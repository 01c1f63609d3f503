/**
 * Reasons for which an input is refused, each with what it means. A refusal never stops a task: nothing of the input is
 * applied, `InputRefused` says so, and the task goes on. `docs/reference/refusals.md` is made from this table.
 */
export const REFUSALS = {
  header_missing: 'The record is shorter than the 5-byte header, or its first byte is not 0.',
  schema_unknown: 'The header names a schema id that this version does not know.',
  event_misplaced: 'The event is a good one, but does not belong on this topic.',
  bytes_truncated: 'The record ends before its schema does.',
  bytes_trailing: 'The record goes on after its schema has ended.',
  bytes_malformed:
    'A union branch, enum symbol or array length in the record does not exist or cannot be.',
  text_not_utf8: 'A text is not valid UTF-8.',
  number_out_of_range: 'A number breaks the limit that its schema states.',
  quantity_negative: 'A number that counts or measures is below zero.',
  decimal_too_long: 'A decimal has more digits than its schema allows.',
} as const satisfies Record<string, string>

export type RefusalReason = keyof typeof REFUSALS

/** The refusals that the codec itself finds. */
export type DecodingReason = Extract<
  RefusalReason,
  | 'header_missing'
  | 'event_misplaced'
  | 'schema_unknown'
  | `bytes_${string}`
  | 'text_not_utf8'
  | 'number_out_of_range'
  | 'quantity_negative'
  | 'decimal_too_long'
>
