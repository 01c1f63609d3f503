export interface BenchOptions {
  /** A small size, to see that it runs. */
  readonly quick: boolean
}

/** One measured figure. `goal` and `met` are null where nothing was promised. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly goal: string | null
  readonly met: boolean | null
}

/** What a benchmark prints. */
export interface BenchResult {
  readonly name: string
  readonly conditions: Readonly<Record<string, string | number>>
  readonly figures: readonly Figure[]
}
