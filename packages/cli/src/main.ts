import { CommanderError } from 'commander'
import pc from 'picocolors'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.unreadable
  const code = exitCodeOf(error)
  const text = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${pc.red('sluice:')} ${text}\n`)
  if (code === EXIT.fault && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
  return code
}
