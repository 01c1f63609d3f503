import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new directory of its own for one test. */
export function newDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sluice-log-'))
}

export function removeDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true })
}
