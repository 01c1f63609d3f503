import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { seriesOf } from '@sluice/audit/series'
import { verifyLog } from '@sluice/audit/verify-log'
import type { LiquidationMode } from '@sluice/contracts/generated/events'
import { renderReport } from '@sluice/report/html'
import { runSimulation } from '@sluice/simulation/run-simulation'
import type { SimulationSummary } from '@sluice/simulation/summary'
import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { reportOf, type ReportedRun } from '../demo-report.ts'
import { withLog } from '../open-log.ts'
import { Output, type OutputOptions } from '../output.ts'
import { ACCOUNTS_MAX, seedOption } from '../simulation-options.ts'
import { renderSummary } from './simulate.ts'

interface DemoOptions extends OutputOptions {
  readonly accounts: number
  readonly seed: number
  readonly out: string
}

const ACCOUNTS = 20_000
const POLICIES: readonly LiquidationMode[] = ['partial', 'full']
const BUCKET_MS = 5_000

/** `sluice demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'a flash crash under partial and under full liquidation, verified, with a report to open in a browser',
    )
    .option('--accounts <number>', 'accounts to generate', wholeNumber(1, ACCOUNTS_MAX), ACCOUNTS)
    .addOption(seedOption())
    .option(
      '--out <directory>',
      'where logs and report are left; what it holds of an earlier demo is replaced',
      'out/demo',
    )
    .option('--json', 'one JSON object', false)
    .action(async (options: DemoOptions) => {
      const output = new Output(options)
      await mkdir(options.out, { recursive: true })
      const runs: ReportedRun[] = []
      for (const policy of POLICIES) runs.push(await runPolicy(policy, options, output))
      const report = resolve(options.out, 'report.html')
      await writeFile(report, renderReport(reportOf(runs, options)))
      const summaries = Object.fromEntries(runs.map(({ policy, summary }) => [policy, summary]))
      output.result({ runs: summaries, verified: true, report }, () => render(runs, report))
    })
}

async function runPolicy(
  policy: LiquidationMode,
  options: DemoOptions,
  output: Output,
): Promise<ReportedRun> {
  const directory = join(options.out, policy)
  await rm(directory, { recursive: true, force: true })
  const summary = await simulate(policy, directory, { options, output })
  return withLog(directory, async ({ log, topology }) => {
    const progress = output.progress(`verify ${policy}`, 1)
    await verifyLog(log, topology, {
      onProgress: ({ offset, end }) => progress.update(offset / end),
    })
    progress.stop()
    return { policy, summary, series: await seriesOf(log, { ...topology, bucketMs: BUCKET_MS }) }
  })
}

async function simulate(
  policy: LiquidationMode,
  directory: string,
  { options, output }: { options: DemoOptions; output: Output },
): Promise<SimulationSummary> {
  const { accounts, seed } = options
  const progress = output.progress(`simulate ${policy}`, 1)
  const { summary } = await runSimulation({
    arguments: {
      scenario: 'flash-crash',
      prices: [],
      accounts,
      seed,
      policy,
      evaluators: 1,
      steps: null,
    },
    series: [],
    directory,
    onStep: (step, steps) => progress.update(step / steps),
  })
  progress.stop()
  return summary
}

const render = (runs: readonly ReportedRun[], report: string): string =>
  [
    ...runs.map(({ policy, summary }) => `${policy}: ${renderSummary(summary)}`),
    'verified: every event and hash of both',
    `report: ${report}`,
  ].join('\n')
