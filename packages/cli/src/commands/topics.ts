import {
  applyTopics,
  checkTopics,
  type AppliedTopic,
  type TopicCheck,
} from '@sluice/stream-kafka/topics'
import { EXIT } from '@sluice/service-host/exit-codes'
import { Command } from 'commander'
import pc from 'picocolors'
import { kafkaPlace } from '../kafka-place.ts'
import { Output, type OutputOptions } from '../output.ts'
import { topicsAclCommand } from './topics-acl.ts'

interface TopicsOptions extends OutputOptions {
  readonly config?: string
}

/** `sluice topics apply|check|acl` */
export function topicsCommand(): Command {
  return new Command('topics')
    .description('the topics on the Kafka that sluice.yaml names, and who may do what with them')
    .addCommand(applyCommand())
    .addCommand(checkCommand())
    .addCommand(topicsAclCommand())
}

const withConfig = (command: Command): Command =>
  command.option('--config <file>', 'YAML settings; variables SLUICE_… win over it').exitOverride()

const applyCommand = (): Command =>
  withConfig(new Command('apply'))
    .description('create what is missing and correct settings, where nothing can be lost by it')
    .option('--dry-run', 'say what would be done, and do nothing', false)
    .option('--json', 'one JSON object', false)
    .action(async ({ config, dryRun, json }: TopicsOptions & { dryRun: boolean }) => {
      const place = kafkaPlace(config)
      const topics = await applyTopics(place.connect('deploy'), place.layout, { dryRun })
      const changed = topics.filter(({ change }) => change !== 'none')
      const left = topics.map(withoutApplied)
      const lines = [...changed.map(each => doneLine(each, dryRun)), ...left.flatMap(faultLines)]
      finish({ json }, { topics, dryRun }, { lines, ready: left.every(isRight) })
    })

const checkCommand = (): Command =>
  withConfig(new Command('check'))
    .description('say how each topic differs from what it should be, and what to do about it')
    .option('--json', 'one JSON object', false)
    .action(async ({ config, json }: TopicsOptions) => {
      const place = kafkaPlace(config)
      const topics = await checkTopics(place.connect('deploy'), place.layout)
      finish(
        { json },
        { topics },
        { lines: topics.flatMap(faultLines), ready: topics.every(isRight) },
      )
    })

function finish(
  options: OutputOptions,
  value: object,
  { lines, ready }: { readonly lines: readonly string[]; readonly ready: boolean },
): void {
  const last = ready ? 'no topic needs a person' : 'some topics need a person: see above'
  new Output(options).result({ ready, ...value }, () => [...lines, last].join('\n'))
  if (!ready) process.exitCode = EXIT.unreadable
}

const isRight = ({ differences }: TopicCheck): boolean => differences.length === 0

const withoutApplied = (each: AppliedTopic): TopicCheck => ({
  ...each,
  differences: each.differences.filter(({ isApplied }) => !isApplied),
})

const doneLine = ({ name, change, differences }: AppliedTopic, dryRun: boolean): string => {
  const settings = differences.filter(({ isApplied }) => isApplied).map(({ setting }) => setting)
  const what = change === 'created' ? 'created' : `${settings.join(', ')} corrected`
  return dryRun ? `${pc.yellow('plan')} ${name}: ${what}` : `${pc.green('done')} ${name}: ${what}`
}

const faultLines = ({ name, differences }: TopicCheck): string[] =>
  differences.map(
    ({ setting, found, wanted, advice }) =>
      `${pc.red('FAIL')} ${name}: ${setting} is ${found}, should be ${wanted}; ${advice}`,
  )
