import { SCENARIOS } from '@sluice/exchange-simulator/scenarios'
import { z } from 'zod'

const PORT_MAX = 65_535
const [first = 'calm', ...others] = Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[]

/** Settings of `sluice run`. */
export const runSettingsSchema = z.strictObject({
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least level that is logged'),
  evaluators: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Partitions of accounts, each with an evaluation task; fixed for the life of a log'),
  log: z
    .strictObject({
      directory: z.string().min(1).describe('Directory of the embedded log, created if missing'),
    })
    .describe('The log'),
  metrics: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address of the metrics server'),
      port: z.int().min(0).max(PORT_MAX).default(9464).describe('Its port; 0: a free one'),
    })
    .prefault({})
    .describe('Metrics and health'),
  simulator: z
    .strictObject({
      scenario: z.enum([first, ...others]).describe('Built-in price path'),
      accounts: z.int().min(1).default(1000).describe('Accounts to generate'),
      seed: z.int().min(0).default(1).describe('Seed of everything random'),
      policy: z.enum(['partial', 'full']).default('partial').describe('Liquidation policy'),
      speed: z.number().positive().default(1).describe('Simulated seconds a second'),
    })
    .optional()
    .describe('Stands in for the exchange; without it the exchange writes to the log'),
})

export type RunSettings = z.output<typeof runSettingsSchema>
