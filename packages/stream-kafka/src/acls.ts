import { TOPICS, isOurs, type ServiceName, type TopicName } from '@sluice/contracts/topics'
import type { TopicNames } from './kafka-client.ts'
import { deadLettersOf } from './topic-plan.ts'

/** Who works on the topics of a deployment, each under a principal of its own. */
export const ROLES = [
  'price',
  'margin-evaluation',
  'liquidation-execution',
  'cascade-analytics',
  'exchange',
  'operator',
  'redrive',
  'reader',
  'deploy',
] as const

export type Role = (typeof ROLES)[number]

export const ABOUT_ROLES: Readonly<Record<Role, string>> = {
  price: 'the service price',
  'margin-evaluation': 'the service margin-evaluation',
  'liquidation-execution': 'the service liquidation-execution',
  'cascade-analytics': 'the service cascade-analytics',
  exchange: 'the exchange: it writes the inputs and reads what is asked of it',
  operator: 'people at the controls: `sluice ops`',
  redrive: 'whoever writes dead letters back to the inputs: `sluice dlq redrive`',
  reader: 'whoever only looks: `sluice verify`, `doctor`, `explain`, dashboards',
  deploy: 'whoever creates topics: `sluice topics apply`',
}

export type Operation =
  'Read' | 'Write' | 'Create' | 'Describe' | 'DescribeConfigs' | 'AlterConfigs'

/** What one principal may do with one resource. Kafka counts Describe as given with Read and Write. */
export interface Right {
  readonly principal: string
  readonly role: Role
  readonly resource: 'topic' | 'group'
  readonly name: string
  readonly pattern: 'literal' | 'prefixed'
  readonly operations: readonly Operation[]
}

export interface RightsLayout {
  readonly names: TopicNames
  /** What the names of our topics and groups begin with: `<namespace>`, or `shadow.<namespace>`. */
  readonly prefix: string
  /** Principals by role; `User:<prefix>-<role>` where nothing is said. */
  readonly principals?: Readonly<Partial<Record<Role, string>>>
}

/** What the id of a process's client begins with, and so the names of the groups it reads in. */
export const clientIdOf = (prefix: string, role: Role): string => `${prefix}.${role}`

type Rights = readonly (readonly [topic: string, ...operations: Operation[]])[]

const EXCHANGE_WRITES = TOPICS.filter(({ writer }) => writer === 'exchange').map(each => each.name)
const INPUTS = TOPICS.filter(spec => !isOurs(spec)).map(({ name }) => name)
const WITH_DEAD_LETTERS = TOPICS.filter(spec => spec.readers.some(each => each !== 'exchange'))
const DEAD_LETTERS = WITH_DEAD_LETTERS.map(({ name }) => deadLettersOf(name))
const EVERYTHING = [...TOPICS.map(({ name }) => name), 'snapshots', ...DEAD_LETTERS]

const readBy = (reader: ServiceName | 'exchange'): TopicName[] =>
  TOPICS.filter(({ readers }) => readers.includes(reader)).map(({ name }) => name)

/** A service reads its inputs, writes its own topic and reads that too, and keeps snapshots and dead letters. */
function rightsOfService(service: ServiceName): Rights {
  const inputs = readBy(service)
  return [
    ...inputs.map(topic => [topic, 'Read'] as const),
    [service, 'Read', 'Write'],
    ['snapshots', 'Read', 'Write'],
    ...inputs.map(topic => [deadLettersOf(topic), 'Read', 'Write'] as const),
  ]
}

const TOPIC_RIGHTS: Readonly<Record<Role, Rights>> = {
  price: rightsOfService('price'),
  'margin-evaluation': rightsOfService('margin-evaluation'),
  'liquidation-execution': rightsOfService('liquidation-execution'),
  'cascade-analytics': rightsOfService('cascade-analytics'),
  exchange: [
    ...EXCHANGE_WRITES.map(topic => [topic, 'Read', 'Write'] as const),
    ...readBy('exchange').map(topic => [topic, 'Read'] as const),
  ],
  operator: [['operations', 'Read', 'Write']],
  redrive: [
    ...DEAD_LETTERS.map(topic => [topic, 'Read'] as const),
    ...INPUTS.map(topic => [topic, 'Read', 'Write'] as const),
  ],
  reader: EVERYTHING.map(topic => [topic, 'Read'] as const),
  deploy: EVERYTHING.map(
    topic => [topic, 'Create', 'Describe', 'DescribeConfigs', 'AlterConfigs'] as const,
  ),
}

/** Least privilege for every role: what it needs for its work, and to see by `sluice doctor` whether all is well. */
export const rightsOf = (layout: RightsLayout): readonly Right[] =>
  ROLES.flatMap(role => [
    ...TOPIC_RIGHTS[role].map(right => topicRight(layout, role, right)),
    ...groupRights(layout, role),
  ])

const principalOf = ({ prefix, principals }: RightsLayout, role: Role): string =>
  principals?.[role] ?? `User:${prefix}-${role}`

function topicRight(
  layout: RightsLayout,
  role: Role,
  [topic, ...operations]: Rights[number],
): Right {
  const withConfigs: Operation[] =
    role === 'deploy' ? operations : [...operations, 'DescribeConfigs']
  return {
    principal: principalOf(layout, role),
    role,
    resource: 'topic',
    name: layout.names(topic),
    pattern: 'literal',
    operations: withConfigs,
  }
}

/** Groups for reading are new at every start: they are known by how their names begin. */
function groupRights(layout: RightsLayout, role: Role): Right[] {
  if (role === 'deploy') return []
  const base = { principal: principalOf(layout, role), role, resource: 'group' } as const
  const name = clientIdOf(layout.prefix, role)
  const own: Right = { ...base, name, pattern: 'prefixed', operations: ['Read'] }
  const all = `${layout.prefix}.`
  return role === 'reader'
    ? [own, { ...base, name: all, pattern: 'prefixed', operations: ['Describe'] }]
    : [own]
}

/** The rights as commands of Kafka's own tool, for a shell. */
export function asCommands(rights: readonly Right[]): string {
  const commands = ROLES.map(role => {
    const own = rights.filter(right => right.role === role)
    return [`# ${role}: ${ABOUT_ROLES[role]}`, ...own.map(commandOf)].join('\n')
  })
  return `${HEAD}\n\n${commands.join('\n\n')}\n`
}

const HEAD = `# Least privilege for each principal. Set BOOTSTRAP, and ADMIN_CONFIG to a properties file of an administrator.`

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function commandOf({ principal, resource, name, pattern, operations }: Right): string {
  const flags = operations.map(operation => `--operation ${operation}`).join(' ')
  const where = `--${resource} ${quoted(name)} --resource-pattern-type ${pattern}`
  return `kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN_CONFIG" --add --force --allow-principal ${quoted(principal)} ${flags} ${where}`
}

/** Topics that a role may do something with, or just this, by their names in the catalogue. */
export const topicsOf = (role: Role, wanted?: Operation): readonly string[] =>
  TOPIC_RIGHTS[role].flatMap(([topic, ...operations]) =>
    wanted === undefined || operations.includes(wanted) ? [topic] : [],
  )
