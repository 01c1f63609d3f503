import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { benchCommand } from './commands/bench.ts'
import { compareCommand } from './commands/compare.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { explainCommand } from './commands/explain.ts'
import { replayCommand } from './commands/replay.ts'
import { runCommand } from './commands/run.ts'
import { simulateCommand } from './commands/simulate.ts'
import { stateCommand } from './commands/state.ts'
import { verifyCommand } from './commands/verify.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'

const program = new Command('sluice')
  .description('Event-sourced, partial liquidation of under-margined derivatives accounts.')
  .version('0.1.0')
  .exitOverride()
  .showHelpAfterError('(sluice --help lists the commands)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, or sound; 1 a fault of the program; 2 arguments, settings, files or the log cannot be read; 3 the log is not sound.',
  )

const commands = [
  demoCommand,
  simulateCommand,
  compareCommand,
  runCommand,
  verifyCommand,
  replayCommand,
]
for (const command of [...commands, stateCommand, explainCommand, doctorCommand, benchCommand]) {
  program.addCommand(command().exitOverride())
}

try {
  await program.parseAsync()
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
