import { sluiceSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'
import { DEFAULT_ANALYTICS_SETTINGS } from './settings.ts'

const defaults = DEFAULT_ANALYTICS_SETTINGS

function milliseconds(fallback: number, description: string) {
  return z.number().int().positive().default(fallback).describe(`${description} [ms]`)
}

/** The section `analytics`. All of it is hashed into the receipts. */
export const analyticsSection = z.strictObject({
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
})

/** Settings of a process of cascade-analytics. */
export const analyticsConfig = sluiceSettings(9474, { analytics: analyticsSection })
