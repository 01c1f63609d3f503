import { atMost, figure, machine, percentile } from './figures.ts'
import { orderLatencies } from './kafka-loop.ts'
import { recoveries, type Recovery } from './kafka-recovery.ts'
import { run as runPath } from './kafka-path.ts'
import { openKafkaWorld, type KafkaWorld } from './kafka-world.ts'
import type { BenchOptions, BenchResult, Figure } from './result.ts'

const GOAL_P50_MS = 8
const GOAL_P99_MS = 40
const GOAL_LOCAL_SECONDS = 2
const GOAL_TOPIC_SECONDS = 10
const MS_PER_SECOND = 1000

/** The pipeline on a broker of the same machine: a mark to its order, recovery after kill -9, and our path beside plain kafkajs. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const { quick } = options
  const latency = quick
    ? { accounts: 100, warmUp: 20, samples: 50 }
    : { accounts: 1000, warmUp: 400, samples: 1200 }
  const recovery = quick ? { accounts: 2000, marks: 2000 } : { accounts: 100_000, marks: 20_000 }
  const latencies = await inWorld(world => orderLatencies(world, latency))
  const recovered = await inWorld(world => recoveries(world, recovery))
  const path = await runPath(options)
  return {
    name: 'kafka',
    conditions: {
      ...machine(),
      ...latency,
      marksPerSecond: 1000,
      recoveredAccounts: recovery.accounts,
      ...path.conditions,
    },
    figures: [...latencyFigures(latencies), ...recoveryFigures(recovered), ...path.figures],
  }
}

async function inWorld<Result>(use: (world: KafkaWorld) => Promise<Result>): Promise<Result> {
  const world = await openKafkaWorld()
  try {
    return await use(world)
  } finally {
    await world.close()
  }
}

const latencyFigures = (latencies: Float64Array): Figure[] => [
  atMost('mark due to order readable, p50', percentile(latencies, 0.5), {
    unit: 'ms',
    goal: GOAL_P50_MS,
  }),
  atMost('mark due to order readable, p99', percentile(latencies, 0.99), {
    unit: 'ms',
    goal: GOAL_P99_MS,
  }),
  figure('mark due to order readable, max', percentile(latencies, 1), 'ms'),
]

const recoveryFigures = ({ withLocalSnapshot, fromTheTopic }: Recovery): Figure[] => [
  atMost('recovery with a local snapshot', withLocalSnapshot / MS_PER_SECOND, {
    unit: 's',
    goal: GOAL_LOCAL_SECONDS,
  }),
  atMost('recovery from the snapshots topic', fromTheTopic / MS_PER_SECOND, {
    unit: 's',
    goal: GOAL_TOPIC_SECONDS,
  }),
]
