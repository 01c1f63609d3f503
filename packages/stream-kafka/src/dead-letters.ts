import { decodeEvent } from '@sluice/contracts/codec'
import type { InputRefused } from '@sluice/contracts/generated/events'
import { eventIdOf, taskName } from '@sluice/contracts/ids'
import type { RefusalReason } from '@sluice/contracts/refusals'
import { SCHEMA_IDS } from '@sluice/contracts/schema-ids'
import { isOurs, TOPICS } from '@sluice/contracts/topics'
import { openInput, type InputCursor, type InputReader } from '@sluice/stream-runtime/inputs'
import {
  OffsetOutOfRangeError,
  type LogRecord,
  type PartitionId,
  type StreamLog,
} from '@sluice/stream-runtime/log'

/** A refused record with where it came from and why it was refused. */
export interface DeadLetter {
  /** Id of the `InputRefused` event: two dead letters of one id are one. */
  readonly id: string
  /** In the catalogue. */
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** When the record was appended; null: it is not kept any more, or too large for a copy, and key and value are left out. */
  readonly appendTime: number | null
  readonly key: Uint8Array | null
  readonly value: Uint8Array
  readonly reason: string
  readonly detail: string
  /** How often these bytes have been refused, at different offsets. */
  readonly attempts: number
  /** Where reading for the task that refused it goes on. */
  readonly cursor: InputCursor
}

/** Where dead letters are kept, by the topic of their origin. */
export interface DeadLetterStore {
  /** All of one topic, in order; repeats of an id may be among them. */
  all(topic: string): Promise<readonly DeadLetter[]>
  append(letter: DeadLetter): Promise<void>
}

/** Each id once: a race of forwarders may have written it twice. */
export function eachOnce(letters: readonly DeadLetter[]): DeadLetter[] {
  return [...new Map(letters.toReversed().map(letter => [letter.id, letter])).values()].reverse()
}

/** Of what the exchange writes: what a service reads, and so may refuse. */
const INPUTS: readonly string[] = TOPICS.filter(
  spec => !isOurs(spec) && spec.readers.length > 0,
).map(({ name }) => name)
/** Such a record would not go into the topic of dead letters either: it stays where it is, and the letter says where. */
const TOO_LARGE: RefusalReason = 'record_too_large'
const RECORDS_PER_READ = 4096
const HEADER = Buffer.from([0, 0, 0, 0, SCHEMA_IDS.InputRefused])

export interface ForwarderOptions {
  /** Reads the partitions of `tasks`. */
  readonly log: StreamLog
  /** Asked for when something was refused: reads those of the inputs, one record at a time. Default: `log`. */
  readonly origins?: () => Promise<StreamLog>
  readonly store: DeadLetterStore
  /** Partitions of ours whose refusals are forwarded. */
  readonly tasks: readonly PartitionId[]
}

/**
 * Copies what tasks refused to the dead letters. It reads valid receipts only, so nothing is forwarded that a task did not confirm, and
 * finds its place in what it forwarded before: each dead letter carries the cursor after its refusal. Run again, or twice at the same time, it
 * adds nothing that a reader who knows ids would see.
 */
export class DeadLetterForwarder {
  readonly #options: ForwarderOptions
  readonly #known = new Map<string, DeadLetter[]>()
  readonly #ids = new Set<string>()
  #readers: readonly InputReader[] | undefined

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  /** Forwards what there is; how many. */
  async advance(): Promise<number> {
    this.#readers ??= await this.#open()
    let forwarded = 0
    for (const reader of this.#readers) {
      while (!reader.isDry() && (await reader.fill(RECORDS_PER_READ))) {
        for (let record = reader.next(); record !== undefined; record = reader.next())
          if (await this.#look(reader, record)) forwarded += 1
      }
    }
    return forwarded
  }

  async #open(): Promise<readonly InputReader[]> {
    const { log, store, tasks } = this.#options
    const cursors = new Map<string, InputCursor>()
    for (const topic of INPUTS) {
      const letters = await store.all(topic)
      for (const letter of letters) {
        this.#remember(letter)
        const { topic: of, partition, position } = letter.cursor
        const task = taskName(of, partition)
        if (position > (cursors.get(task)?.position ?? -1)) cursors.set(task, letter.cursor)
      }
    }
    return tasks.map(({ topic, partition }) =>
      openInput(log, { topic, partition, ours: true }, cursors.get(taskName(topic, partition))),
    )
  }

  #remember(letter: DeadLetter): void {
    this.#ids.add(letter.id)
    const known = this.#known.get(letter.topic)
    if (known === undefined) this.#known.set(letter.topic, [letter])
    else known.push(letter)
  }

  async #look(reader: InputReader, record: LogRecord): Promise<boolean> {
    if (Buffer.compare(HEADER, record.value.subarray(0, HEADER.length)) !== 0) return false
    const refused = decodeEvent(record.value) as InputRefused
    const { topic, partition } = reader.input
    const id = eventIdOf(taskName(topic, partition), refused.meta.sequence)
    if (this.#ids.has(id) || !INPUTS.includes(refused.source)) return false
    const letter = await this.#letterOf(refused, { id, cursor: reader.cursor() })
    await this.#options.store.append(letter)
    this.#remember(letter)
    return true
  }

  async #letterOf(
    { source: topic, partition, offset, reason, detail }: InputRefused,
    rest: Pick<DeadLetter, 'id' | 'cursor'>,
  ): Promise<DeadLetter> {
    const isCopied = reason !== TOO_LARGE
    const record = isCopied ? await this.#recordAt({ topic, partition }, offset) : undefined
    const key = record?.key ?? null
    const value = record?.value ?? new Uint8Array(0)
    const attempts = this.#refusalsOf({ topic, partition, offset, key, value }) + 1
    const content = { key, value, appendTime: record?.appendTime ?? null }
    return { ...rest, topic, partition, offset, ...content, reason, detail, attempts }
  }

  async #recordAt(of: PartitionId, offset: number): Promise<LogRecord | undefined> {
    const { log, origins = () => Promise.resolve(log) } = this.#options
    try {
      return (await (await origins()).read(of, offset, 1))[0]
    } catch (error) {
      if (error instanceof OffsetOutOfRangeError) return undefined
      throw error
    }
  }

  /** Earlier refusals of the same bytes elsewhere in the topic: it was written again, and refused again. */
  #refusalsOf(
    record: Pick<DeadLetter, 'topic' | 'partition' | 'offset' | 'key' | 'value'>,
  ): number {
    const places = new Set<string>()
    for (const { partition, offset, key, value } of this.#known.get(record.topic) ?? []) {
      const isElsewhere = partition !== record.partition || offset !== record.offset
      if (isElsewhere && isSame(value, record.value) && isSame(key, record.key))
        places.add(`${partition}@${offset}`)
    }
    return places.size
  }
}

const NOTHING = new Uint8Array(0)
const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  Buffer.compare(a ?? NOTHING, b ?? NOTHING) === 0
