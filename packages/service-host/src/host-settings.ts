import { SettingsError } from '@sluice/config/settings-error'
import { z } from 'zod'
import { kafkaSettings, type KafkaSettings } from './kafka-settings.ts'

const PORT_MAX = 65_535
const EVALUATORS_MAX = 64
const EVERY_INPUTS = 100_000

const logSettings = z
  .strictObject({
    directory: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Directory of the embedded log, created if missing; it or the group kafka must be given',
      ),
    evaluators: z
      .int()
      .min(1)
      .max(EVALUATORS_MAX)
      .default(1)
      .describe(
        'Embedded log: partitions of accounts, each with a task of margin-evaluation; fixed for the life of a log',
      ),
    partition: z
      .int()
      .min(0)
      .optional()
      .describe(
        'Embedded log: the one task of margin-evaluation that this process runs; if nothing is said, all of them',
      ),
  })
  .refine(({ partition, evaluators }) => partition === undefined || partition < evaluators, {
    path: ['partition'],
    error: 'must be below log.evaluators: partitions are counted from 0',
  })
  .describe('The embedded log')

const metricsSettings = (port: number) =>
  z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address of the metrics server'),
      port: z.int().min(0).max(PORT_MAX).default(port).describe('Its port; 0: a free one'),
    })
    .describe('Metrics and health')

const snapshotSettings = z
  .strictObject({
    directory: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Where snapshots are kept beside the process; if nothing is said, beside the embedded log (its directory with -snapshots at the end), and on Kafka in the topic snapshots alone',
      ),
    everyInputs: z
      .int()
      .min(0)
      .default(EVERY_INPUTS)
      .describe('Inputs of a task between two snapshots; 0: none are taken or used'),
  })
  .describe('Snapshots')

/** Sections of `sluice.yaml` that belong to one process each; the others accept them as they are. */
const others = {
  price: z.looseObject({}).optional(),
  evaluation: z.looseObject({}).optional(),
  execution: z.looseObject({}).optional(),
  analytics: z.looseObject({}).optional(),
  simulator: z.looseObject({}).optional(),
  operations: z.looseObject({}).optional(),
}

/** What a host needs to know. */
export interface HostSettings {
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly log: {
    readonly directory?: string | undefined
    readonly evaluators: number
    readonly partition?: number | undefined
  }
  readonly kafka?: KafkaSettings | undefined
  readonly metrics: { readonly host: string; readonly port: number }
  readonly snapshots: { readonly directory?: string | undefined; readonly everyInputs: number }
}

/**
 * The settings of a process: those that all have, and the sections that are its own. One file serves every process, so the sections of
 * others may stand in it. `metricsPort` is the port when nobody says otherwise.
 */
export function sluiceSettings<Own extends z.ZodRawShape>(metricsPort: number, own: Own) {
  return z
    .strictObject({
      logLevel: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('Least level that is logged'),
      metrics: metricsSettings(metricsPort),
      snapshots: snapshotSettings,
      log: logSettings,
      kafka: kafkaSettings.optional(),
    })
    .extend(others)
    .extend(own)
    .refine(settings => placesOf(settings) > 0, {
      path: ['log', 'directory'],
      error: 'say where the log is: a directory for the embedded log, or the group kafka',
      when: () => true,
    })
    .refine(settings => placesOf(settings) < 2, {
      path: ['log', 'directory'],
      error: 'the log is on Kafka (group kafka) or in a directory, never both: remove one of them',
      when: () => true,
    })
}

/** Directory of the embedded log. @throws SettingsError where the log is on Kafka. */
export function directoryOf({ log }: HostSettings): string {
  if (log.directory !== undefined) return log.directory
  throw new SettingsError(['log.directory: this needs an embedded log, and the log is on Kafka'])
}

/** How many logs are named. Asked even of settings that are wrong otherwise, so that everything is said at once. */
function placesOf(settings: unknown): number {
  const directory = memberOf(memberOf(settings, 'log'), 'directory')
  return [directory, memberOf(settings, 'kafka')].filter(each => each !== undefined).length
}

const memberOf = (group: unknown, name: string): unknown =>
  typeof group === 'object' && group !== null ? Reflect.get(group, name) : undefined
