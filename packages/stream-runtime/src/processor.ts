import type { Meta } from '@sluice/contracts/generated/events'

/** What a handler emits: an event without `meta`, which the runtime adds. */
export type Draft<Out> = Out extends { readonly meta: Meta } ? Omit<Out, 'meta'> : never

/** Where an input that could not be decoded came from. `key` is its record key as text, if it had one. */
export interface RefusedRecord {
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
}

/**
 * One input being folded. Handlers decide first (`refuse` and return), then emit, then change the state; nothing they emit
 * is seen by anybody before the whole batch is durable.
 */
export interface Turn<Out> {
  /** Name of the task, `<service>-<partition>`. */
  readonly task: string
  /** Task time in milliseconds: monotone, taken from the log or from a recorded tick, never from a clock. */
  readonly now: number
  /**
   * Id of the input: `<task>/<sequence>` for an event of ours, `<topic>-<partition>@<offset>` for an exchange's record,
   * `tick@<time>` for a tick.
   */
  readonly inputId: string
  /** Id that the next emitted event will have. */
  nextEventId(): string
  /** Emits an event and returns its id. `causeIds` defaults to the input. */
  emit(draft: Draft<Out>, causeIds?: readonly string[]): string
  /** Emits `InputRefused`. The state must not have been changed by this input. */
  refuse(reason: string, detail: string): void
}

/** A short function for each type of input. */
export type Handlers<State, In extends { readonly type: string }, Out> = {
  readonly [Type in In['type']]: (
    state: State,
    event: Extract<In, { readonly type: Type }>,
    turn: Turn<Out>,
  ) => void
}

/**
 * The pure, synchronous rules of one service: (state, input) → events. No clock, no randomness, no environment.
 * `snapshot` is canonical: equal states give equal bytes, whatever way they were reached.
 */
export interface Processor<State, In extends { readonly type: string }, Out> {
  readonly service: string
  readonly logicVersion: number
  /** The whole settings that decide, as text in the snapshot's sense: hashed into every receipt. */
  readonly settings: string
  readonly handlers: Handlers<State, In, Out>
  initialState(): State
  /** Task time at which the processor wants a tick, or null. A tick may come later than asked for, never earlier. */
  nextDeadline(state: State): number | null
  onTick(state: State, turn: Turn<Out>): void
  /** A record that could not be decoded; the runtime has already emitted its `InputRefused`. */
  onRefusedRecord(state: State, record: RefusedRecord, turn: Turn<Out>): void
  snapshot(state: State): Uint8Array
  restore(snapshot: Uint8Array): State
  /** What a person wants to see of a state that does not show by itself; default: the state. For looking at, never folded. */
  describe?(state: State): unknown
}
