import { hostSettings, logSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'
import { DEFAULT_SETTINGS, type Settings } from './settings.ts'

const defaults = DEFAULT_SETTINGS

/** Settings of a process of margin-evaluation. Everything under `evaluation` decides, and is hashed into the receipts. */
export const evaluationConfig = z.strictObject({
  ...hostSettings(9472),
  log: z
    .strictObject({
      ...logSettings,
      partition: z
        .int()
        .min(0)
        .default(0)
        .describe('Partition of accounts that this task evaluates'),
    })
    .refine(({ partition, evaluators }) => partition < evaluators, {
      path: ['partition'],
      error: 'must be below log.evaluators: partitions are counted from 0',
    }),
  evaluation: z.strictObject({
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
  }),
})

/** What decides, from what was configured. */
export function evaluationSettingsOf({ evaluation }: z.output<typeof evaluationConfig>): Settings {
  return evaluation
}
