import { deepStrictEqual } from 'node:assert/strict'
import { decodeEvent, encodeEvent } from '@sluice/contracts/codec'
import { SCHEMAS } from '@sluice/contracts/generated/schemas'
import type { Meta, SluiceEvent } from '@sluice/contracts/generated/events'
import type { Draft, Processor, RefusedRecord, Turn } from '@sluice/stream-runtime/processor'
import { comparable, deepFreeze } from './comparable.ts'

/** An event on its way into a processor. */
export interface InputEvent {
  readonly type: string
  readonly meta?: Meta
}

export interface InputOptions {
  /** Append time of the record; task time never falls. Default: the driver's clock. */
  readonly time?: number
  /** Topic; default: the topic whose schema has this event type. */
  readonly source?: string
  /** Default 0. */
  readonly partition?: number
  /** Default: one more than the last of that partition. */
  readonly offset?: number
}

export interface DriverOptions {
  /** Number of the task; default 0. */
  readonly partition?: number
  /** What the clock shows at first; default 0. */
  readonly startTime?: number
  /**
   * After every step, default true: a twin restored from the snapshot taken before the step takes the same input, and must emit
   * the same events, want the same tick and give the same snapshot bytes. Turn off only where thousands of steps are driven.
   */
  readonly checkSnapshots?: boolean
  /** Default true: every emitted event must survive the codec unchanged, as it will have to on the log. */
  readonly checkEncoding?: boolean
}

/** A processor driven by hand: no log, no clock, everything it emits collected with the meta the runtime would give it. */
export interface ProcessorDriver<State, In, Out> {
  readonly task: string
  /** The state after the last step. */
  readonly state: State
  /** Task time. */
  readonly now: number
  /** All that was emitted so far. */
  readonly events: readonly Out[]
  /** Feeds one event; answers what it emitted. */
  input(event: In, options?: InputOptions): readonly Out[]
  /** Sets the clock to `time` and delivers one tick if the processor's deadline has come; otherwise nothing happens. */
  tick(time: number): readonly Out[]
  /** Delivers a tick at every deadline up to `time`, as a runtime that is never late would, and leaves the clock there. */
  advanceTo(time: number): readonly Out[]
  /** A record that could not be decoded: `InputRefused` is emitted as the runtime does, then the processor is told. */
  refusedRecord(record: RefusedRecord, refusal: Refusal, time?: number): readonly Out[]
}

export interface Refusal {
  readonly reason: string
  readonly detail: string
}

/** A rule of the runtime's contract that the processor broke: its message says which, and at which input. */
export class ProcessorContractError extends Error {
  override readonly name = 'ProcessorContractError'
}

/** Ticks that may follow each other without an input between before the driver says that deadlines do not move. */
const TICKS_MAX = 100_000

const TOPIC_OF_TYPE: ReadonlyMap<string, string> = new Map(
  SCHEMAS.map(({ topic, fullName }) => [fullName.slice(fullName.lastIndexOf('.') + 1), topic]),
)

/**
 * Drives a processor as its task would.
 *
 * Ids follow the contract: emitted events are `<service>-<partition>/<n>` with n from 1; an input with `meta` is
 * `<topic>-<partition>/<meta.sequence>`, any other `<topic>-<partition>@<offset>`, a tick `tick@<time>`. Inputs are frozen all the
 * way down, so a handler that writes to one fails.
 *
 * @throws ProcessorContractError if a snapshot does not carry the whole state, a refused input changed it, or an emitted event
 * has no encoding.
 */
export function driveProcessor<State, In extends InputEvent, Out>(
  processor: Processor<State, In, Out>,
  options: DriverOptions = {},
): ProcessorDriver<State, In, Out> {
  return new Driver(processor, options)
}

/** `meta` for an event of ours that is given as an input. */
export function metaOf(sequence: number, rest: Partial<Omit<Meta, 'sequence'>> = {}): Meta {
  return { sequence, causeIds: [], time: 0, logicVersion: 1, ...rest }
}

interface Step<State, Out> {
  readonly inputId: string
  readonly now: number
  run(state: State, turn: DriverTurn<Out>): void
}

