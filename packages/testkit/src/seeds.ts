import { execFileSync } from 'node:child_process'

const HEX_DIGITS = 7

/**
 * What decides the random part of a sampled test: SLUICE_SEED, else the commit, so that every commit tries other instants and a failure can be
 * repeated.
 */
export function sampleSeed(): number {
  const given = process.env['SLUICE_SEED']
  if (given !== undefined) return Number(given)
  return parseInt(commit().slice(0, HEX_DIGITS), 16)
}

/** Whether full counts are asked for instead of a sample. */
export const isLong = (): boolean => process.env['SLUICE_LONG'] === '1'

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' })
  } catch {
    return '1'
  }
}
