import type { BenchResult } from './result.ts'

export interface BenchOptions {
  /** A small size, to see that it runs. */
  readonly quick: boolean
}

interface Benchmark {
  readonly run: (options: BenchOptions) => Promise<BenchResult>
}

/** Every benchmark, loaded when asked for. */
export const BENCHMARKS = {} as const satisfies Record<string, () => Promise<Benchmark>>

export type BenchmarkName = keyof typeof BENCHMARKS
