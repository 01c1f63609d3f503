import { expect } from '@jest/globals'
import type { MarginEvaluationEvent, Position } from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import { comparable } from '@sluice/testkit/comparable'
import type { ProcessorDriver } from '@sluice/testkit/given'
import fc from 'fast-check'
import { createProcessor, type MarginEvaluationInput } from '../src/processor.ts'
import type { State } from '../src/state.ts'
import {
  account,
  activated,
  change,
  closed,
  completed,
  deleveraging,
  held,
  listed,
  mark,
  overridden,
  policy,
  position,
  quality,
  released,
  snapshotCompleted,
  tiersOf,
  tiersSet,
} from './world.ts'

const LISTED = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF']
const LATE = 'LATE'
const ACCOUNTS = ['ann', 'bob', 'cat', 'dan', 'eve']
export const SHORT_TIME = 3_000

export type Command =
  | { kind: 'account'; who: string; wallet: number; lots: number[]; isolated: boolean }
  | { kind: 'late'; who: string; lots: number }
  | { kind: 'stale'; who: string }
  | { kind: 'change'; who: string; wallet: number; on: number; lots: number; gap: boolean }
  | { kind: 'close'; who: string }
  | { kind: 'undecodable'; who: string }
  | { kind: 'price'; on: number; move: number; steps: number; isAll: boolean }
  | { kind: 'quality'; on: number; isGood: boolean; byMark: boolean }
  | { kind: 'halt'; on: number; isHalted: boolean }
  | { kind: 'tiers'; on: number; table: number }
  | { kind: 'list' }
  | { kind: 'policy'; call: number; trigger: number; dwell: number }
  | { kind: 'hold'; who: string; isHeld: boolean; forMs: number | null }
  | { kind: 'override'; who: string; ratio: number | null; forMs: number | null }
  | { kind: 'activate'; back: number; forMs: number | null }
  | { kind: 'snapshot' }
  | { kind: 'complete'; who: string }
  | { kind: 'adl'; on: number; isLong: boolean }
  | { kind: 'pass'; ms: number }

const who = fc.constantFrom(...ACCOUNTS)
const on = fc.nat(LISTED.length - 1)
const lots = fc.integer({ min: -40, max: 40 })
/** Wallet as a multiple of 1.5 % of the positions' value: about the maintenance margin. */
const wallet = fc.oneof(
  fc.double({ min: 1.5, max: 6, noNaN: true }),
  fc.double({ min: 1.5, max: 6, noNaN: true }),
  fc.double({ min: -1, max: 20, noNaN: true }),
)

const accountCommand = (name: fc.Arbitrary<string>) =>
  fc.record({
    kind: fc.constant('account' as const),
    who: name,
    wallet,
    lots: fc.array(lots, { minLength: 1, maxLength: 6 }),
    isolated: fc.constantFrom(false, false, true),
  })

export const people = fc.tuple(...ACCOUNTS.map(name => accountCommand(fc.constant(name))))

