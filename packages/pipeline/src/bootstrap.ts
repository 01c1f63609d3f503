import { DecodingError, EncodingError } from '@sluice/contracts/codec-errors'
import type {
  AccountUpdated,
  SluiceEvent,
  SnapshotCompleted,
} from '@sluice/contracts/generated/events'
import { partitionOf } from '@sluice/contracts/partitions'
import { eventOfPlain, PlainEventError, type PlainObject } from '@sluice/contracts/plain'
import { scopeIdOf } from '@sluice/contracts/scope'
import { snapshotOfScopes } from '@sluice/contracts/snapshot-hash'
import { partitionsOf, type Layout } from '@sluice/service-host/layout'
import { decodedOf, openInput } from '@sluice/stream-runtime/inputs'
import {
  EventToAppend,
  NoAnswerError,
  type LogRecord,
  type StreamLog,
} from '@sluice/stream-runtime/log'

/** The scopes given cannot be written as a snapshot: what, in which line, and what to do. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError'
}

export interface BootstrapProgress {
  /** Lines read so far. */
  readonly lines: number
  readonly written: number
  /** Not written, because the log has them already, or something newer. */
  readonly known: number
}

export interface BootstrapPartition extends SnapshotCompleted {
  readonly partition: number
  /** False: the log says so already. */
  readonly isNew: boolean
}

export interface BootstrapResult extends BootstrapProgress {
  readonly partitions: readonly BootstrapPartition[]
}

export interface BootstrapOptions {
  readonly log: StreamLog
  readonly layout: Layout
  /** `AccountUpdated` as JSON, one a line; decimals as text. */
  readonly lines: AsyncIterable<string> | Iterable<string>
  readonly onProgress?: (progress: BootstrapProgress) => void
}

const RECORDS_PER_BATCH = 1000

/**
 * Writes every margin scope to `accounts`, each to the partition of its account, and then says to each partition that all of its scopes
 * are there. It may be stopped anywhere and started again with the same lines: what the log has already is not written twice, and a
 * snapshot that is complete is left as it is.
 *
 * @throws BootstrapError for a line that is no sound `AccountUpdated`, or one that takes the ledger back.
 */
export async function bootstrap(options: BootstrapOptions): Promise<BootstrapResult> {
  const { log, layout, lines, onProgress } = options
  const count = partitionsOf(layout, 'accounts')
  const partitions = Array.from({ length: count }, (_, number) => new Partition(log, number))
  for (const partition of partitions) await partition.learn()
  const progress = { lines: 0, written: 0, known: 0 }
  for await (const line of lines) {
    progress.lines += 1
    if (line.trim() === '') continue
    const event = accountOf(line, progress.lines)
    const partition = partitions[partitionOf(event.account, count)]
    if ((await partition?.take(event, progress.lines)) === true) progress.written += 1
    else progress.known += 1
    if (progress.lines % RECORDS_PER_BATCH === 0) onProgress?.(progress)
  }
  for (const partition of partitions) await partition.flush()
  const completed: BootstrapPartition[] = []
  for (const partition of partitions) completed.push(await partition.complete())
  onProgress?.(progress)
  return { ...progress, partitions: completed }
}

function accountOf(line: string, number: number): AccountUpdated {
  try {
    const plain = JSON.parse(line) as PlainObject
    const event = eventOfPlain({ type: 'AccountUpdated', ...plain })
    if (event.type === 'AccountUpdated') return event
    throw new BootstrapError(`line ${number}: ${event.type} instead of AccountUpdated`)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof PlainEventError)
      throw new BootstrapError(`line ${number}: ${error.message}`, { cause: error })
    throw error
  }
}

/** One partition of `accounts`: what it holds, and what is about to be written to it. */
class Partition {
  readonly #log: StreamLog
  readonly #number: number
  /** Ledger sequence of the latest record of each scope that is open. */
  readonly #sequences = new Map<string, number>()
  #completed: SnapshotCompleted | undefined
  #batch: EventToAppend[] = []

  constructor(log: StreamLog, number: number) {
    this.#log = log
    this.#number = number
  }

  async learn(): Promise<void> {
    const input = { topic: 'accounts', partition: this.#number, ours: false }
    const reader = openInput(this.#log, input)
    while (await reader.fill(RECORDS_PER_BATCH))
      for (let record = reader.next(); record !== undefined; record = reader.next())
        this.#know(eventOf(record))
  }

  #know(event: SluiceEvent | undefined): void {
    if (event?.type === 'SnapshotCompleted') this.#completed = event
    else if (event !== undefined && 'account' in event) {
      const scope = scopeIdOf(event.account, event.isolatedInstrument)
      if (event.type === 'AccountClosed') this.#sequences.delete(scope)
      else this.#sequences.set(scope, event.ledgerSequence)
    }
  }

  /** Whether the record is new here. */
  async take(event: AccountUpdated, line: number): Promise<boolean> {
    const scope = scopeIdOf(event.account, event.isolatedInstrument)
    const known = this.#sequences.get(scope)
    if (known !== undefined && known >= event.ledgerSequence) return false
    if (this.#completed !== undefined && event.ledgerSequence < this.#completed.ledgerSequence)
      throw new BootstrapError(
        `line ${line}: ${scope} is new at ledger sequence ${event.ledgerSequence}, and a snapshot up to ${this.#completed.ledgerSequence} is complete in accounts-${this.#number}: these lines are older than it; take a newer snapshot`,
      )
    this.#batch.push(encoded(event, line))
    this.#sequences.set(scope, event.ledgerSequence)
    if (this.#batch.length >= RECORDS_PER_BATCH) await this.flush()
    return true
  }

  async flush(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    if (batch.length > 0) await this.#append(batch)
  }

  async complete(): Promise<BootstrapPartition> {
    const completed = snapshotOfScopes(this.#sequences)
    const isNew = !isSame(completed, this.#completed)
    if (isNew) await this.#append([new EventToAppend(completed, Buffer.from(''))])
    return { ...completed, partition: this.#number, isNew }
  }

  /** Written again without an answer: a repeat of an account record is recognised by its sequence. */
  async #append(records: readonly EventToAppend[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#log.append({ topic: 'accounts', partition: this.#number }, records)
        return
      } catch (error) {
        if (!(error instanceof NoAnswerError) || attempt === ATTEMPTS) throw error
      }
    }
  }
}

const ATTEMPTS = 10

function encoded(event: AccountUpdated, line: number): EventToAppend {
  try {
    return new EventToAppend(event, Buffer.from(event.account))
  } catch (error) {
    if (error instanceof EncodingError)
      throw new BootstrapError(`line ${line}: ${error.message}`, { cause: error })
    throw error
  }
}

function eventOf(record: LogRecord): SluiceEvent | undefined {
  try {
    return decodedOf(record)
  } catch (error) {
    if (error instanceof DecodingError) return undefined
    throw error
  }
}

function isSame(completed: SnapshotCompleted, held: SnapshotCompleted | undefined): boolean {
  if (held === undefined || held.hash === null || completed.hash === null) return false
  return held.scopeCount === completed.scopeCount && Buffer.compare(held.hash, completed.hash) === 0
}
