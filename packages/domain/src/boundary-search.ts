/** Where to look for a boundary, and where a closed form expects it. */
export interface SearchRange {
  readonly low: number
  readonly high: number
  readonly guess: number
}

/**
 * Smallest whole number in [low, high] for which `holds`, where it holds from some number on; high + 1 if it never does.
 *
 * Starts at the guess and doubles its step away from it, then halves: an exact guess costs two calls, one that is k off
 * about 2·log2(k). It turns a rounded closed form into an exactly checked answer.
 */
export function smallestWhere(
  holds: (candidate: number) => boolean,
  { low, high, guess }: SearchRange,
): number {
  let failing = low - 1
  let holding = high + 1
  let probe = Math.min(high, Math.max(low, guess))
  for (let step = 1; failing < probe && probe < holding; step *= 2) {
    if (holds(probe)) {
      holding = probe
      probe = Math.max(failing, probe - step)
    } else {
      failing = probe
      probe = Math.min(holding, probe + step)
    }
  }
  return halve(holds, failing, holding)
}

/** Largest whole number in [low, high] for which `holds`, where it holds up to some number; low − 1 if it never does. */
export function largestWhere(holds: (candidate: number) => boolean, range: SearchRange): number {
  return smallestWhere(candidate => !holds(candidate), range) - 1
}

function halve(holds: (candidate: number) => boolean, failing: number, holding: number): number {
  let below = failing
  let above = holding
  while (above - below > 1) {
    const middle = below + Math.floor((above - below) / 2)
    if (holds(middle)) above = middle
    else below = middle
  }
  return above
}
