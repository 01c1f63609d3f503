import type {
  LiquidationPolicySet,
  OperationsEvent,
  SluiceEvent,
} from '@sluice/contracts/generated/events'
import { recordIdOf } from '@sluice/contracts/ids'
import { DecodingError } from '@sluice/contracts/codec-errors'
import { partitionOf } from '@sluice/contracts/partitions'
import { inputsOf, partitionsOf, type Layout } from '@sluice/service-host/layout'
import { decodedOf, openInput, type TaskInput } from '@sluice/stream-runtime/inputs'
import {
  EventToAppend,
  NoAnswerError,
  type LogRecord,
  type StreamLog,
} from '@sluice/stream-runtime/log'

/** What people write: all of `operations` but what `sluice dlq redrive` notes by itself. */
export type OperatorEvent = Exclude<OperationsEvent, { readonly type: 'RecordRedriven' }>

/** What a person wants is not written, and why. */
export class OperationRefusedError extends Error {
  override readonly name = 'OperationRefusedError'
}

export interface OperationRules {
  /** Types that need a second approver. */
  readonly approved: ReadonlySet<string>
  readonly now: number
}

/** What needs a second approver when nobody says otherwise: nothing; stopping never should. */
export const APPROVABLE = [
  'KillSwitchReleased',
  'ScopeReleased',
  'PolicyActivated',
  'TriggerOverridden',
  'ModeChanged',
] as const satisfies readonly OperatorEvent['type'][]

/** @throws OperationRefusedError if the approver is missing or the actor, or it has lapsed already. */
export function checkOperation(event: OperatorEvent, { approved, now }: OperationRules): void {
  const { type, actor, approver } = event
  if (actor.trim() === '' || event.reason.trim() === '')
    throw new OperationRefusedError(`${type}: say who decides (--actor) and why (--reason)`)
  if (approver === actor)
    throw new OperationRefusedError(
      `${type}: ${actor} cannot approve what ${actor} decides; name somebody else (--approver)`,
    )
  if (approver === null && approved.has(type))
    throw new OperationRefusedError(
      `${type}: the settings (operations.approved) ask for a second approver: name one (--approver)`,
    )
  const expiresAt = 'expiresAt' in event ? event.expiresAt : null
  if (expiresAt !== null && expiresAt <= now)
    throw new OperationRefusedError(
      `${type}: it would lapse at ${new Date(expiresAt).toISOString()}, which is over: give a later time`,
    )
}

/** @throws OperationRefusedError if the version to be activated is not in `reference-data`. */
export async function checkPolicyKnown(
  log: StreamLog,
  layout: Layout,
  { policy, version }: { readonly policy: string; readonly version: number },
): Promise<void> {
  const known = await policiesOf(log, layout)
  if (known.some(record => record.policy === policy && record.version === version)) return
  const names = known.map(record => `${record.policy} ${record.version}`).join(', ')
  throw new OperationRefusedError(
    `no policy ${policy} ${version} has been set; reference-data holds ${names === '' ? 'none' : names}: set it first`,
  )
}

const RECORDS_PER_READ = 4096

async function policiesOf(log: StreamLog, layout: Layout): Promise<LiquidationPolicySet[]> {
  const found: LiquidationPolicySet[] = []
  for (const input of inputsOf(layout, 'reference-data')) {
    const reader = openInput(log, input)
    while (await reader.fill(RECORDS_PER_READ))
      for (let record = reader.next(); record !== undefined; record = reader.next())
        found.push(...eventsOf(input, record).filter(isPolicy))
  }
  return found
}

const isPolicy = (event: SluiceEvent): event is LiquidationPolicySet =>
  event.type === 'LiquidationPolicySet'

/** A record that cannot be read says nothing; the tasks refuse it. */
function eventsOf({ codec }: TaskInput, record: LogRecord): readonly SluiceEvent[] {
  try {
    return codec?.decode(record) ?? [decodedOf(record)]
  } catch (error) {
    if (error instanceof DecodingError) return []
    throw error
  }
}

const ATTEMPTS = 10

/**
 * Writes what a person decided and answers the record's id. Without an answer it is written again: a decision that stands twice is the same
 * decision.
 *
 * @throws NoAnswerError if the log does not answer at all; EncodingError if the event breaks its schema.
 */
export async function writeOperation(
  log: StreamLog,
  layout: Layout,
  event: OperationsEvent,
): Promise<string> {
  const partition = partitionOf(event.actor, partitionsOf(layout, 'operations'))
  const record = new EventToAppend(event, Buffer.from(event.actor))
  for (let attempt = 1; ; attempt += 1) {
    try {
      const offset = await log.append({ topic: 'operations', partition }, [record])
      return recordIdOf('operations', partition, offset)
    } catch (error) {
      if (!(error instanceof NoAnswerError) || attempt === ATTEMPTS) throw error
    }
  }
}
