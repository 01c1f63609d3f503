import { loadSettings } from '@sluice/config/load-settings'
import type { z } from 'zod'
import { exitCodeOf, EXIT } from './exit-codes.ts'
import { hostProcess, type HostProcess } from './host-process.ts'
import type { HostSettings } from './host-settings.ts'

/** First word of every environment variable of ours. */
export const SETTINGS_PREFIX = 'SLUICE'

export interface MainOptions<Schema extends z.ZodType<HostSettings>> {
  readonly name: string
  readonly schema: Schema
  /** Path of a YAML file of settings. */
  readonly file: string | undefined
}

/** Aborts at the first SIGTERM or SIGINT; a second one ends the process as usual. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort())
  return stop.signal
}

/**
 * The whole of a service's `main.ts`: settings from file and environment, signals, a host, and an exit code that says how it ended
 * (see `exit-codes.ts`), with the reason on standard error.
 */
export async function runMain<Schema extends z.ZodType<HostSettings>>(
  { name, schema, file }: MainOptions<Schema>,
  work: (host: HostProcess, settings: z.output<Schema>) => Promise<unknown>,
): Promise<void> {
  try {
    const sources = { environment: process.env, prefix: SETTINGS_PREFIX }
    const settings = loadSettings(schema, file === undefined ? sources : { ...sources, file })
    const signal = stopSignal()
    await hostProcess({ name, settings, signal }, host => work(host, settings))
  } catch (error) {
    process.exitCode = exitCodeOf(error)
    process.stderr.write(`${name}: ${textOf(error, process.exitCode)}\n`)
  }
}

/** What a person needs: what to do in words; for a fault of the program also where it happened. */
function textOf(error: unknown, code: number): string {
  if (!(error instanceof Error)) return String(error)
  return code === EXIT.fault ? (error.stack ?? error.message) : error.message
}
