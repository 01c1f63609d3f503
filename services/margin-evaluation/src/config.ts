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
})

/** Settings of a process of margin-evaluation. */
export const evaluationConfig = sluiceSettings(9472, { evaluation: evaluationSection })
