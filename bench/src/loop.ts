import { atLeast, atMost, figure, machine, percentile } from './figures.ts'
import { MIX, mixedInputs } from './loop-inputs.ts'
import { openLatencyBench } from './loop-latency.ts'
import { encodeAll, openLoopWorld } from './loop-world.ts'
import type { BenchOptions, BenchResult, Figure } from './result.ts'

const GOAL_INPUTS_PER_SECOND = 50_000
const GOAL_OVER_TWO_COMMITS_MS = 0.3
const RECORDS_PER_APPEND = 2048
/** Event time between two appends of the throughput run: marks then are about one in twenty of all inputs taken. */
const MS_PER_APPEND = 1000

/** The whole loop on the embedded log: latency of one trigger, and throughput of the mix of a busy exchange. */
export async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const samples = quick ? 50 : 1000
  const inputs = quick ? 20_000 : 500_000
  const accounts = quick ? 500 : 10_000
  const throughput = await throughputFigures({ accounts, inputs })
  const latency = await latencyFigures(samples)
  return {
    name: 'loop',
    conditions: {
      ...machine(),
      accounts,
      inputs,
      samples,
      bookAndTradesShare: MIX.bookAndTrades,
      componentsShare: MIX.components,
      accountRecordsShare: MIX.accounts,
      recordsPerAppend: RECORDS_PER_APPEND,
      ...throughput.conditions,
    },
    figures: [...latency, ...throughput.figures],
  }
}

async function throughputFigures({ accounts, inputs }: { accounts: number; inputs: number }) {
  let marks = 0
  const world = await openLoopWorld({
    accounts,
    onConfirmed: ({ events }) => {
      for (const { type } of events) if (type === 'MarkPriceUpdated') marks += 1
    },
  })
  marks = 0
  const records = encodeAll(mixedInputs(world, inputs))
  const started = performance.now()
  for (let from = 0; from < records.length; from += RECORDS_PER_APPEND) {
    const chunk = records.slice(from, from + RECORDS_PER_APPEND)
    world.setTime(world.simulator.startTime + (from / RECORDS_PER_APPEND) * MS_PER_APPEND)
    const own = (topic: string) =>
      chunk.filter(each => each.topic === topic).map(({ record }) => record)
    await Promise.all(
      ['market-data', 'accounts'].map(topic =>
        world.log.append({ topic, partition: 0 }, own(topic)),
      ),
    )
    await world.drain()
  }
  for (const task of world.tasks) task.flush()
  await world.drain()
  const seconds = (performance.now() - started) / 1000
  await world.close()
  const figures: Figure[] = [
    atLeast('inputs, encoded bytes to durable receipts', inputs / seconds, {
      unit: 'inputs/s',
      goal: GOAL_INPUTS_PER_SECOND,
    }),
  ]
  return { figures, conditions: { marks } }
}

/** Time from a durable mark price to a durable order, one trigger at a time, and of durable commits beside it. */
async function latencyFigures(samples: number): Promise<Figure[]> {
  const latencies = new Float64Array(samples)
  const commits = new Float64Array(samples)
  const bench = await openLatencyBench()
  for (let at = 0; at < samples; at += 1) {
    latencies[at] = await bench.sample(at)
    commits[at] = await bench.commit()
  }
  await bench.close()
  return latencyTable(latencies.sort(), commits.sort())
}

function latencyTable(latencies: Float64Array, commits: Float64Array): Figure[] {
  const commit = percentile(commits, 0.5)
  return [
    atMost('mark to durable order, p50', percentile(latencies, 0.5), {
      unit: 'ms',
      goal: 2 * commit + GOAL_OVER_TWO_COMMITS_MS,
    }),
    figure('mark to durable order, p99', percentile(latencies, 0.99), 'ms'),
    figure('one durable commit, p50', commit, 'ms'),
    figure('one durable commit, p99', percentile(commits, 0.99), 'ms'),
  ]
}
