import { sluiceSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'
import { DEFAULT_SETTINGS } from './settings.ts'

const defaults = DEFAULT_SETTINGS

/** The section `evaluation`. All of it decides, and is hashed into the receipts. */
export const evaluationSection = z.strictObject({
  policy: z
    .string()
    .min(1)
    .nullable()
    .default(defaults.policy)
    .describe('Liquidation policy followed; null: the one set last, whatever its name'),
  requireSnapshot: z
    .boolean()
    .default(defaults.requireSnapshot)
    .describe('No status and no trigger before SnapshotCompleted has been read'),
  parkMsWithoutPolicy: z
    .number()
    .int()
    .min(0)
    .default(defaults.parkMsWithoutPolicy)
    .describe('How long a record waits for its instrument while no policy is known [ms]'),
  profileBinWidth: z
    .number()
    .positive()
    .default(defaults.profileBinWidth)
    .describe('Width of a bin of the liquidation profile, in log price'),
  catchUp: z
    .strictObject({
      scopesPerInterval: z.int().min(1).describe('Scopes released at a time, the worst first'),
      intervalMs: z.int().min(1).describe('Time between two releases [ms]'),
    })
    .nullable()
    .default(defaults.catchUp)
    .describe(
      'How scopes under water in the first snapshot are triggered: a few at a time; null: all at once',
    ),
})

/** Settings of a process of margin-evaluation. */
export const evaluationConfig = sluiceSettings(9472, { evaluation: evaluationSection })
