import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { SCENARIOS, type ScenarioName } from '@sluice/exchange-simulator/scenarios'
import type { PriceSeries } from '@sluice/exchange-simulator/bars'
import { readPriceFiles } from '@sluice/exchange-simulator/price-files'
import type { PriceFileArgument } from '@sluice/simulation/arguments'
import { type Command, Option } from 'commander'
import { wholeNumber } from './arguments.ts'

export const ACCOUNTS_MAX = 2_000_000
const SEED_MAX = 2 ** 31 - 1
const STEPS_MAX = 10_000_000
export const EVALUATORS_MAX = 64

/** Options that say what is simulated, as commander gives them. */
export interface MarketOptions {
  readonly scenario?: ScenarioName
  readonly prices?: readonly string[]
  readonly accounts: number
  readonly evaluators: number
  readonly steps?: number
}

/** Adds the options that `simulate` and `compare` have in common. */
export function withMarketOptions(command: Command, defaults: { accounts: number }): Command {
  return command
    .addOption(
      new Option('--scenario <name>', 'built-in price path')
        .choices(Object.keys(SCENARIOS))
        .conflicts('prices'),
    )
    .option(
      '--prices <files...>',
      'price files instead: Binance klines, Binance mark klines, BitMEX bars, a panel; .gz as they are',
    )
    .option(
      '--accounts <number>',
      'accounts to generate',
      wholeNumber(1, ACCOUNTS_MAX),
      defaults.accounts,
    )
    .option(
      '--evaluators <number>',
      'partitions of the accounts',
      wholeNumber(1, EVALUATORS_MAX),
      1,
    )
    .option(
      '--steps <number>',
      'steps of one second; the whole path unless given',
      wholeNumber(1, STEPS_MAX),
    )
    .option('--json', 'one JSON object', false)
}

export const seedOption = (): Option =>
  new Option('--seed <number>', 'seed of everything random')
    .argParser(wholeNumber(0, SEED_MAX))
    .default(1)

/** The price files of the options, read and checked before anything runs. @throws PriceFileError */
export function readMarket({ scenario, prices }: MarketOptions): {
  scenario: ScenarioName | null
  prices: PriceFileArgument[]
  series: PriceSeries[]
} {
  if (prices === undefined) return { scenario: scenario ?? 'flash-crash', prices: [], series: [] }
  const series = readPriceFiles(prices)
  const described = prices.map(path => ({ name: basename(path), sha256: sha256Of(path) }))
  return { scenario: null, prices: described, series }
}

const sha256Of = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')
