import { availableParallelism, cpus } from 'node:os'
import type { Figure } from './result.ts'

/** A figure nothing was promised for. */
export const figure = (name: string, value: number, unit: string): Figure => ({
  name,
  value,
  unit,
  goal: null,
  met: null,
})

/** A figure that should not be above `goal`. */
export const atMost = (
  name: string,
  value: number,
  { unit, goal }: { unit: string; goal: number },
): Figure => ({
  name,
  value,
  unit,
  goal: `≤ ${Number(goal.toPrecision(3))}`,
  met: value <= goal,
})

/** A figure that should not be below `goal`. */
export const atLeast = (
  name: string,
  value: number,
  { unit, goal }: { unit: string; goal: number },
): Figure => ({
  name,
  value,
  unit,
  goal: `≥ ${goal}`,
  met: value >= goal,
})

/** What every benchmark ran on. */
export const machine = (): Record<string, string | number> => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  node: process.versions.node,
})

/** The value below which this part of the sorted values lies. */
export function percentile(sorted: Float64Array, part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN
}
