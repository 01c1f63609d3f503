import { deepStrictEqual } from 'node:assert/strict'
import type { Draft, Processor } from '@sluice/stream-runtime/processor'
import { comparable, comparableDraft } from './comparable.ts'
import { driveProcessor } from './driver.ts'
import type { DriverOptions, InputEvent, InputOptions, ProcessorDriver } from './driver.ts'

export { driveProcessor, metaOf, ProcessorContractError } from './driver.ts'
export type { DriverOptions, InputOptions, ProcessorDriver } from './driver.ts'

/** A step of a scenario that is not an input event. */
export type TimeStep =
  | { readonly step: 'tick'; readonly time: number }
  | { readonly step: 'after'; readonly durationMs: number }

/** An event together with where and when it was appended. */
export interface PlacedEvent<In> extends InputOptions {
  readonly step: 'placed'
  readonly event: In
}

export type ScenarioStep<In> = In | PlacedEvent<In> | TimeStep

/** The clock shows `time` (absolute, milliseconds): one tick, if the processor's deadline has come. */
export function tick(time: number): TimeStep {
  return { step: 'tick', time }
}

/** `durationMs` pass: a tick at every deadline in between. */
export function after(durationMs: number): TimeStep {
  return { step: 'after', durationMs }
}

/** An event that was appended at a stated time, partition or offset. */
export function placed<In>(event: In, options: InputOptions): PlacedEvent<In> {
  return { ...options, step: 'placed', event }
}

/** What an event is expected to look like: its type and any of its fields. */
export type Expected<Out> = Out extends { readonly type: string }
  ? Pick<Out, 'type'> & Partial<Omit<Out, 'type'>>
  : never

/**
 * A scenario in three parts: `given` what happened before, `when` this happens, `then` these events were emitted by the `when` steps.
 * Events are compared without `meta` (unless a partial expectation names it) and decimals by value. `when` after `then` goes
 * on from where the scenario is.
 */
export interface Scenario<State, In extends InputEvent, Out> {
  readonly driver: ProcessorDriver<State, In, Out>
  given(...steps: readonly ScenarioStep<In>[]): this
  when(...steps: readonly ScenarioStep<In>[]): this
  /** Exactly these events, in this order, every field. */
  thenEvents(expected: readonly Draft<Out>[]): this
  /** Exactly as many events, in this order, each with at least these fields. */
  thenMatching(expected: readonly Expected<Out>[]): this
  /** Among the events, in this order, there are some with at least these fields. */
  thenContaining(expected: readonly Expected<Out>[]): this
  /** Exactly these types, in this order. */
  thenTypes(expected: readonly string[]): this
  thenNothing(): this
  /** Exactly one event: an `InputRefused` with this reason. */
  thenRefused(reason: string): this
  thenState(check: (state: State) => void): this
}

/** Starts a scenario on a fresh state. */
export function scenario<State, In extends InputEvent, Out>(
  processor: Processor<State, In, Out>,
  options: DriverOptions = {},
): Scenario<State, In, Out> {
  return new DrivenScenario(driveProcessor(processor, options))
}

class DrivenScenario<State, In extends InputEvent, Out> implements Scenario<State, In, Out> {
  readonly driver: ProcessorDriver<State, In, Out>
  #emitted: Out[] = []
  #judged = false

  constructor(driver: ProcessorDriver<State, In, Out>) {
    this.driver = driver
  }

  given(...steps: readonly ScenarioStep<In>[]): this {
    for (const step of steps) take(this.driver, step)
    this.#emitted = []
    return this
  }

  when(...steps: readonly ScenarioStep<In>[]): this {
    if (this.#judged) this.#emitted = []
    this.#judged = false
    for (const step of steps) this.#emitted.push(...take(this.driver, step))
    return this
  }

  thenEvents(expected: readonly Draft<Out>[]): this {
    return this.#same(this.#drafts(), expected.map(comparableFieldsOf))
  }

  thenMatching(expected: readonly Expected<Out>[]): this {
    const picked = this.#events().map((event, index) => pick(event, expected[index]))
    return this.#same(picked, expected.map(comparable))
  }

  thenContaining(expected: readonly Expected<Out>[]): this {
    let position = 0
    for (const event of this.#events()) {
      if (position < expected.length && matches(event, expected[position])) position += 1
    }
    if (position === expected.length) return this
    return this.#same(this.#drafts(), ['…', comparable(expected[position]), '…'])
  }

  thenTypes(expected: readonly string[]): this {
    return this.#same(
      this.#events().map(event => event['type']),
      expected,
    )
  }

  thenNothing(): this {
    return this.#same(this.#drafts(), [])
  }

  thenRefused(reason: string): this {
    const shown = this.#events().map(event => ({ type: event['type'], reason: event['reason'] }))
    return this.#same(shown, [{ type: 'InputRefused', reason }])
  }

  thenState(check: (state: State) => void): this {
    check(this.driver.state)
    return this
  }

  #events(): readonly Record<string, unknown>[] {
    this.#judged = true
    return this.#emitted.map(event => comparable(event) as Record<string, unknown>)
  }

  #drafts(): readonly Record<string, unknown>[] {
    return this.#events().map(withoutMeta)
  }

  #same(actual: unknown, expected: unknown): this {
    deepStrictEqual(actual, expected)
    return this
  }
}

function withoutMeta(event: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'meta'))
}

function comparableFieldsOf(draft: unknown): unknown {
  return typeof draft === 'object' && draft !== null ? comparableDraft(draft) : draft
}

function take<State, In extends InputEvent, Out>(
  driver: ProcessorDriver<State, In, Out>,
  step: ScenarioStep<In>,
): readonly Out[] {
  if (!('step' in step)) return driver.input(step)
  if (step.step === 'tick') return driver.tick(step.time)
  if (step.step === 'after') return driver.advanceTo(driver.now + step.durationMs)
  return driver.input(step.event, step)
}

/** The fields of an event that an expectation names; the whole draft where there is no expectation. */
function pick(event: Record<string, unknown>, expected: unknown): unknown {
  if (typeof expected !== 'object' || expected === null) return event
  const names = Object.keys(comparable(expected) as object)
  return Object.fromEntries(names.map(name => [name, event[name]]))
}

function matches(event: Record<string, unknown>, expected: unknown): boolean {
  try {
    deepStrictEqual(pick(event, expected), comparable(expected))
    return true
  } catch {
    return false
  }
}