export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: accountCommand(who) },
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('price' as const),
      on,
      move: fc.oneof(
        fc.double({ min: -0.05, max: 0.05, noNaN: true }),
        fc.double({ min: -0.25, max: 0.3, noNaN: true }),
      ),
      steps: fc.constantFrom(1, 1, 5, 25),
      isAll: fc.boolean(),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(12_000) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('complete' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      who,
      wallet,
      on,
      lots,
      gap: fc.constantFrom(false, false, false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('quality' as const),
      on,
      isGood: fc.constantFrom(true, true, false),
      byMark: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('halt' as const),
      on,
      isHalted: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('tiers' as const), on, table: fc.nat(4) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('policy' as const),
      call: fc.constantFrom(0, 1.2, 1.5, 3, 12),
      trigger: fc.constantFrom(1, 1, 1.1),
      dwell: fc.constantFrom(0, 5_000, 20_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hold' as const),
      who,
      isHeld: fc.boolean(),
      forMs: fc.constantFrom(null, 4_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('override' as const),
      who,
      ratio: fc.constantFrom(null, 0.5, 1.3, 4),
      forMs: fc.constantFrom(null, 6_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('activate' as const),
      back: fc.nat(3),
      forMs: fc.constantFrom(null, 6_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), who, lots }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stale' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undecodable' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.constant({ kind: 'list' as const }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('adl' as const), on, isLong: fc.boolean() }),
  },
)

const TABLES = [
  tiersOf([100_000, 0.01], [300_000, 0.025], [null, 0.1]),
  tiersOf([50_000, 0.004], [null, 0.4]),
  tiersOf([200_000, 0.02], [300_000, 0.05]),
  tiersOf([null, 0.2]),
  [],
]

function walletFor(multiple: number, positions: readonly Position[]): number {
  const value = positions.reduce(
    (sum, { entryNotional }) => sum + Math.abs(Number(entryNotional)),
    0,
  )
  return Math.round(multiple * value * 0.015 * 100) / 100
}

export type Driver = ProcessorDriver<State, MarginEvaluationInput, MarginEvaluationEvent>

type Takers = {
  readonly [Kind in Command['kind']]: (command: Extract<Command, { kind: Kind }>) => void
}

function nameOf(index: number): string {
  return LISTED[index]!
}

/** Turns commands into inputs: knows sequences, prices and versions, so that most of what it makes is accepted. */
export class Generator {
  readonly #drivers: readonly Driver[]
  readonly #sequences = new Map<string, number>()
  readonly #prices = LISTED.map((_, i) => 10_000 + 3_000 * i)
  readonly #liquidations = new Map<string, string>()
  #version = 1
  #offset = 10_000
  now = 0

  readonly #takers: Takers = {
    account: command => this.#account(command),
    change: command => this.#change(command),
    price: command => this.#move(command),
    pass: ({ ms }) => {
      this.now += ms
      this.#agree(driver => driver.advanceTo(this.now))
    },
    complete: ({ who }) =>
      this.feed(completed(who, this.#liquidations.get(who) ?? 'margin-evaluation-0/0')),
    quality: ({ on, isGood, byMark }) => {
      const to = isGood ? 'good' : 'stale'
      this.feed(byMark ? mark(nameOf(on), this.#ticks(on), to) : quality(nameOf(on), to))
    },
    halt: ({ on, isHalted }) =>
      this.feed({
        type: isHalted ? 'InstrumentHalted' : 'InstrumentResumed',
        instrument: nameOf(on),
        version: 1,
        author: 'op',
        reason: 'test',
      }),
    tiers: ({ on, table }) => this.feed(tiersSet(nameOf(on), TABLES[table], this.#nextVersion())),
    policy: command => this.#policy(command),
    hold: ({ who, isHeld, forMs }) =>
      this.feed(isHeld ? held(who, forMs === null ? null : this.now + forMs) : released(who)),
    override: ({ who, ratio, forMs }) =>
      this.feed(overridden(who, ratio, forMs === null ? null : this.now + forMs)),
    activate: ({ back, forMs }) =>
      this.feed(activated(this.#version - back, forMs === null ? null : this.now + forMs)),
    snapshot: () => this.feed(snapshotCompleted),
    late: ({ who, lots }) => {
      const positions = [position(LATE, lots === 0 ? 1 : lots, 500)]
      this.feed(account(who, this.#next(who), { positions }))
    },
    list: () => this.feed(listed(LATE), tiersSet(LATE, TABLES[0]), mark(LATE, 500)),
    stale: ({ who }) => this.feed(account(who, this.#last(who) - 1)),
    close: ({ who }) => this.feed(closed(who, this.#next(who))),
    undecodable: ({ who }) => this.#undecodable(who),
    adl: ({ on, isLong }) =>
      this.feed(
        deleveraging({
          scope: 'ann',
          instrument: nameOf(on),
          side: isLong ? 'long' : 'short',
          priceTicks: this.#ticks(on),
        }),
      ),
  }

  constructor(drivers: readonly Driver[], { isOpen = true } = {}) {
    this.#drivers = drivers
    for (const name of LISTED) this.feed(listed(name), tiersSet(name, TABLES[0]))
    this.feed(policy())
    LISTED.forEach((name, i) => this.feed(mark(name, this.#ticks(i))))
    if (isOpen) this.feed(snapshotCompleted)
  }

  feed(...events: MarginEvaluationInput[]): void {
    for (const event of events) {
      this.now += 1
      this.#agree(driver => driver.input(event, { time: this.now }))
    }
  }

  run(command: Command): void {
    const takers: Takers = this.#takers
    const take = takers[command.kind] as (command: Command) => void
    take(command)
  }

  /** One price, or all, move in so many steps: small ones stop between where a look is due and where it would be late. */
  #move({ on, move, steps, isAll }: Extract<Command, { kind: 'price' }>): void {
    for (let step = 0; step < steps; step += 1) {
      LISTED.forEach((name, i) => {
        if (!isAll && i !== on) return
        this.#prices[i] = Math.max(10, this.#prices[i]! * (1 + move) ** (1 / steps))
        this.feed(mark(name, this.#ticks(i)))
      })
    }
  }

  #account(command: Extract<Command, { kind: 'account' }>): void {
    const positions = command.lots.flatMap((quantity, i) =>
      quantity === 0 ? [] : [position(LISTED[i]!, quantity, this.#ticks(i))],
    )
    const isIsolated = command.isolated && positions.length > 0
    const isolatedInstrument = isIsolated ? positions[0]!.instrument : null
    const key = isIsolated ? `${command.who}/${isolatedInstrument}` : command.who
    this.feed(
      account(command.who, this.#next(key), {
        wallet: walletFor(command.wallet, positions),
        isolatedInstrument,
        positions: isIsolated ? positions.slice(0, 1) : positions,
      }),
    )
  }

  #change({ who, wallet, on, lots, gap }: Extract<Command, { kind: 'change' }>): void {
    const last = this.#last(who)
    const instrument = LISTED[on]!
    this.feed(
      change(who, [last - (gap ? 1 : 0), this.#next(who)], {
        wallet: Math.round(wallet * 500),
        position: lots === 0 ? null : position(instrument, lots, this.#ticks(on)),
        closedInstrument: lots === 0 ? instrument : null,
      }),
    )
  }

  #policy({ call, trigger, dwell }: Extract<Command, { kind: 'policy' }>): void {
    this.feed(
      policy({
        version: this.#nextVersion(),
        triggerRatio: new Decimal(trigger),
        marginCallRatios: call === 0 ? [] : [new Decimal(call)],
        marginCallDwellMs: dwell,
      }),
    )
  }

  #undecodable(key: string): void {
    this.#offset += 1
    const at = { source: 'accounts', partition: 0, offset: this.#offset, key }
    this.#agree(driver =>
      driver.refusedRecord(at, { reason: 'bytes_truncated', detail: 'test' }, this.now),
    )
  }

  #ticks(index: number): number {
    return Math.round(this.#prices[index]!)
  }

  #nextVersion(): number {
    this.#version += 1
    return this.#version
  }

  #last(scope: string): number {
    return this.#sequences.get(scope) ?? 0
  }

  #next(scope: string): number {
    this.#sequences.set(scope, this.#last(scope) + 1)
    return this.#last(scope)
  }

  /** Both drivers take the same step, and must emit the same. */
  #agree(step: (driver: Driver) => readonly MarginEvaluationEvent[]): void {
    const [first, ...others] = this.#drivers.map(step)
    for (const other of others) {
      if (JSON.stringify(other) !== JSON.stringify(first))
        expect(comparable(other)).toEqual(comparable(first))
    }
    for (const event of first ?? []) this.#learn(event)
    const [deadline, ...rest] = this.#drivers.map(deadlineOf)
    if (rest.some(other => other !== deadline)) expect(rest).toEqual([deadline])
  }

  #learn(event: MarginEvaluationEvent): void {
    if (event.type !== 'LiquidationTriggered') return
    this.#liquidations.set(event.statement.scope, `margin-evaluation-0/${event.meta.sequence}`)
  }
}

const processor = createProcessor()

function deadlineOf(driver: Driver): number | null {
  return processor.nextDeadline(driver.state)
}
