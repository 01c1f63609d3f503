import { createHash } from 'node:crypto'
import type { RecordRedriven } from '@sluice/contracts/generated/events'
import { inputsOf, type Layout } from '@sluice/service-host/layout'
import type { DeadLetter } from '@sluice/stream-kafka/dead-letters'
import { decodedOf, openInput } from '@sluice/stream-runtime/inputs'
import type { StreamLog } from '@sluice/stream-runtime/log'
import { writeOperation } from './operate.ts'

/** Who redrives, and why. */
export interface Redriver {
  readonly actor: string
  readonly reason: string
  readonly approver: string | null
}

export interface Redrive {
  readonly log: StreamLog
  readonly layout: Layout
  readonly letter: DeadLetter
  /** Written instead of what was refused. */
  readonly value?: Uint8Array
  readonly by: Redriver
}

/** A dead letter that cannot be written to its topic. */
export class RedriveError extends Error {
  override readonly name = 'RedriveError'
}

const RECORDS_PER_READ = 4096

/** Every redrive that `operations` records, by dead letter. */
export async function redrivenOf(
  log: StreamLog,
  layout: Layout,
): Promise<ReadonlyMap<string, RecordRedriven>> {
  const found = new Map<string, RecordRedriven>()
  for (const input of inputsOf(layout, 'operations')) {
    const reader = openInput(log, input)
    while (await reader.fill(RECORDS_PER_READ))
      for (let record = reader.next(); record !== undefined; record = reader.next()) {
        const event = decodedOf(record)
        if (event.type === 'RecordRedriven') found.set(event.deadLetter, event)
      }
  }
  return found
}

/**
 * Writes a dead letter to its topic once more, and that it was: once for each dead letter. Answers the id of the note, or null if it
 * has been done already. Ended between the two, it is written again by the next redrive, and the tasks see a repeat.
 *
 * @throws RedriveError if the record is not kept any more and no value is given.
 */
export async function redrive(options: Redrive): Promise<string | null> {
  const { log, layout, letter, by } = options
  if ((await redrivenOf(log, layout)).has(letter.id)) return null
  const { id: deadLetter, topic, partition, offset, key } = letter
  if (options.value === undefined && letter.appendTime === null)
    throw new RedriveError(
      `${topic}-${partition}@${offset} was not kept any more when it was forwarded: give what to write (--value)`,
    )
  const value = options.value ?? letter.value
  await log.append({ topic, partition }, [{ key, value }])
  const valueHash = createHash('sha256').update(value).digest()
  return writeOperation(log, layout, {
    ...{ type: 'RecordRedriven', deadLetter, topic, partition, offset, valueHash },
    ...by,
  })
}
