import { SCENARIOS } from '@sluice/exchange-simulator/scenarios'
import { hostSettings, logSettings } from '@sluice/service-host/host-settings'
import { z } from 'zod'

const METRICS_PORT = 9464
const [first = 'calm', ...others] = Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[]

/** Settings of `sluice run`. */
export const runSettingsSchema = z.strictObject({
  ...hostSettings(METRICS_PORT),
  log: z.strictObject(logSettings).describe('The log'),
  simulator: z
    .strictObject({
      scenario: z.enum([first, ...others]).describe('Built-in price path'),
      accounts: z.int().min(1).default(1000).describe('Accounts to generate'),
      seed: z.int().min(0).default(1).describe('Seed of everything random'),
      policy: z.enum(['partial', 'full']).default('partial').describe('Liquidation policy'),
      speed: z.number().positive().default(1).describe('Simulated seconds a second'),
      alone: z
        .boolean()
        .default(false)
        .describe('The simulator only: the services run as processes of their own'),
    })
    .optional()
    .describe('Stands in for the exchange; without it the exchange writes to the log'),
})

export type RunSettings = z.output<typeof runSettingsSchema>
export type SimulatorSettings = NonNullable<RunSettings['simulator']>
