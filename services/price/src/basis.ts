/**
 * Distances of the venue's mid price from the index over a moving window. Samples are whole half ticks (a mid price lies
 * on a half tick), so that their sum is exact, however many come and go.
 */
export interface BasisWindow {
  /** Task times of the samples, ascending; those before `first` have left the window. */
  times: number[]
  /** bid + ask − 2 × index, in half ticks. */
  halfTicks: number[]
  first: number
  /** Sum over the samples in the window. */
  sum: number
}

export function emptyBasis(): BasisWindow {
  return { times: [], halfTicks: [], first: 0, sum: 0 }
}

/** Whether the last sample is at least `sampleMs` old, or there is none. */
export function basisSampleDue(basis: BasisWindow, now: number, sampleMs: number): boolean {
  const last = basis.times[basis.times.length - 1]
  return last === undefined || now - last >= sampleMs
}

export function sampleBasis(basis: BasisWindow, now: number, halfTicks: number): void {
  basis.times.push(now)
  basis.halfTicks.push(halfTicks)
  basis.sum += halfTicks
}

/** Drops samples older than `windowMs`. The arrays are compacted when half of them is gone: O(1) per sample. */
export function trimBasis(basis: BasisWindow, now: number, windowMs: number): void {
  const { times, halfTicks } = basis
  while (basis.first < times.length && now - (times[basis.first] ?? now) > windowMs) {
    basis.sum -= halfTicks[basis.first] ?? 0
    basis.first += 1
  }
  if (basis.first * 2 <= times.length) return
  basis.times = times.slice(basis.first)
  basis.halfTicks = halfTicks.slice(basis.first)
  basis.first = 0
}

export function basisSampleCount(basis: BasisWindow): number {
  return basis.times.length - basis.first
}
