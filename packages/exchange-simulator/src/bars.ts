/** One bar of a price series [settlement currency]. */
export interface Bar {
  /** Milliseconds since the epoch */
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  /** No trade in it: its source says nothing while it lasts */
  readonly silent: boolean
}

/** The layouts that can be read. */
export type PriceFormat = 'binance-kline' | 'binance-mark-kline' | 'bitmex-bars' | 'panel'

/** A checked, gapless series of equally long bars. */
export interface PriceSeries {
  readonly symbol: string
  readonly format: PriceFormat
  readonly file: string
  readonly barMs: number
  readonly bars: readonly Bar[]
}
