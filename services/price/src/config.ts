import { Decimal } from '@sluice/domain/decimal'
import { sluiceSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'
import type { PriceSettings } from './settings.ts'
import { DEFAULT_PRICE_SETTINGS } from './settings.ts'

const defaults = DEFAULT_PRICE_SETTINGS

/** A fraction as plain decimal text, above 0: exact, unlike a number of YAML. */
function rate(fallback: Decimal, description: string) {
  return z
    .string()
    .regex(/^\d{1,3}(\.\d{1,9})?$/, 'write a fraction such as "0.05"')
    .refine(text => Number(text) > 0, 'must be above 0')
    .default(fallback.toFixed())
    .describe(description)
}

function whole(fallback: number, description: string) {
  return z.number().int().positive().default(fallback).describe(description)
}

/** The section `price`. All of it decides, and is hashed into the receipts. */
export const priceSection = z.strictObject({
  sourceSkewMaxMs: whole(
    defaults.sourceSkewMaxMs,
    "A source's own time may differ this much from its arrival [ms]",
  ),
  divergenceRateMax: rate(
    defaults.divergenceRateMax,
    'A mark further from the index than this fraction is divergent',
  ),
  liquidityChangeRate: z
    .number()
    .min(0)
    .default(defaults.liquidityChangeRate)
    .describe('A band of the book that changed by more than this fraction is published'),
  heartbeatIntervals: whole(
    defaults.heartbeatIntervals,
    'A mark that does not change is repeated after this many mark intervals',
  ),
})

/** Settings of a price process. */
export const priceConfig = sluiceSettings(9471, { price: priceSection })

/** What decides, from what was configured. */
export function priceSettingsOf(section: z.output<typeof priceSection>): PriceSettings {
  return { ...section, divergenceRateMax: new Decimal(section.divergenceRateMax) }
}
