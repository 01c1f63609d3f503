/** Reasons for which this service refuses an input that was decoded. */
export type PriceRefusal =
  | 'instrument_unknown'
  | 'source_unknown'
  | 'price_not_positive'
  | 'quantity_not_positive'
  | 'book_crossed'
  | 'book_unordered'
  | 'price_sources_invalid'
  | 'version_not_newer'
