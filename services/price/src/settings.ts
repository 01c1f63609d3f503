import { Decimal } from '@sluice/domain/decimal'

/** What decides, apart from the venue's own records. Rates are fractions, times are milliseconds. */
export interface PriceSettings {
  /** A source whose own time is further than this from its arrival lowers the quality to degraded. */
  readonly sourceSkewMaxMs: number
  /** A mark further than this from the index is divergent. */
  readonly divergenceRateMax: Decimal
  /** A change of visible lots in any band above this is worth an event, with the best prices unmoved. */
  readonly liquidityChangeRate: number
  /** A mark that does not change is repeated after this many mark intervals. */
  readonly heartbeatIntervals: number
}

export const DEFAULT_PRICE_SETTINGS: PriceSettings = {
  sourceSkewMaxMs: 5_000,
  divergenceRateMax: new Decimal('0.05'),
  liquidityChangeRate: 0.05,
  heartbeatIntervals: 10,
}

/** The settings as one line of text, the same for equal settings: hashed into every receipt. */
export function settingsText(settings: PriceSettings): string {
  return JSON.stringify({
    sourceSkewMaxMs: settings.sourceSkewMaxMs,
    divergenceRateMax: settings.divergenceRateMax.toFixed(),
    liquidityChangeRate: settings.liquidityChangeRate,
    heartbeatIntervals: settings.heartbeatIntervals,
  })
}
