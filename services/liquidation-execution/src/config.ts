import { sluiceSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'
import { DEFAULT_SETTINGS } from './settings.ts'

const defaults = DEFAULT_SETTINGS

function whole(fallback: number, description: string) {
  return z.number().int().positive().default(fallback).describe(description)
}

/** The section `execution`. All of it decides, and is hashed into the receipts. */
export const executionSection = z.strictObject({
  endedRemembered: whole(
    defaults.endedRemembered,
    'Liquidations that are over and whose late fills are still recognised',
  ),
  parkMs: whole(defaults.parkMs, 'How long a trigger waits for its policy [ms]'),
  rejectionsMax: whole(
    defaults.rejectionsMax,
    'Orders rejected in a row before a liquidation needs a person',
  ),
  cancellationsMax: whole(
    defaults.cancellationsMax,
    'Cancellations in a row that leave orders open before a liquidation needs a person',
  ),
  startsIn: z
    .enum(['live', 'shadow'])
    .default(defaults.startsIn)
    .describe('Mode until a person changes it; in shadow nothing is asked of the venue'),
  shadowMs: whole(
    defaults.shadowMs,
    "How long a liquidation in shadow mode watches for the venue's own [ms]",
  ),
})

/** Settings of a process of liquidation-execution. */
export const executionConfig = sluiceSettings(9473, { execution: executionSection })
