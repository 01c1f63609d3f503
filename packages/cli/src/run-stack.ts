import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { removeAtExit } from '@sluice/local-stack/keeper'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import type { StackScreen } from './stack-screen.ts'
import type { StackOptions } from './stack-settings.ts'
import { Stack } from './stack.ts'

/** The stack would mix with what is in the directory already. */
export class StackDirectoryError extends Error {
  override readonly name = 'StackDirectoryError'
}

export interface RunStackOptions extends StackOptions {
  /** New or empty; default: a temporary one. */
  readonly dir?: string
  /** Leave logs, settings and the broker's data where they are. */
  readonly keep: boolean
}

const LOOK_EVERY_MS = 1_000

/**
 * Runs broker, registry, the four services and the exchange simulator as processes until the signal aborts, then ends them all and removes
 * what it made. What ends earlier is shown, with its reason, and left so.
 *
 * @returns whether everything ran until it was asked to stop.
 * @throws StackDirectoryError; ToolMissingError, FetchFailedError, NotStartedError.
 */
export async function runStack(
  options: RunStackOptions,
  { screen, signal }: { screen: StackScreen; signal: AbortSignal },
): Promise<boolean> {
  const directory = await directoryOf(options)
  const stack = new Stack({ directory, ...options })
  try {
    screen.say(`starting; logs and settings are in ${directory}`)
    await stack.start(signal)
    while (!signal.aborted) {
      screen.show(await stack.look())
      await SYSTEM_CLOCK.wait(LOOK_EVERY_MS, signal)
    }
    return stack.isWhole
  } catch (error) {
    if (!signal.aborted) throw error
    return true
  } finally {
    screen.say('stopping')
    await stack.stop()
    if (options.keep) screen.say(`kept ${directory}`)
    else await rm(directory, { recursive: true, force: true })
  }
}

async function directoryOf({ dir, keep }: RunStackOptions): Promise<string> {
  const directory =
    dir === undefined ? await mkdtemp(join(tmpdir(), 'sluice-stack-')) : resolve(dir)
  await mkdir(directory, { recursive: true })
  if ((await readdir(directory)).length > 0)
    throw new StackDirectoryError(
      `${directory} is not empty, and the stack cannot go on with what an earlier one left: give --dir a new directory`,
    )
  if (!keep) removeAtExit(directory)
  return directory
}
