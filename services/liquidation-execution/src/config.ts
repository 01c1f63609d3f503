import { hostSettings, logSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'
import type { ExecutionSettings } from './settings.ts'
import { DEFAULT_SETTINGS } from './settings.ts'

const defaults = DEFAULT_SETTINGS

function whole(fallback: number, description: string) {
  return z.number().int().positive().default(fallback).describe(description)
}

/** Settings of a process of liquidation-execution. Everything under `execution` decides, and is hashed into the receipts. */
export const executionConfig = z.strictObject({
  ...hostSettings(9473),
  log: z.strictObject(logSettings),
  execution: z.strictObject({
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
  }),
})

/** What decides, from what was configured. */
export function executionSettingsOf({
  log,
  execution,
}: z.output<typeof executionConfig>): ExecutionSettings {
  return { evaluators: log.evaluators, ...execution }
}
