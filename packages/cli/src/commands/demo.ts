import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { seriesOf } from '@sluice/audit/series'
import type { LiquidationMode } from '@sluice/contracts/generated/events'
import { renderReport } from '@sluice/report/html'
import type { SimulationSummary } from '@sluice/simulation/summary'
import { Command } from 'commander'
import { wholeNumber } from '../arguments.ts'
import { reportOf, type ReportedRun } from '../demo-report.ts'
import { forkCommand } from '../fork-command.ts'
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
      const runs = await runPolicies(options, output)
      const report = resolve(options.out, 'report.html')
      await writeFile(report, renderReport(reportOf(runs, options)))
      const summaries = Object.fromEntries(runs.map(({ policy, summary }) => [policy, summary]))
      output.result({ runs: summaries, verified: true, report }, () => render(runs, report))
    })
}

/** Both policies side by side, each in a process of its own: simulated, then verified. */
async function runPolicies(options: DemoOptions, output: Output): Promise<ReportedRun[]> {
  const progress = output.progress('simulate and verify', POLICIES.length)
  const parts = POLICIES.map(() => 0)
  const runs = POLICIES.map((policy, at) =>
    runPolicy(policy, options, part => {
      parts[at] = part
      progress.update(parts.reduce((sum, each) => sum + each, 0))
    }),
  )
  const found = await Promise.all(runs)
  progress.stop()
  return found
}

async function runPolicy(
  policy: LiquidationMode,
  { accounts, seed, out }: DemoOptions,
  onProgress: (part: number) => void,
): Promise<ReportedRun> {
  const directory = join(out, policy)
  await rm(directory, { recursive: true, force: true })
  const given = ['--scenario', 'flash-crash', '--accounts', `${accounts}`, '--seed', `${seed}`]
  const summary = await forkCommand(
    ['simulate', ...given, '--policy', policy, '--out', directory, '--verify'],
    onProgress,
  )
  const series = await withLog(directory, ({ log, topology }) =>
    seriesOf(log, { ...topology, bucketMs: BUCKET_MS }),
  )
  return { policy, summary: summary as SimulationSummary, series }
}

const render = (runs: readonly ReportedRun[], report: string): string =>
  [
    ...runs.map(({ policy, summary }) => `${policy}: ${renderSummary(summary)}`),
    'verified: every event and hash of both',
    `report: ${report}`,
  ].join('\n')
