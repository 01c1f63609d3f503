import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LiquidationMode } from '@sluice/contracts/generated/events'
import { runSimulation } from '@sluice/simulation/run-simulation'
import type { SimulationSummary } from '@sluice/simulation/summary'
import { Command, Option } from 'commander'
import { Output, type OutputOptions } from '../output.ts'
import {
  readMarket,
  seedOption,
  withMarketOptions,
  type MarketOptions,
} from '../simulation-options.ts'
import { verifyDirectory } from '../verify-directory.ts'

interface SimulateOptions extends MarketOptions, OutputOptions {
  readonly seed: number
  readonly policy: LiquidationMode
  readonly out?: string
  readonly resume: boolean
  readonly verify: boolean
}

/** What simulating left, and that it was verified if that was asked for. */
export type SimulateResult = SimulationSummary & { readonly verified?: true }

const ACCOUNTS = 20_000
/** Of the time of a simulation and its verification, about what the first takes. */
const SIMULATION_PART = 0.65

/** `sluice simulate` */
export function simulateCommand(): Command {
  const command = new Command('simulate').description(
    'run the exchange simulator and the four services over a price path; same arguments, same bytes',
  )
  return withMarketOptions(command, { accounts: ACCOUNTS })
    .addOption(seedOption())
    .addOption(
      new Option('--policy <mode>', 'liquidation policy')
        .choices(['partial', 'full'])
        .default('partial'),
    )
    .option('--out <directory>', 'where the log is left; without it the log is thrown away')
    .option('--resume', 'go on with a simulation of the same arguments that was interrupted', false)
    .option(
      '--verify',
      'replay everything afterwards and compare it; exit 3 if it is not sound',
      false,
    )
    .action(async (options: SimulateOptions) => {
      const output = new Output(options)
      const summary = await inDirectory(options.out, directory =>
        simulate(options, directory, output),
      )
      output.result(summary, () => renderSummary(summary))
    })
}

async function simulate(
  options: SimulateOptions,
  directory: string,
  output: Output,
): Promise<SimulateResult> {
  const { accounts, seed, policy, evaluators, steps = null, resume } = options
  const { series, ...market } = readMarket(options)
  const progress = output.progress('simulate', 1)
  const part = options.verify ? SIMULATION_PART : 1
  const { summary } = await runSimulation({
    arguments: { ...market, accounts, seed, policy, evaluators, steps },
    series,
    directory,
    resume,
    onStep: (step, total, time) =>
      progress.update((part * step) / total, new Date(time).toISOString()),
  })
  if (options.verify) {
    const onProgress = (done: number): void => progress.update(part + (1 - part) * done, 'verify')
    await verifyDirectory(directory, { workers: 1, onProgress })
  }
  progress.stop()
  return options.verify ? { ...summary, verified: true } : summary
}

async function inDirectory<Result>(
  given: string | undefined,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  if (given !== undefined) return use(given)
  const directory = await mkdtemp(join(tmpdir(), 'sluice-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** One line: what came of it. */
export function renderSummary(summary: SimulateResult): string {
  return Object.entries(summary)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')
}
