import {
  applySchemas,
  checkSchemas,
  problemOf,
  type AppliedSchema,
  type SchemaStatus,
} from '@sluice/stream-kafka/schema-registry'
import { EXIT } from '@sluice/service-host/exit-codes'
import { Command } from 'commander'
import pc from 'picocolors'
import { kafkaPlace, registryOf } from '../kafka-place.ts'
import { Output, type OutputOptions } from '../output.ts'

interface SchemasOptions extends OutputOptions {
  readonly config?: string
}

const LEVEL = 'FULL_TRANSITIVE'

/** `sluice schemas apply|check` */
export function schemasCommand(): Command {
  return new Command('schemas')
    .description('the schemas of all records, in the schema registry that sluice.yaml names')
    .addCommand(applyCommand())
    .addCommand(checkCommand())
}

const withOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .option('--json', 'one JSON object', false)
    .exitOverride()

const applyCommand = (): Command =>
  withOptions(new Command('apply'))
    .description(
      'register what is missing, each with the compatibility FULL_TRANSITIVE; if one is incompatible, nothing',
    )
    .action(async (options: SchemasOptions) => {
      const place = kafkaPlace(options.config)
      const schemas = await applySchemas(registryOf(place), place.schemas)
      finish(options, schemas)
    })

const checkCommand = (): Command =>
  withOptions(new Command('check'))
    .description('say of each schema whether it is registered, missing or incompatible, and why')
    .action(async (options: SchemasOptions) => {
      const place = kafkaPlace(options.config)
      finish(options, await checkSchemas(registryOf(place), place.schemas))
    })

function finish(options: OutputOptions, schemas: readonly (SchemaStatus | AppliedSchema)[]): void {
  const ready = schemas.every(isReady)
  new Output(options).result({ ready, schemas }, () => render(schemas))
  if (!ready) process.exitCode = EXIT.unreadable
}

const isReady = ({ state, level }: SchemaStatus): boolean =>
  state === 'registered' && level === LEVEL

function render(schemas: readonly (SchemaStatus | AppliedSchema)[]): string {
  const lines = schemas.filter(each => !isReady(each) || isChanged(each)).map(lineOf)
  const ready = schemas.filter(isReady).length
  return [...lines, `${ready} of ${schemas.length} schemas are ready`].join('\n')
}

const isChanged = (status: SchemaStatus | AppliedSchema): boolean =>
  'change' in status && status.change !== 'none'

function lineOf(status: SchemaStatus | AppliedSchema): string {
  if (isChanged(status)) return `${pc.green('done')} ${status.subject}: number ${status.id ?? ''}`
  if (status.state === 'registered')
    return `${pc.yellow('look')} ${status.subject}: its compatibility is ${status.level ?? "the registry's default"} instead of ${LEVEL}; \`sluice schemas apply\` sets it`
  const advice =
    status.state === 'missing'
      ? '`sluice schemas apply` registers it'
      : 'another schema stands under this subject: use another kafka.namespace, or remove it from the registry if nothing was written with it'
  return `${pc.red('FAIL')} ${problemOf(status)}; ${advice}`
}
