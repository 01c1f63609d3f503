import kafkajs from 'kafkajs'
import type { Admin } from 'kafkajs'
import { KafkaAdminError, withAdmin } from './kafka-admin.ts'
import type { KafkaClient } from './kafka-client.ts'
import { stopErrorOf, TopicMissingError } from './kafka-errors.ts'
import { planTopics, type PlannedTopic, type TopicLayout, type TopicRule } from './topic-plan.ts'
import { readTopicStates, type TopicState } from './topic-states.ts'

/** How a topic on the broker differs from what it should be. */
export interface TopicDifference {
  readonly setting: string
  readonly found: string
  readonly wanted: string
  /** What to do, and why. */
  readonly advice: string
  /** Whether `applyTopics` puts it right. */
  readonly isApplied: boolean
}

/** One topic, compared with the plan. */
export interface TopicCheck {
  readonly topic: string
  readonly name: string
  readonly isOfTheExchange: boolean
  readonly exists: boolean
  readonly differences: readonly TopicDifference[]
}

/** What `applyTopics` did, or would do. */
export interface AppliedTopic extends TopicCheck {
  readonly change: 'created' | 'changed' | 'none'
}

/** The cluster cannot hold the topics as they are asked for. */
export class TopicsNotPossibleError extends KafkaAdminError {
  override readonly name = 'TopicsNotPossibleError'
}

const DOING = 'asking the cluster about topics'
const SEEN_MS = 30_000
const POLL_MS = 100
const ANSWERS_IN_A_ROW = 3

/**
 * Compares every topic of the plan with the broker, which is only asked.
 *
 * @throws a typed error of `kafka-errors.ts` if the cluster cannot be asked.
 */
export const checkTopics = (
  client: KafkaClient,
  layout: TopicLayout,
): Promise<readonly TopicCheck[]> =>
  withAdmin(client, DOING, async admin => (await survey(admin, layout)).map(({ check }) => check))

/**
 * Creates the topics that are missing and corrects settings of ours. Nothing that could lose a record is changed, and nothing of a topic
 * that is the exchange's. With `dryRun` the broker is only asked, and the answer says what would be done.
 *
 * @throws TopicsNotPossibleError, or a typed error of `kafka-errors.ts`.
 */
