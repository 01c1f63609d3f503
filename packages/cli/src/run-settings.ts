import { loadSettings } from '@sluice/config/load-settings'
import { SCENARIOS } from '@sluice/exchange-simulator/scenarios'
import { APPROVABLE } from '@sluice/pipeline/operate'
import { pipelineSections } from '@sluice/pipeline/services'
import { sluiceSettings } from '@sluice/service-host/host-settings'
import { SETTINGS_PREFIX } from '@sluice/service-host/run-main'
import { z } from 'zod'

const METRICS_PORT = 9464
const [first = 'calm', ...others] = Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[]

const simulatorSection = z
  .strictObject({
    scenario: z.enum([first, ...others]).describe('Built-in price path'),
    accounts: z.int().min(1).default(1000).describe('Accounts to generate'),
    seed: z.int().min(0).default(1).describe('Seed of everything random'),
    policy: z.enum(['partial', 'full']).default('partial').describe('Liquidation policy'),
    speed: z.number().positive().default(1).describe('Simulated seconds a second'),
    steps: z.int().min(1).optional().describe('Steps of the path; if nothing is said, all of it'),
    alone: z
      .boolean()
      .default(false)
      .describe('The simulator only: the services run as processes of their own'),
    report: z
      .string()
      .min(1)
      .optional()
      .describe("Alone: file for the venue's own account of what happened, written at the end"),
  })
  .describe('Stands in for the exchange; without it the exchange writes to the log')

const operationsSection = z
  .strictObject({
    approved: z
      .array(z.enum(APPROVABLE))
      .default([])
      .describe('Decisions that `sluice ops` writes only with a second approver'),
  })
  .prefault({})
  .describe('What people decide')

/** All of `sluice.yaml`, as every command reads it. */
export const runSettingsSchema = sluiceSettings(METRICS_PORT, {
  ...pipelineSections,
  simulator: simulatorSection.optional(),
  operations: operationsSection,
})

export type RunSettings = z.output<typeof runSettingsSchema>
export type SimulatorSettings = z.output<typeof simulatorSection>

/** The settings from a file and the environment. @throws SettingsError */
export function loadRunSettings(file: string | undefined): RunSettings {
  return loadSettings(runSettingsSchema, {
    ...(file === undefined ? {} : { file }),
    environment: process.env,
    prefix: SETTINGS_PREFIX,
  })
}
