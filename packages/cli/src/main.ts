import { CommanderError } from 'commander'
import pc from 'picocolors'
import { EXIT, exitCodeOf } from '@sluice/service-host/exit-codes'
import { createProgram } from './program.ts'

/** Who reads may stop early, as `| head` does: there is nobody left to write for, and that is no fault. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

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
