/** What this service is told. Times in milliseconds, rates as fractions; floats, since nothing is decided by them. */
export interface AnalyticsSettings {
  /** A forced reduction later than this after the one before opens a new cascade. */
  readonly gapMs: number
  /** How far back before a trigger forced trades may have been what moved the price. */
  readonly lineageWindowMs: number
  /** Heat maps of one instrument are at least this far apart. */
  readonly heatMapIntervalMs: number
  /** The shock that is projected. */
  readonly shockRate: number
  /** Part of a liquidating position that is really traded: 1 for full liquidation, less for partial. */
  readonly liquidatedFraction: number
}

export const DEFAULT_ANALYTICS_SETTINGS: AnalyticsSettings = {
  gapMs: 5_000,
  lineageWindowMs: 30_000,
  heatMapIntervalMs: 5_000,
  shockRate: 0.02,
  liquidatedFraction: 1,
}

/** The settings as one line of text, the same for equal settings: hashed into every receipt. */
export function settingsText(settings: AnalyticsSettings): string {
  const { gapMs, lineageWindowMs, heatMapIntervalMs, shockRate, liquidatedFraction } = settings
  return JSON.stringify({
    gapMs,
    lineageWindowMs,
    heatMapIntervalMs,
    shockRate,
    liquidatedFraction,
  })
}
