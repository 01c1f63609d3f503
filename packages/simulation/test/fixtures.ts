import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import type { SimulationArguments } from '../src/arguments.ts'
import { runSimulation, type SimulationOptions } from '../src/run-simulation.ts'
import { SHARP, SHARP_SERIES } from './sharp-crash.ts'

/** A small crash: enough liquidations to meet every stage, some seconds to run. */
export const SMALL: SimulationArguments = {
  scenario: 'flash-crash',
  prices: [],
  accounts: 150,
  seed: 7,
  policy: 'partial',
  evaluators: 1,
  steps: 780,
}

/** A directory of its own for one test, and its removal. */
export async function temporaryDirectory(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  return { path, remove: () => rm(path, { recursive: true }) }
}

export const simulate = (directory: string, options: Partial<SimulationOptions> = {}) =>
  runSimulation({ arguments: SMALL, series: [], directory, ...options })

/** The short one, see sharp-crash.ts. */
export const simulateSharp = (directory: string, options: Partial<SimulationOptions> = {}) =>
  runSimulation({ arguments: SHARP, series: SHARP_SERIES, directory, ...options })

/** Every record of a log as text, receipts included. */
export async function recordsOf(directory: string): Promise<string[]> {
  const log = openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })
  const records: string[] = []
  for (const partition of log.partitions()) {
    const all = await log.read(partition, 0, log.committedEnd(partition))
    for (const { offset, appendTime, value } of all) {
      records.push(
        `${partition.topic}-${partition.partition}@${offset} ${appendTime} ${Buffer.from(value).toString('base64')}`,
      )
    }
  }
  await log.close()
  return records
}
