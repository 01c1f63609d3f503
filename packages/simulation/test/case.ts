import { eventsOf, type LoggedEvent } from '@sluice/audit/log-events'
import type { SluiceEvent } from '@sluice/contracts/generated/events'
import type { TopicName } from '@sluice/contracts/topics'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'

export type Logged<Name extends SluiceEvent['type']> = LoggedEvent & {
  readonly event: Extract<SluiceEvent, { readonly type: Name }>
}

export const isOf =
  <Name extends SluiceEvent['type']>(type: Name) =>
  (logged: LoggedEvent): logged is Logged<Name> =>
    logged.event.type === type

/** What a log of one evaluator holds of its liquidations and accounts. */
export interface LoggedRun {
  readonly executions: readonly LoggedEvent[]
  readonly reports: readonly LoggedEvent[]
  readonly accounts: readonly Logged<'AccountUpdated'>[]
}

export async function readRun(directory: string): Promise<LoggedRun> {
  const log = openEmbeddedLog({ directory, mode: 'each', readOnly: true, clock: () => 0 })
  const all = async (topic: TopicName): Promise<LoggedEvent[]> => {
    const found: LoggedEvent[] = []
    for await (const each of eventsOf(log, topic, 0)) found.push(each)
    return found
  }
  try {
    return {
      executions: await all('liquidation-execution'),
      reports: await all('execution-reports'),
      accounts: (await all('accounts')).filter(isOf('AccountUpdated')),
    }
  } finally {
    await log.close()
  }
}

export const scopeOf = ({ event }: Logged<'AccountUpdated'>): string =>
  event.isolatedInstrument === null ? event.account : `${event.account}/${event.isolatedInstrument}`

/** Lots by instrument of an account record; 0 where it has none. */
export const lotsOf = ({ event }: Logged<'AccountUpdated'>, instrument: string): number =>
  event.positions.find(position => position.instrument === instrument)?.quantityLots ?? 0

/** A violation of the rule that a liquidation only reduces, and never by more than there is. */
export function overLiquidations({ reports, accounts }: LoggedRun): string[] {
  const faults: string[] = []
  const before = new Map<string, Logged<'AccountUpdated'>>()
  const fills = reports.filter(isOf('OrderFilled'))
  for (const record of accounts) {
    const scope = scopeOf(record)
    const previous = before.get(scope)
    before.set(scope, record)
    if (previous === undefined) continue
    const { ledgerSequence } = record.event
    for (const { instrument, quantityLots: held } of previous.event.positions) {
      const after = lotsOf(record, instrument)
      if (after * held < 0) faults.push(`${record.id}: ${instrument} went from ${held} to ${after}`)
      const contained = fills.filter(
        ({ event }) =>
          event.scope === scope &&
          event.instrument === instrument &&
          event.ledgerSequence > previous.event.ledgerSequence &&
          event.ledgerSequence <= ledgerSequence,
      )
      const filled = contained.reduce((sum, { event }) => sum + event.quantityLots, 0)
      const reducing = held > 0 ? 'sell' : 'buy'
      if (filled > Math.abs(held) || contained.some(({ event }) => event.side !== reducing))
        faults.push(`${record.id}: ${filled} lots of ${instrument} filled of ${held}`)
    }
  }
  return faults
}

/** The liquidations that have neither been completed nor averted. */
export function openLiquidations({ executions }: LoggedRun): string[] {
  const open = new Set(
    executions.filter(isOf('LiquidationStarted')).map(({ event }) => event.liquidationId),
  )
  for (const { event } of executions) {
    if (event.type === 'LiquidationCompleted' || event.type === 'LiquidationAverted')
      open.delete(event.liquidationId)
  }
  return [...open]
}
