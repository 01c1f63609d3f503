import type { Plain, PlainObject } from '@sluice/contracts/plain'
import { Command } from 'commander'
import { duration, instant } from '../arguments.ts'
import { OPERATIONS, type Operation } from '../operation-table.ts'
import { decide, type DecisionOptions } from '../operations.ts'
import { Output, type OutputOptions } from '../output.ts'

/** `sluice ops kill|release|hold|unhold|override|activate|mode` */
export function opsCommand(): Command {
  const ops = new Command('ops').description('write what people decide to operations')
  for (const operation of OPERATIONS) ops.addCommand(commandOf(operation))
  return ops
}

function commandOf({ name, about, type, fields = {}, lapses }: Operation): Command {
  const command = new Command(name)
    .description(about)
    .requiredOption('--actor <name>', 'who decides')
    .requiredOption('--reason <text>', 'why')
    .option('--approver <name>', 'second approver; operations.approved says where one is needed')
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .option('--dry-run', 'check, and write nothing', false)
    .option('--json', 'one JSON object', false)
    .exitOverride()
  if (lapses)
    command
      .option('--for <time>', 'lapses by itself after 30s, 10m, 2h, 1d', duration)
      .option('--until <time>', 'lapses by itself at an ISO time', instant)
  for (const argument of Object.values(fields)) command.addArgument(argument)
  return command.action(async () => {
    const options = command.opts<DecisionOptions & OutputOptions>()
    const values = command.processedArgs as readonly Plain[]
    const given = Object.keys(fields).map((field, index) => [field, values[index]] as const)
    const event: PlainObject = { type, ...Object.fromEntries(given) }
    await decide(event, options, new Output(options))
  })
}