export const applyTopics = (
  client: KafkaClient,
  layout: TopicLayout,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<readonly AppliedTopic[]> =>
  withAdmin(client, DOING, async admin => {
    const found = await survey(admin, layout)
    const planned = found.map(each => ({ ...each.check, change: changeOf(each) }))
    const of = (change: AppliedTopic['change']) => found.filter(each => changeOf(each) === change)
    if (dryRun) return planned
    await create(
      admin,
      of('created').map(({ plan }) => plan),
    )
    for (const each of of('changed')) await correct(admin, each)
    if (planned.some(({ change }) => change !== 'none')) await untilSeen(admin, layout)
    return planned
  })

interface Surveyed {
  readonly plan: PlannedTopic
  readonly state: TopicState | undefined
  readonly check: TopicCheck
}

async function survey(admin: Admin, layout: TopicLayout): Promise<readonly Surveyed[]> {
  const plans = planTopics(layout)
  const states = await readTopicStates(
    admin,
    plans.map(({ name }) => name),
  )
  const accounts = states.get(layout.names('accounts'))?.partitions
  return plans.map(each => {
    const plan = each.topic === 'margin-evaluation' ? likeAccounts(each, accounts) : each
    const state = states.get(plan.name)
    return { plan, state, check: checkOf(plan, state) }
  })
}

/** The evaluator has one task for each partition of `accounts` there is, whatever was planned. */
const likeAccounts = (plan: PlannedTopic, accounts: number | undefined): PlannedTopic =>
  accounts === undefined ? plan : { ...plan, partitions: accounts }

function checkOf(plan: PlannedTopic, state: TopicState | undefined): TopicCheck {
  const { topic, name, isOfTheExchange } = plan
  const differences = state === undefined ? [missing(plan)] : differencesOf(plan, state)
  return { topic, name, isOfTheExchange, exists: state !== undefined, differences }
}

const missing = ({ isOfTheExchange, name }: PlannedTopic): TopicDifference => ({
  setting: 'topic',
  found: 'none',
  wanted: name,
  advice: isOfTheExchange
    ? 'it is one of the exchange, as kafka.topics names it: create it there, or correct its name'
    : '`sluice topics apply` creates it',
  isApplied: !isOfTheExchange,
})

function differencesOf(plan: PlannedTopic, state: TopicState): TopicDifference[] {
  return [
    ...countDifferences(plan, state),
    ...(state.settings === undefined
      ? [unseen()]
      : plan.rules.flatMap(rule => ruleDifference(plan, rule, settingValue(state, rule)))),
  ]
}

const settingValue = ({ settings }: TopicState, { setting }: TopicRule): string =>
  settings?.get(setting)?.value ?? 'unknown'

const unseen = (): TopicDifference => ({
  setting: 'settings',
  found: 'not shown',
  wanted: 'shown',
  advice: 'this principal lacks DescribeConfigs on the topic: see `sluice topics acl`',
  isApplied: false,
})

function countDifferences(plan: PlannedTopic, state: TopicState): TopicDifference[] {
  const { partitions, replicationFactor, topic } = plan
  return [
    ...(partitions === undefined || state.partitions === partitions
      ? []
      : [byHand('partitions', [state.partitions, partitions], partitionsAdvice(topic))]),
    ...(state.replicas >= replicationFactor
      ? []
      : [byHand('replicas', [state.replicas, replicationFactor], MORE_REPLICAS)]),
    ...(state.withoutLeader === 0
      ? []
      : [byHand('partitions without a leader', [state.withoutLeader, 0], MORE_BROKERS)]),
  ]
}

const byHand = (
  setting: string,
  [found, wanted]: readonly [found: number, wanted: number],
  advice: string,
): TopicDifference => ({
  setting,
  found: String(found),
  wanted: String(wanted),
  advice,
  isApplied: false,
})

const MORE_REPLICAS = 'reassign its partitions to more brokers (kafka-reassign-partitions.sh)'
const MORE_BROKERS =
  'start the brokers that hold them: until then nothing can be read or written there'

const partitionsAdvice = (topic: string): string =>
  topic === 'margin-evaluation'
    ? 'it needs as many as accounts has, and the number is fixed for life: start a new namespace'
    : 'the number is fixed for life, as keys and tasks are bound to partitions: say in kafka.topics what is there, or start a new namespace'

function ruleDifference(plan: PlannedTopic, rule: TopicRule, found: string): TopicDifference[] {
  if (rule.fits(found)) return []
  const { setting, wanted, why } = rule
  const isApplied = !plan.isOfTheExchange
  const advice = isApplied ? ourAdvice(rule) : adviceOfTheExchange(rule)
  return [{ setting, found, wanted, advice: `${why}: ${advice}`, isApplied }]
}

const ourAdvice = ({ setting }: TopicRule): string =>
  setting === 'cleanup.policy'
    ? '`sluice topics apply` sets it; what compaction has removed stays removed, and `sluice verify` will say so'
    : '`sluice topics apply` sets it'

const CAPTURED: ReadonlySet<string> = new Set(['cleanup.policy', 'retention.ms', 'retention.bytes'])

const adviceOfTheExchange = ({ setting, wanted }: TopicRule): string =>
  CAPTURED.has(setting)
    ? `set it to ${wanted}, or keep a copy of your own with \`sluice capture\`; until then \`sluice verify\` cannot be promised`
    : `set it to ${wanted}`

function changeOf({ state, check }: Surveyed): AppliedTopic['change'] {
  const hasWork = check.differences.some(({ isApplied }) => isApplied)
  if (!hasWork) return 'none'
  return state === undefined ? 'created' : 'changed'
}

async function create(admin: Admin, plans: readonly PlannedTopic[]): Promise<void> {
  if (plans.length === 0) return
  const { brokers } = await admin.describeCluster()
  const copies = Math.max(...plans.map(plan => plan.replicationFactor))
  if (brokers.length < copies)
    throw new TopicsNotPossibleError(
      `${String(copies)} copies of each topic are asked for, and the cluster has ${String(brokers.length)} brokers: add brokers, or lower kafka.replicationFactor and kafka.minInSyncReplicas`,
    )
  await admin.createTopics({ waitForLeaders: false, topics: plans.map(configOf) })
}

const configOf = ({ name, partitions = 1, replicationFactor, rules }: PlannedTopic) => ({
  topic: name,
  numPartitions: partitions,
  replicationFactor,
  configEntries: rules.map(({ setting, wanted }) => ({ name: setting, value: wanted })),
})

/**
 * What brokers tell lags behind what was changed, each by its own: it is done when some answers in a row show it, whichever broker gives
 * them, and every partition has a leader.
 */
async function untilSeen(admin: Admin, layout: TopicLayout): Promise<void> {
  const deadline = Date.now() + SEEN_MS
  for (let inARow = 0; inARow < ANSWERS_IN_A_ROW;) {
    const waiting = await unfinishedOf(admin, layout)
    inARow = waiting.length === 0 ? inARow + 1 : 0
    if (inARow > 0) continue
    if (Date.now() > deadline)
      throw new TopicsNotPossibleError(
        `${waiting.join(', ')}: not as asked for ${String(SEEN_MS / 1000)} s afterwards; look at \`sluice topics check\` and the log of the brokers`,
      )
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
}

/** Names of topics that are not as they should be yet. A broker that has not heard of one of them refuses to tell of any. */
async function unfinishedOf(admin: Admin, layout: TopicLayout): Promise<readonly string[]> {
  try {
    return (await survey(admin, layout)).filter(isUnfinished).map(({ plan }) => plan.name)
  } catch (error) {
    if (stopErrorOf(error, DOING) instanceof TopicMissingError)
      return planTopics(layout).map(({ name }) => name)
    throw error
  }
}

const isUnfinished = (each: Surveyed): boolean =>
  changeOf(each) !== 'none' || (!each.plan.isOfTheExchange && each.state?.withoutLeader !== 0)

/** AlterConfigs replaces all settings of a topic's own, so those that are right are sent again. */
async function correct(admin: Admin, { plan, state }: Surveyed): Promise<void> {
  const own = [...(state?.settings ?? [])].filter(([, { isOwn }]) => isOwn)
  const values = new Map(own.map(([name, { value }]) => [name, value]))
  for (const { setting, wanted, fits } of plan.rules)
    if (!fits(state?.settings?.get(setting)?.value ?? '')) values.set(setting, wanted)
  const configEntries = Array.from(values, ([name, value]) => ({ name, value }))
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: plan.name, configEntries }],
  })
}
