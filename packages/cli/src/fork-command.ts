import { fork } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** A command of ours that was run in a process of its own did not end well. */
export class ForkedCommandError extends Error {
  override readonly name = 'ForkedCommandError'
}

/**
 * Runs a command of ours, with `--json`, in a process of its own, so that two of them use two cores.
 *
 * @param onProgress Called with the part done, 0 to 1.
 * @returns the object the command printed
 * @throws ForkedCommandError if it did not end with exit code 0; its own words are on standard error by then.
 */
export async function forkCommand(
  args: readonly string[],
  onProgress: (part: number) => void,
): Promise<unknown> {
  const [, program = ''] = process.argv
  const child = fork(program, [...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  child.on('message', message => onProgress(Number(message)))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [printed, code] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    ended,
  ])
  if (code !== 0)
    throw new ForkedCommandError(
      `sluice ${args.join(' ')} ended with exit code ${code ?? 'none: it was killed'}`,
    )
  return JSON.parse(printed)
}
