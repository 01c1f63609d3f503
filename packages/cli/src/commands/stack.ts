import { SCENARIOS } from '@sluice/exchange-simulator/scenarios'
import { EXIT } from '@sluice/service-host/exit-codes'
import { stopSignal } from '@sluice/service-host/run-main'
import { Command, Option } from 'commander'
import { numberAbove0, wholeNumber } from '../arguments.ts'
import { runStack, type RunStackOptions } from '../run-stack.ts'
import { ACCOUNTS_MAX, EVALUATORS_MAX, seedOption } from '../simulation-options.ts'
import { stackScreen } from '../stack-screen.ts'

const ACCOUNTS = 10_000

/** `sluice stack` */
export function stackCommand(): Command {
  return new Command('stack')
    .description(
      'run everything on this machine without Docker until Ctrl-C: Kafka, schema registry, the four services, the exchange simulator',
    )
    .addOption(
      new Option('--scenario <name>', 'built-in price path')
        .choices(Object.keys(SCENARIOS))
        .default('flash-crash'),
    )
    .option('--accounts <number>', 'accounts to generate', wholeNumber(1, ACCOUNTS_MAX), ACCOUNTS)
    .addOption(seedOption())
    .option('--speed <factor>', 'simulated seconds a second', numberAbove0, 1)
    .option(
      '--evaluators <number>',
      'partitions of the accounts',
      wholeNumber(1, EVALUATORS_MAX),
      1,
    )
    .option(
      '--dir <directory>',
      'new directory for logs, settings and data; default: a temporary one',
    )
    .option('--keep', 'leave that directory at the end', false)
    .action(async (options: RunStackOptions) => {
      const screen = stackScreen(process.stdout)
      const isWhole = await runStack(options, { screen, signal: stopSignal() })
      if (!isWhole) process.exitCode = EXIT.fault
    })
}
