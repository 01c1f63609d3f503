import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Written last: a directory without it is not whole. */
const MARKER = '.complete'

/** Where fetched things are kept: SLUICE_CACHE, else `sluice` in XDG_CACHE_HOME or in `~/.cache`. */
function cacheDirectory(): string {
  const { SLUICE_CACHE: own, XDG_CACHE_HOME: shared } = process.env
  if (own !== undefined && own !== '') return own
  return join(shared === undefined || shared === '' ? join(homedir(), '.cache') : shared, 'sluice')
}

/** The directory of that name in the cache, if it is there and whole. */
export function cached(name: string): string | undefined {
  const directory = join(cacheDirectory(), name)
  return existsSync(join(directory, MARKER)) ? directory : undefined
}

/**
 * The directory of that name in the cache, filled by `fill` if it is not there. Several processes may ask at once: each fills a
 * directory of its own, and the first to finish gives it the name.
 */
export async function cachedOr(
  name: string,
  fill: (directory: string) => Promise<void>,
): Promise<string> {
  const found = cached(name)
  if (found !== undefined) return found
  const directory = join(cacheDirectory(), name)
  const draft = `${directory}.${randomUUID()}`
  try {
    await mkdir(draft, { recursive: true })
    await fill(draft)
    await writeFile(join(draft, MARKER), '')
    await publish(draft, directory)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return directory
}

/** Gives the draft its name. What stands there is either whole, and as good, or was left half done by somebody. */
async function publish(draft: string, directory: string): Promise<void> {
  if (!existsSync(join(directory, MARKER))) await rm(directory, { recursive: true, force: true })
  try {
    await rename(draft, directory)
  } catch (error) {
    if (!existsSync(join(directory, MARKER))) throw error
  }
}
