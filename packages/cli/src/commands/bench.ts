import { BENCHMARKS, type BenchmarkName } from '@sluice/bench/benchmarks'
import type { BenchResult } from '@sluice/bench/result'
import { Argument, Command } from 'commander'
import Table from 'cli-table3'
import { Output, type OutputOptions } from '../output.ts'

/** `sluice bench NAME` */
export function benchCommand(): Command {
  return new Command('bench')
    .description('run a benchmark; figures and goals, never a test')
    .addArgument(new Argument('<name>', 'which one').choices(Object.keys(BENCHMARKS)))
    .option('--quick', 'a small size, to see that it runs', false)
    .option('--json', 'one JSON object', false)
    .action(async (name: BenchmarkName, options: OutputOptions & { readonly quick: boolean }) => {
      const { run } = await BENCHMARKS[name]()
      const result = await run({ quick: options.quick })
      new Output(options).result(result, () => render(result))
    })
}

function render({ name, conditions, figures }: BenchResult): string {
  const table = new Table({
    head: ['figure', 'value', 'unit', 'goal', 'met'],
    style: { head: [], border: [] },
  })
  for (const figure of figures) {
    const met = figure.met === null ? '' : figure.met ? 'yes' : 'no'
    table.push([
      figure.name,
      Number(figure.value.toPrecision(4)),
      figure.unit,
      figure.goal ?? '',
      met,
    ])
  }
  const under = Object.entries(conditions).map(([what, value]) => `${what}: ${value}`)
  return `${name}\n${under.join('\n')}\n${table.toString()}`
}
