import { hostSettings, logSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'
import type { AnalyticsSettings } from './settings.ts'
import { DEFAULT_ANALYTICS_SETTINGS } from './settings.ts'

const defaults = DEFAULT_ANALYTICS_SETTINGS

function milliseconds(fallback: number, description: string) {
  return z.number().int().positive().default(fallback).describe(`${description} [ms]`)
}

/** Settings of a process of cascade-analytics. Everything under `analytics` is hashed into the receipts. */
export const analyticsConfig = z.strictObject({
  ...hostSettings(9474),
  log: z.strictObject(logSettings),
  analytics: z.strictObject({
    gapMs: milliseconds(defaults.gapMs, 'A forced reduction later than this opens a new cascade'),
    lineageWindowMs: milliseconds(
      defaults.lineageWindowMs,
      'How far back before a trigger forced trades may have moved the price',
    ),
    heatMapIntervalMs: milliseconds(
      defaults.heatMapIntervalMs,
      'Heat maps of one instrument are at least this far apart',
    ),
    shockRate: z
      .number()
      .gt(0)
      .lt(1)
      .default(defaults.shockRate)
      .describe('The shock that is projected, as a fraction'),
    liquidatedFraction: z
      .number()
      .gt(0)
      .max(1)
      .default(defaults.liquidatedFraction)
      .describe('Part of a liquidating position that is really traded'),
  }),
})

/** The settings of the processor, from what was configured. */
export function analyticsSettingsOf(config: z.output<typeof analyticsConfig>): AnalyticsSettings {
  return config.analytics
}
