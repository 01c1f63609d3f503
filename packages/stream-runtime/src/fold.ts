import { DecodingError } from '@sluice/contracts/codec-errors'
import { SCHEMAS } from '@sluice/contracts/generated/schemas'
import type { Meta, SluiceEvent } from '@sluice/contracts/generated/events'
import { HandlerFailedError } from './errors.ts'
import { decodedOf, type TaskInput } from './inputs.ts'
import { EventToAppend, type LogRecord } from './log.ts'
import type { Draft, Processor, Turn } from './processor.ts'
import { taskName } from './receipt.ts'

/** Takes what a fold emits, in order. */
export interface EventSink {
  addEvent(event: EventToAppend): void
}

type AnyHandler<State, Out> = (state: State, event: never, turn: Turn<Out>) => void

const TOPIC_OF_TYPE: ReadonlyMap<string, string> = new Map(
  SCHEMAS.map(({ topic, schema }) => [schema.name, topic]),
)

/** The event, if it belongs on the topic it was read from. @throws DecodingError */
function inPlace({ topic }: TaskInput, event: SluiceEvent): SluiceEvent {
  const home = TOPIC_OF_TYPE.get(event.type)
  if (home === topic) return event
  throw new DecodingError(
    'event_misplaced',
    `${event.type} belongs on ${home ?? 'no topic'}, not on ${topic}: write it there`,
  )
}

/** Kafka's own limit where nobody raises it. What follows from one input then fits a record batch, whatever of it is repeated. */
const RECORD_BYTES_MAX = 1024 * 1024

/** @throws DecodingError */
function checkSize({ key, value }: LogRecord): void {
  const bytes = value.length + (key?.length ?? 0)
  if (bytes <= RECORD_BYTES_MAX) return
  throw new DecodingError(
    'record_too_large',
    `${bytes} bytes, and at most ${RECORD_BYTES_MAX} are read: write it as several records`,
  )
}

/** A fold's state between inputs. */
export interface FoldStart<State> {
  readonly state: State
  readonly now: number
  readonly nextSequence: number
}

/**
 * The fold: gives a processor one input after the other, as live, so in replay. It holds the state, task time and the number of the
 * next event, and nothing of the outside. It is also the `Turn` that handlers see, valid for the input at hand only.
 */
export class Fold<State, In extends { readonly type: string }, Out> implements Turn<Out> {
  readonly task: string
  readonly state: State
  readonly #processor: Processor<State, In, Out>
  readonly #handlers: ReadonlyMap<string, AnyHandler<State, Out>>
  readonly #partition: number
  #sink: EventSink
  #now: number
  #nextSequence: number
  #inputId: string | undefined
  /** Of the input at hand; a tick has neither input nor record. */
  #input: TaskInput | undefined
  #record: LogRecord | undefined
  #upstreamSequence = 0

  constructor(
    definition: { readonly processor: Processor<State, In, Out>; readonly partition: number },
    start: FoldStart<State>,
    sink: EventSink,
  ) {
    this.#processor = definition.processor
    this.#partition = definition.partition
    this.task = taskName(definition.processor.service, definition.partition)
    this.#handlers = new Map<string, AnyHandler<State, Out>>(
      Object.entries(definition.processor.handlers),
    )
    this.state = start.state
    this.#now = start.now
    this.#nextSequence = start.nextSequence
    this.#sink = sink
  }

  get now(): number {
    return this.#now
  }

  get nextSequence(): number {
    return this.#nextSequence
  }

  /** Where events go from now on. */
  emitTo(sink: EventSink): void {
    this.#sink = sink
  }

  nextDeadline(): number | null {
    return this.#processor.nextDeadline(this.state)
  }

  /** @throws HandlerFailedError if a handler threw. */
  input(input: TaskInput, record: LogRecord): void {
    this.#begin(record.appendTime)
    this.#input = input
    this.#record = record
    try {
      this.#deliver(input, record)
    } catch (error) {
      throw new HandlerFailedError(this.task, this.inputId, error)
    }
  }

  /** @throws HandlerFailedError if the processor threw. */
  tick(time: number): void {
    this.#begin(time)
    this.#input = undefined
    this.#record = undefined
    try {
      this.#processor.onTick(this.state, this)
    } catch (error) {
      throw new HandlerFailedError(this.task, this.inputId, error)
    }
  }

  get inputId(): string {
    return (this.#inputId ??= this.#idOfInput())
  }

  nextEventId(): string {
    return `${this.task}/${this.#nextSequence}`
  }

  emit(draft: Draft<Out>, causeIds: readonly string[] = [this.inputId]): string {
    return this.#emit(draft, causeIds)
  }

  refuse(reason: string, detail: string): void {
    const source = this.#input?.topic ?? 'tick'
    const partition = this.#input?.partition ?? this.#partition
    const offset = this.#record?.offset ?? this.#now
    this.#emit({ type: 'InputRefused', source, partition, offset, reason, detail }, [this.inputId])
  }

  #begin(time: number): void {
    if (time > this.#now) this.#now = time
    this.#inputId = undefined
    this.#upstreamSequence = 0
  }

  #deliver(input: TaskInput, record: LogRecord): void {
    if (input.ours) {
      const event = decodedOf(record)
      if ('meta' in event) this.#upstreamSequence = event.meta.sequence
      this.#hand(event)
      return
    }
    const events = this.#decodeForeign(input, record)
    if (events === undefined) return
    if ('type' in events) this.#hand(events)
    else for (const event of events) this.#hand(event)
  }

  #hand(event: SluiceEvent): void {
    this.#handlers.get(event.type)?.(this.state, event as never, this)
  }

  /** What a record of the exchange says, or undefined if it was refused. Our Avro needs no array for its one event. */
  #decodeForeign(
    input: TaskInput,
    record: LogRecord,
  ): SluiceEvent | readonly SluiceEvent[] | undefined {
    try {
      checkSize(record)
      if (input.codec === undefined) return inPlace(input, decodedOf(record))
      return input.codec.decode(record).map(event => inPlace(input, event))
    } catch (error) {
      if (!(error instanceof DecodingError)) throw error
      this.#refuseRecord(input, record, error)
      return undefined
    }
  }

  #refuseRecord(input: TaskInput, record: LogRecord, error: DecodingError): void {
    this.refuse(error.reason, error.message)
    const key = record.key === null ? null : Buffer.from(record.key).toString('utf8')
    const { topic: source, partition } = input
    this.#processor.onRefusedRecord(
      this.state,
      { source, partition, offset: record.offset, key },
      this,
    )
  }

  #idOfInput(): string {
    if (this.#input === undefined || this.#record === undefined) return `tick@${this.#now}`
    const { topic, partition } = this.#input
    return this.#upstreamSequence > 0
      ? `${taskName(topic, partition)}/${this.#upstreamSequence}`
      : `${taskName(topic, partition)}@${this.#record.offset}`
  }

  #emit(draft: object, causeIds: readonly string[]): string {
    const id = this.nextEventId()
    const meta: Meta = {
      sequence: this.#nextSequence,
      causeIds,
      time: this.#now,
      logicVersion: this.#processor.logicVersion,
    }
    const event = { ...draft, meta } as SluiceEvent
    this.#sink.addEvent(new EventToAppend(event))
    this.#nextSequence += 1
    return id
  }
}
