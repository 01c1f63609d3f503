import { encodeEvent } from '@sluice/contracts/codec'
import { eventOfPlain, plain, type PlainObject } from '@sluice/contracts/plain'
import {
  checkOperation,
  checkPolicyKnown,
  writeOperation,
  type OperatorEvent,
} from '@sluice/pipeline/operate'
import { SYSTEM_CLOCK } from '@sluice/stream-runtime/clock'
import { withLogs } from './open-logs.ts'
import type { Output } from './output.ts'
import { loadRunSettings } from './run-settings.ts'

export interface DecisionOptions {
  readonly config?: string
  readonly actor: string
  readonly reason: string
  readonly approver?: string
  /** Milliseconds from now. */
  readonly for?: number
  /** Milliseconds. */
  readonly until?: number
  readonly dryRun: boolean
}

/** Checks what a person decided against the settings and the log, and writes it, unless it is a dry run. */
export async function decide(
  what: PlainObject,
  options: DecisionOptions,
  output: Output,
): Promise<void> {
  const { config, dryRun, actor, reason, approver = null } = options
  const lapses = options.for === undefined ? options.until : SYSTEM_CLOCK.now() + options.for
  const decision = { ...what, actor, reason, approver, expiresAt: lapses ?? null }
  const event = eventOfPlain(decision) as OperatorEvent
  const settings = loadRunSettings(config)
  const approved = new Set<string>(settings.operations.approved)
  checkOperation(event, { approved, now: SYSTEM_CLOCK.now() })
  encodeEvent(event)
  const topics = ['operations', 'reference-data'] as const
  await withLogs(settings, { role: 'operator', topics }, async logs => {
    const { layout } = logs
    const partitions = layout.partitions?.['reference-data'] ?? 1
    const { log, close } = await logs.open(
      Array.from({ length: partitions }, (_, partition) => ({
        topic: 'reference-data',
        partition,
      })),
    )
    try {
      if (event.type === 'PolicyActivated') await checkPolicyKnown(log, layout, event)
      const id = dryRun ? null : await writeOperation(log, layout, event)
      const where = `${event.type} ${id === null ? 'would be written' : `is ${id}`} on ${logs.about}`
      output.result({ id, event: plain(event) }, () => where)
    } finally {
      await close()
    }
  })
}
