import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { exitCodeOf } from '@sluice/service-host/exit-codes'
import { createProgram } from '../src/program.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const FLAGS = ['--conditions=sluice-source', '--import', 'tsx', MAIN]

/** What a command said and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const environment = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: undefined }

/** Starts `sluice` in a process of its own. */
export const startSluice = (...args: readonly string[]) =>
  spawn(process.execPath, [...FLAGS, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  })

/** Runs `sluice` in a process of its own to its end. */
export async function sluice(...args: readonly string[]): Promise<Ended> {
  const child = startSluice(...args)
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr }
}

/** The same where nobody reads what it says: the reading end of its standard output is closed from the start. */
export async function sluiceUnread(...args: readonly string[]): Promise<Ended> {
  const child = startSluice(...args)
  child.stdout.destroy()
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { code: child.exitCode, signal: child.signalCode, stdout: '', stderr }
}

/** Runs a command in this process that is to be refused: exit code and message are what `main.ts` makes of the error. */
export async function refusal(
  ...args: readonly string[]
): Promise<{ code: number; message: string }> {
  const error: unknown = await createProgram()
    .parseAsync([...args], { from: 'user' })
    .then(
      () => new Error(`sluice ${args.join(' ')} was accepted`),
      (thrown: unknown) => thrown,
    )
  return {
    code: exitCodeOf(error),
    message: error instanceof Error ? error.message : String(error),
  }
}