class Driver<State, In extends InputEvent, Out> implements ProcessorDriver<State, In, Out> {
  readonly task: string
  readonly #processor: Processor<State, In, Out>
  readonly #checkSnapshots: boolean
  readonly #checkEncoding: boolean
  readonly #emitted: Out[] = []
  readonly #nextOffsets = new Map<string, number>()
  #state: State
  #clock: number
  #now: number

  constructor(processor: Processor<State, In, Out>, options: DriverOptions) {
    this.#processor = processor
    this.task = `${processor.service}-${options.partition ?? 0}`
    this.#checkSnapshots = options.checkSnapshots ?? true
    this.#checkEncoding = options.checkEncoding ?? true
    this.#clock = options.startTime ?? 0
    this.#now = this.#clock
    this.#state = processor.initialState()
  }

  get state(): State {
    return this.#state
  }

  get now(): number {
    return this.#now
  }

  get events(): readonly Out[] {
    return this.#emitted
  }

  input(event: In, options: InputOptions = {}): readonly Out[] {
    const source = options.source ?? topicOf(event.type)
    const partition = options.partition ?? 0
    const offset = this.#takeOffset(`${source}-${partition}`, options.offset)
    const inputId =
      event.meta === undefined
        ? `${source}-${partition}@${offset}`
        : `${source}-${partition}/${event.meta.sequence}`
    return this.#step({
      inputId,
      now: this.#timeOf(options.time),
      run: (state, turn) => {
        turn.origin = { source, partition, offset }
        handle(this.#processor, state, { event: deepFreeze(event), turn })
      },
    })
  }

  tick(time: number): readonly Out[] {
    this.#clock = Math.max(this.#clock, time)
    const deadline = this.#processor.nextDeadline(this.#state)
    if (deadline === null || deadline > time) return []
    const now = this.#timeOf(time)
    return this.#step({
      inputId: `tick@${now}`,
      now,
      run: (state, turn) => this.#processor.onTick(state, turn),
    })
  }

  advanceTo(time: number): readonly Out[] {
    const emitted: Out[] = []
    for (let ticks = 0; ; ticks += 1) {
      const deadline = this.#processor.nextDeadline(this.#state)
      if (deadline === null || deadline > time) break
      if (ticks === TICKS_MAX) {
        throw new ProcessorContractError(
          `${this.task} asked for ${TICKS_MAX} ticks up to ${time} (the last for ${deadline}): onTick must move its deadline`,
        )
      }
      emitted.push(...this.tick(Math.max(deadline, this.#now)))
    }
    this.#clock = Math.max(this.#clock, time)
    return emitted
  }

  refusedRecord(record: RefusedRecord, refusal: Refusal, time?: number): readonly Out[] {
    this.#nextOffsets.set(`${record.source}-${record.partition}`, record.offset + 1)
    return this.#step({
      inputId: `${record.source}-${record.partition}@${record.offset}`,
      now: this.#timeOf(time),
      run: (state, turn) => {
        turn.origin = record
        turn.refuse(refusal.reason, refusal.detail)
        turn.refused = false
        this.#processor.onRefusedRecord(state, record, turn)
      },
    })
  }

  #timeOf(time: number | undefined): number {
    this.#clock = Math.max(this.#clock, time ?? this.#clock)
    return Math.max(this.#now, time ?? this.#clock)
  }

  #takeOffset(partition: string, asked: number | undefined): number {
    const offset = asked ?? this.#nextOffsets.get(partition) ?? 0
    this.#nextOffsets.set(partition, offset + 1)
    return offset
  }

  #step(step: Step<State, Out>): readonly Out[] {
    const before = this.#checkSnapshots ? this.#processor.snapshot(this.#state) : undefined
    const turn = this.#run(this.#state, step)
    if (before !== undefined) this.#checkTwin(before, { step, turn })
    if (this.#checkEncoding) turn.emitted.forEach(event => this.#checkEvent(event, step.inputId))
    this.#now = step.now
    this.#emitted.push(...turn.emitted)
    return turn.emitted
  }

  #run(state: State, step: Step<State, Out>): DriverTurn<Out> {
    const turn = new DriverTurn<Out>({
      task: this.task,
      now: step.now,
      inputId: step.inputId,
      firstSequence: this.#emitted.length + 1,
      logicVersion: this.#processor.logicVersion,
    })
    step.run(state, turn)
    return turn
  }

  #checkEvent(event: Out, inputId: string): void {
    const place = `${this.task} at input ${inputId}`
    let decoded: unknown
    try {
      decoded = decodeEvent(encodeEvent(event as SluiceEvent))
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause)
      throw new ProcessorContractError(`${place}: an emitted event has no encoding\n${detail}`, {
        cause,
      })
    }
    same(decoded, event, `${place}: an emitted event changes when it is encoded and decoded`)
  }

  #checkTwin(
    before: Uint8Array,
    { step, turn }: { step: Step<State, Out>; turn: DriverTurn<Out> },
  ) {
    const place = `${this.task} at input ${step.inputId}`
    const twin = this.#processor.restore(before)
    same(this.#processor.snapshot(twin), before, `${place}: snapshot → restore → snapshot differs`)
    const twinTurn = this.#run(twin, step)
    const after = this.#processor.snapshot(this.#state)
    same(twinTurn.emitted, turn.emitted, `${place}: a restored state emits something else`)
    same(this.#processor.snapshot(twin), after, `${place}: a restored state ends elsewhere`)
    same(
      this.#processor.nextDeadline(twin),
      this.#processor.nextDeadline(this.#state),
      `${place}: a restored state wants another tick`,
    )
    if (turn.refused && turn.emitted.length === 1) {
      same(after, before, `${place}: the input was refused, but the state changed`)
    }
  }
}

function topicOf(type: string): string {
  const topic = TOPIC_OF_TYPE.get(type)
  if (topic === undefined || topic === 'shared') {
    throw new ProcessorContractError(
      `no topic is known for ${type}: pass { source } with the input, or add its schema to packages/contracts/schemas`,
    )
  }
  return topic
}

/** Handlers are looked up by the event's own type; a type without one is not for this processor. */
function handle<State, In extends InputEvent, Out>(
  processor: Processor<State, In, Out>,
  state: State,
  { event, turn }: { event: In; turn: Turn<Out> },
): void {
  const handlers: Readonly<
    Record<string, ((state: State, event: never, turn: Turn<Out>) => void) | undefined>
  > = processor.handlers
  handlers[event.type]?.call(processor.handlers, state, event as never, turn)
}

function same(actual: unknown, expected: unknown, message: string): void {
  try {
    deepStrictEqual(comparable(actual), comparable(expected))
  } catch (difference) {
    const detail = difference instanceof Error ? difference.message : String(difference)
    throw new ProcessorContractError(`${message}\n${detail}`, { cause: difference })
  }
}

interface TurnOptions {
  readonly task: string
  readonly now: number
  readonly inputId: string
  readonly firstSequence: number
  readonly logicVersion: number
}

class DriverTurn<Out> implements Turn<Out> {
  readonly task: string
  readonly now: number
  readonly inputId: string
  readonly emitted: Out[] = []
  origin = { source: 'tick', partition: 0, offset: 0 }
  refused = false
  readonly #firstSequence: number
  readonly #logicVersion: number

  constructor(options: TurnOptions) {
    this.task = options.task
    this.now = options.now
    this.inputId = options.inputId
    this.#firstSequence = options.firstSequence
    this.#logicVersion = options.logicVersion
  }

  nextEventId(): string {
    return `${this.task}/${this.#nextSequence()}`
  }

  emit(draft: Draft<Out>, causeIds: readonly string[] = [this.inputId]): string {
    return this.#push(draft, causeIds)
  }

  refuse(reason: string, detail: string): void {
    const { source, partition, offset } = this.origin
    this.refused = true
    this.#push({ type: 'InputRefused', source, partition, offset, reason, detail }, [this.inputId])
  }

  #nextSequence(): number {
    return this.#firstSequence + this.emitted.length
  }

  #push(draft: object, causeIds: readonly string[]): string {
    const id = this.nextEventId()
    const meta: Meta = {
      sequence: this.#nextSequence(),
      causeIds: [...causeIds],
      time: this.now,
      logicVersion: this.#logicVersion,
    }
    this.emitted.push(deepFreeze({ ...draft, meta }) as Out)
    return id
  }
}
