import { z } from 'zod'

const PORT_MAX = 65_535
const EVALUATORS_MAX = 64
const EVERY_INPUTS = 100_000

/** Settings of the log, the same for every process that works on it. */
export const logSettings = {
  directory: z.string().min(1).describe('Directory of the embedded log, created if missing'),
  evaluators: z
    .int()
    .min(1)
    .max(EVALUATORS_MAX)
    .default(1)
    .describe(
      'Partitions of accounts, each with a task of margin-evaluation; fixed for the life of a log',
    ),
}

/** Settings that every process has beside those of its tasks. `metricsPort` is the port when nobody says otherwise. */
export const hostSettings = (metricsPort: number) => ({
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged'),
  metrics: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address of the metrics server'),
      port: z.int().min(0).max(PORT_MAX).default(metricsPort).describe('Its port; 0: a free one'),
    })
    .describe('Metrics and health'),
  snapshots: z
    .strictObject({
      directory: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Where snapshots are kept; if nothing is said, beside the log: its directory with -snapshots at the end',
        ),
      everyInputs: z
        .int()
        .min(0)
        .default(EVERY_INPUTS)
        .describe('Inputs of a task between two snapshots; 0: none are taken or used'),
    })
    .describe('Snapshots'),
})

/** What a host needs to know. */
export interface HostSettings {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly log: { readonly directory: string; readonly evaluators: number }
  readonly metrics: { readonly host: string; readonly port: number }
  readonly snapshots: {
    readonly directory?: string | undefined
    readonly everyInputs: number
  }
}
