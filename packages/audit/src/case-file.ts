import type {
  AccountChanged,
  AccountUpdated,
  InstrumentListed,
  LiquidationPolicySet,
  LiquidationTriggered,
} from '@sluice/contracts/generated/events'
import type { TopicName } from '@sluice/contracts/topics'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { NotInLogError } from './errors.ts'
import { eventsOf, type LoggedEvent } from './log-events.ts'

/** Everything the log holds about one liquidation, from the ticks that caused it to its end. */
export interface CaseFile {
  readonly id: string
  readonly trigger: LiquidationTriggered
  readonly triggerRecord: LoggedEvent
  /** The account record in the trigger's statement. */
  readonly account: AccountUpdated | AccountChanged
  /** Mark prices in the trigger's statement, in the order of its positions. */
  readonly marks: readonly LoggedEvent[]
  /** The market data those marks came from. */
  readonly components: readonly LoggedEvent[]
  readonly policy: LiquidationPolicySet
  readonly instruments: ReadonlyMap<string, InstrumentListed>
  /** What was asked, answered and reported, in order of time. */
  readonly steps: readonly LoggedEvent[]
}

/**
 * Collects the case of one liquidation. Reads the log through once per topic, whole.
 *
 * @throws NotInLogError if the log has no such liquidation, or lacks what its trigger names as evidence.
 */
export async function caseFileOf(
  log: StreamLog,
  id: string,
  evaluators: number,
): Promise<CaseFile> {
  const evaluations = await collect(log, partitionsOf('margin-evaluation', evaluators), each =>
    isAbout(each, id),
  )
  const triggerRecord = evaluations.find(each => each.id === id)
  const trigger = triggerRecord?.event
  if (triggerRecord === undefined || trigger?.type !== 'LiquidationTriggered')
    throw new NotInLogError(
      `${id} is no liquidation of this log; \`sluice explain DIR --list\` lists them`,
    )

  const executions = await collect(log, [['liquidation-execution', 0]], each => isAbout(each, id))
  const requests = new Set(executions.flatMap(({ event }) => requestIdOf(event) ?? []))
  const answers = await collect(log, [['execution-reports', 0]], ({ event }) =>
    requests.has(requestIdOf(event) ?? ''),
  )
  const steps = [...answers, ...evaluations.filter(each => each !== triggerRecord), ...executions]
  const { policy, instruments } = await rulesOf(log, trigger)
  return {
    id,
    trigger,
    triggerRecord,
    policy,
    instruments,
    ...(await evidenceOf(log, trigger, evaluators)),
    steps: steps.sort((one, other) => one.appendTime - other.appendTime),
  }
}

type Place = readonly [TopicName, number]

const partitionsOf = (topic: TopicName, count: number): Place[] =>
  Array.from({ length: count }, (_, partition) => [topic, partition] as const)

async function collect(
  log: StreamLog,
  places: readonly Place[],
  wanted: (each: LoggedEvent) => boolean,
): Promise<LoggedEvent[]> {
  const found: LoggedEvent[] = []
  for (const [topic, partition] of places) {
    for await (const each of eventsOf(log, topic, partition)) if (wanted(each)) found.push(each)
  }
  return found
}

const isAbout = ({ id, event }: LoggedEvent, liquidation: string): boolean =>
  id === liquidation || ('liquidationId' in event && event.liquidationId === liquidation)

function requestIdOf(event: LoggedEvent['event']): string | undefined {
  if ('clientOrderId' in event) return event.clientOrderId
  return 'requestId' in event ? event.requestId : undefined
}

/** The policy version the liquidation started with, and the instruments of its positions. */
async function rulesOf(log: StreamLog, { statement }: LiquidationTriggered) {
  const instruments = new Map<string, InstrumentListed>()
  let policy: LiquidationPolicySet | undefined
  for await (const { event } of eventsOf(log, 'reference-data', 0)) {
    if (event.type === 'InstrumentListed') instruments.set(event.instrument, event)
    if (event.type !== 'LiquidationPolicySet') continue
    if (event.policy === statement.policy && event.version === statement.policyVersion)
      policy = event
  }
  if (policy === undefined)
    throw missing(`policy ${statement.policy} version ${statement.policyVersion}`)
  return { policy, instruments }
}

async function evidenceOf(log: StreamLog, { statement }: LiquidationTriggered, evaluators: number) {
  const priceIds = new Set(statement.priceEventIds)
  const found = new Map(
    (await collect(log, [['price', 0]], ({ id }) => priceIds.has(id))).map(each => [each.id, each]),
  )
  const marks = statement.priceEventIds.map(id => found.get(id) ?? fail(id))
  const causes = new Set(marks.flatMap(({ event }) => ('meta' in event ? event.meta.causeIds : [])))
  const components = await collect(log, [['market-data', 0]], ({ id }) => causes.has(id))
  const accounts = await collect(
    log,
    partitionsOf('accounts', evaluators),
    ({ id }) => id === statement.accountEventId,
  )
  const account = accounts[0]?.event
  if (account?.type !== 'AccountUpdated' && account?.type !== 'AccountChanged')
    throw missing(statement.accountEventId)
  return { marks, components, account }
}

const missing = (what: string): NotInLogError =>
  new NotInLogError(
    `the log does not hold ${what}, which the trigger names as evidence: run \`sluice verify\``,
  )

function fail(id: string): never {
  throw missing(id)
}
