import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LiquidationMode } from '@sluice/contracts/generated/events'
import { compareResults, type MeasureComparison, type Spread } from '@sluice/simulation/compare'
import { runSimulation, type SimulationResult } from '@sluice/simulation/run-simulation'
import { Command, InvalidArgumentError } from 'commander'
import Table from 'cli-table3'
import { listOf, wholeNumber } from '../arguments.ts'
import { Output, type OutputOptions } from '../output.ts'
import { readMarket, withMarketOptions, type MarketOptions } from '../simulation-options.ts'

interface CompareOptions extends MarketOptions, OutputOptions {
  readonly policies: readonly LiquidationMode[]
  readonly seeds: number
}

const ACCOUNTS = 2000
const SEEDS_MAX = 10_000
const policies = (text: string): LiquidationMode[] => {
  const found = listOf<LiquidationMode>(['partial', 'full'])(text)
  if (found.length === 2) return found
  throw new InvalidArgumentError('Give two policies, for example partial,full.')
}

/** `sluice compare` */
export function compareCommand(): Command {
  const command = new Command('compare').description(
    'run two policies on the same paths over many seeds and hold their figures against each other',
  )
  return withMarketOptions(command, { accounts: ACCOUNTS })
    .option('--policies <two>', 'the policies, the first held against the second', policies, [
      'partial',
      'full',
    ] as const)
    .option('--seeds <number>', 'seeds 1 to this', wholeNumber(2, SEEDS_MAX), 20)
    .action(async (options: CompareOptions) => {
      const output = new Output(options)
      const [first = 'partial', second = 'full'] = options.policies
      const market = readMarket(options)
      const progress = output.progress('compare', options.seeds * 2)
      const results: Record<LiquidationMode, SimulationResult[]> = { partial: [], full: [] }
      for (let seed = 1; seed <= options.seeds; seed += 1) {
        for (const policy of [first, second]) {
          results[policy].push(await once(options, market, { seed, policy }))
          progress.update(results[first].length + results[second].length)
        }
      }
      progress.stop()
      const measures = compareResults(results[first], results[second])
      const value = {
        policies: [first, second],
        seeds: options.seeds,
        accounts: options.accounts,
        measures,
      }
      output.result(value, () => render(measures, { first, second, seeds: options.seeds }))
    })
}

async function once(
  { accounts, evaluators, steps }: CompareOptions,
  { series, ...market }: ReturnType<typeof readMarket>,
  run: { seed: number; policy: LiquidationMode },
): Promise<SimulationResult> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-'))
  try {
    return await runSimulation({
      arguments: { ...market, accounts, evaluators, steps: steps ?? null, ...run },
      series,
      directory,
    })
  } finally {
    await rm(directory, { recursive: true })
  }
}

interface Labels {
  readonly first: string
  readonly second: string
  readonly seeds: number
}

function render(measures: readonly MeasureComparison[], { first, second, seeds }: Labels): string {
  const head = ['', first, second, 'mean difference (95 % interval)', `seeds with ${first} worse`]
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const { measure, interval, meanDifference, firstWorse, ...each } of measures) {
    const difference = `${figure(meanDifference)} (${figure(interval[0])} to ${figure(interval[1])})`
    table.push([
      measure,
      spread(each.first),
      spread(each.second),
      difference,
      `${firstWorse} of ${seeds}`,
    ])
  }
  return `${table.toString()}\n${verdict(measures, first)}`
}

/** Where the first policy is worse, in a sentence: beyond doubt where the whole interval is, otherwise on some paths. */
function verdict(measures: readonly MeasureComparison[], first: string): string {
  const worse = measures.filter(({ interval }) => interval[0] > 0).map(({ measure }) => measure)
  const sometimes = measures.filter(
    ({ measure, firstWorse }) => firstWorse > 0 && !worse.includes(measure),
  )
  return [
    `${first} is worse in: ${worse.join(', ') || 'nothing on average'}`,
    `${first} is worse on some paths in: ${sometimes.map(({ measure }) => measure).join(', ') || 'nothing'}`,
  ].join('\n')
}

const figure = (value: number): string =>
  Math.abs(value) < 1 ? value.toPrecision(3) : Math.round(value).toLocaleString('en')
const spread = ({ median, p05, p95 }: Spread): string =>
  `${figure(median)} (${figure(p05)} to ${figure(p95)})`
