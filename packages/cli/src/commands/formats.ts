import { readFileSync } from 'node:fs'
import { topicSpec, type TopicName } from '@sluice/contracts/topics'
import { jsonSchemaOf } from '@sluice/contracts/json-schema'
import { EXIT } from '@sluice/service-host/exit-codes'
import { codecOf, FORMATS } from '@sluice/venue-formats/codecs'
import { tryMessages, type Tried } from '@sluice/venue-formats/try-messages'
import { Argument, Command } from 'commander'
import pc from 'picocolors'
import { kafkaPlace } from '../kafka-place.ts'
import { Output, type OutputOptions } from '../output.ts'

interface TryCommandOptions extends OutputOptions {
  readonly config?: string
  readonly key?: string
}

/** `sluice formats list|schema|try` */
export function formatsCommand(): Command {
  return new Command('formats')
    .description(
      'how the records of input topics are written: names, schemas, and what is made of a record',
    )
    .addCommand(listCommand())
    .addCommand(schemaCommand())
    .addCommand(tryCommand())
}

const listCommand = (): Command =>
  new Command('list')
    .description('the formats that kafka.topics.<topic>.format takes')
    .exitOverride()
    .action(() => {
      new Output({ json: false }).result({}, () => FORMATS.join('\n'))
    })

const schemaCommand = (): Command =>
  new Command('schema')
    .description('the JSON Schema of an event')
    .argument('<event>', 'its type, such as TradePrinted')
    .exitOverride()
    .action((event: string) => {
      const schema = jsonSchemaOf(event)
      if (schema === undefined) throw new UnknownEventError(event)
      new Output({ json: false }).result({}, () => JSON.stringify(schema, null, 2))
    })

const tryCommand = (): Command =>
  new Command('try')
    .description(
      'what a task would make of records, one in each line of a file: no broker is asked',
    )
    .addArgument(new Argument('<topic>', 'the input, such as market-data'))
    .argument('<file>', 'records; - for standard input')
    .requiredOption('--config <file>', 'YAML settings with kafka.topics')
    .option('--key <key>', 'key of the records')
    .option('--json', 'one JSON object', false)
    .exitOverride()
    .action((topic: string, file: string, options: TryCommandOptions) => {
      tryFile(topicSpec(topic).name, file, options)
    })

function tryFile(topic: TopicName, file: string, options: TryCommandOptions): void {
  const { topics } = kafkaPlace(options.config).settings
  const codec = codecOf(topic, topics[topic] ?? { format: 'avro' })
  const text = readFileSync(file === '-' ? 0 : file, 'utf8')
  const { key } = options
  const records = tryMessages(codec, text, key === undefined ? {} : { key })
  new Output(options).result({ records }, () => records.map(lineOf).join('\n'))
  if (records.some(record => 'refused' in record)) process.exitCode = EXIT.unreadable
}

function lineOf(record: Tried): string {
  const place = `line ${record.line}:`
  if ('refused' in record) return `${place} ${pc.red(record.refused)}: ${record.detail}`
  if (record.events.length === 0) return `${place} nothing`
  return record.events.map(event => `${place} ${JSON.stringify(event)}`).join('\n')
}

class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError'

  constructor(event: string) {
    super(`no event is called ${event}: docs/reference/events.md has all of them`)
  }
}
