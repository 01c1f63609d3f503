import { EXIT } from '@sluice/service-host/exit-codes'
import { ROLES, type Role } from '@sluice/stream-kafka/acls'
import { failed, type Check } from '@sluice/stream-kafka/check'
import { checkKafka } from '@sluice/stream-kafka/check-kafka'
import { Command, Option } from 'commander'
import pc from 'picocolors'
import { placeOf } from '../kafka-place.ts'
import { diskCheck, logCheck, machineCheck, nodeCheck } from '../machine-checks.ts'
import { Output, type OutputOptions } from '../output.ts'
import { loadRunSettings } from '../run-settings.ts'

interface DoctorOptions extends OutputOptions {
  readonly config?: string
  readonly role: Role
}

/** `sluice doctor [DIR] [--config FILE]` */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'check this machine, a log if one is given, and the Kafka of a sluice.yaml, and say what to do about what is wrong',
    )
    .argument('[directory]', 'directory of a log')
    .option('--config <file>', 'YAML settings whose log and registry are to be checked')
    .addOption(
      new Option('--role <role>', 'whose rights on Kafka are tried, if kafka.sasl is that role')
        .choices(ROLES)
        .default('reader'),
    )
    .option('--json', 'one JSON object', false)
    .action(async (directory: string | undefined, options: DoctorOptions) => {
      const checks = [
        nodeCheck(),
        machineCheck(),
        await diskCheck(directory ?? '.'),
        ...(directory === undefined ? [] : [await logCheck(directory)]),
        ...(options.config === undefined ? [] : await settingsChecks(options.config, options.role)),
      ]
      const healthy = checks.every(({ ok }) => ok)
      new Output(options).result({ healthy, checks }, () => checks.map(render).join('\n'))
      if (!healthy) process.exitCode = EXIT.unreadable
    })
}

const render = ({ name, ok, found, advice }: Check): string =>
  `${ok ? pc.green('ok  ') : pc.red('FAIL')} ${name}: ${found}${advice === '' ? '' : `. ${advice}`}`

async function settingsChecks(file: string, role: Role): Promise<readonly Check[]> {
  try {
    const { kafka, log, snapshots } = loadRunSettings(file)
    if (kafka === undefined)
      return log.directory === undefined ? [] : [await logCheck(log.directory)]
    const place = placeOf(kafka)
    return await checkKafka({
      client: place.connect(role),
      role,
      layout: place.layout,
      schemas: place.schemas,
      registry: kafka.registry,
      everyInputs: snapshots.everyInputs,
    })
  } catch (error) {
    return [failed('settings', error)]
  }
}
