import type { BenchOptions, BenchResult } from './result.ts'

interface Benchmark {
  readonly run: (options: BenchOptions) => Promise<BenchResult>
}

/** Every benchmark, loaded when asked for. */
export const BENCHMARKS = {
  kafka: () => import('./kafka.ts'),
  loop: () => import('./loop.ts'),
  replay: () => import('./replay.ts'),
  trigger: () => import('./trigger.ts'),
} as const satisfies Record<string, () => Promise<Benchmark>>

export type BenchmarkName = keyof typeof BENCHMARKS
