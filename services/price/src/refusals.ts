import type { RefusalReason } from '@sluice/contracts/refusals'

/** Reasons for which this service refuses an input that was decoded. */
export type PriceRefusal = Extract<
  RefusalReason,
  | 'book_unsound'
  | 'instrument_unknown'
  | 'number_out_of_range'
  | 'source_unknown'
  | 'sources_unsound'
  | 'version_behind'
>
