import { Command } from 'commander'
import { benchCommand } from './commands/bench.ts'
import { bootstrapCommand } from './commands/bootstrap.ts'
import { captureCommand } from './commands/capture.ts'
import { compareCommand } from './commands/compare.ts'
import { demoCommand } from './commands/demo.ts'
import { dlqCommand } from './commands/dlq.ts'
import { doctorCommand } from './commands/doctor.ts'
import { explainCommand } from './commands/explain.ts'
import { opsCommand } from './commands/ops.ts'
import { formatsCommand } from './commands/formats.ts'
import { replayCommand } from './commands/replay.ts'
import { runCommand } from './commands/run.ts'
import { schemasCommand } from './commands/schemas.ts'
import { shadowCommand } from './commands/shadow.ts'
import { simulateCommand } from './commands/simulate.ts'
import { stackCommand } from './commands/stack.ts'
import { stateCommand } from './commands/state.ts'
import { topicsCommand } from './commands/topics.ts'
import { verifyCommand } from './commands/verify.ts'

/** The `sluice` command line, not yet run. It throws CommanderError where it would end the process. */
export function createProgram(): Command {
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
    stackCommand,
    verifyCommand,
    replayCommand,
    opsCommand,
    bootstrapCommand,
    dlqCommand,
    shadowCommand,
  ]
  commands.push(topicsCommand, schemasCommand, formatsCommand, captureCommand)
  for (const command of [...commands, stateCommand, explainCommand, doctorCommand, benchCommand]) {
    program.addCommand(command().exitOverride())
  }
  return program
}
