import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyLog } from '@sluice/audit/verify-log'
import type { ScenarioName } from '@sluice/exchange-simulator/scenarios'
import { runSimulation } from '@sluice/simulation/run-simulation'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { atLeast, figure, machine } from './figures.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const GOAL_RECORDS_PER_SECOND = 100_000

interface Size {
  readonly accounts: number
  readonly steps: number | null
}

/** Makes the code warm: an hour is a short log, and compiling would be a third of its time. */
const WARM_UP: Size = { accounts: 500, steps: 600 }

/** Records per second of verification, inputs and outputs, in a calm market and in a crash; one process, one core, warm. */
export async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const size: Size = quick ? { accounts: 500, steps: 300 } : { accounts: 10_000, steps: null }
  if (!quick) await verificationRate('flash-crash', WARM_UP)
  const calm = await verificationRate('calm', size)
  const crash = await verificationRate('flash-crash', size)
  return {
    name: 'replay',
    conditions: {
      ...machine(),
      accounts: size.accounts,
      warmUpSteps: quick ? 0 : (WARM_UP.steps ?? 0),
      calmRecords: calm.records,
      crashRecords: crash.records,
    },
    figures: [
      atLeast('verify, calm', calm.rate, { unit: 'records/s', goal: GOAL_RECORDS_PER_SECOND }),
      figure('verify, crash', crash.rate, 'records/s'),
    ],
  }
}

async function verificationRate(
  scenario: ScenarioName,
  { accounts, steps }: Size,
): Promise<{ rate: number; records: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  try {
    const given = {
      scenario,
      prices: [],
      accounts,
      seed: 1,
      policy: 'partial',
      evaluators: 1,
      steps,
    } as const
    await runSimulation({ arguments: given, series: [], directory })
    const log = openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })
    const records = log
      .partitions()
      .reduce((sum, partition) => sum + log.committedEnd(partition), 0)
    const started = performance.now()
    await verifyLog(log, { evaluators: 1 })
    const seconds = (performance.now() - started) / 1000
    await log.close()
    return { rate: records / seconds, records }
  } finally {
    await rm(directory, { recursive: true })
  }
}
