import { describe, expect, test } from '@jest/globals'
import type { Position } from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import { comparable } from '@sluice/testkit/comparable'
import { driveProcessor, type ProcessorDriver } from '@sluice/testkit/given'
import fc from 'fast-check'
import { createProcessor, type MarginEvaluationInput } from '../src/processor.ts'
import {
  account,
  change,
  closed,
  completed,
  deleveraging,
  held,
  listed,
  mark,
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
const SHORT_TIME = 3_000

type Command =
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
  | { kind: 'list'; what: string }
  | { kind: 'policy'; call: number; trigger: number; dwell: number }
  | { kind: 'hold'; who: string; isHeld: boolean; forMs: number | null }
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

const people = fc.tuple(...ACCOUNTS.map(name => accountCommand(fc.constant(name))))

const command: fc.Arbitrary<Command> = fc.oneof(
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
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), who, lots }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stale' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('undecodable' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('list' as const), what: fc.constant(LATE) }),
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

type Driver = ProcessorDriver<unknown, MarginEvaluationInput, { readonly type: string }>

/** Turns commands into inputs: knows sequences, prices and versions, so that most of what it makes is accepted. */
class Generator {
  readonly #drivers: readonly Driver[]
  readonly #sequences = new Map<string, number>()
  readonly #prices = LISTED.map((_, i) => 10_000 + 3_000 * i)
  readonly #liquidations = new Map<string, string>()
  #version = 1
  #offset = 10_000
  now = 0

  constructor(drivers: readonly Driver[]) {
    this.#drivers = drivers
    for (const name of LISTED) this.feed(listed(name), tiersSet(name, TABLES[0]))
    this.feed(policy())
    LISTED.forEach((name, i) => this.feed(mark(name, this.#prices[i]!)))
    this.feed(snapshotCompleted)
  }

  feed(...events: MarginEvaluationInput[]): void {
    for (const event of events) {
      this.now += 1
      this.#agree(driver => driver.input(event, { time: this.now }))
    }
  }

  run(command: Command): void {
    switch (command.kind) {
      case 'account':
        return this.#account(command)
      case 'change':
        return this.#change(command)
      case 'price':
        return this.#move(command)
      case 'pass':
        this.now += command.ms
        return this.#agree(driver => driver.advanceTo(this.now))
      case 'complete': {
        const id = this.#liquidations.get(command.who)
        return this.feed(completed(command.who, id ?? 'margin-evaluation-0/0'))
      }
      case 'quality': {
        const to = command.isGood ? 'good' : 'stale'
        const name = LISTED[command.on]!
        return this.feed(
          command.byMark
            ? mark(name, Math.round(this.#prices[command.on]!), to)
            : quality(name, to),
        )
      }
      default:
        return this.#rare(command)
    }
  }

  /** One price, or all, move in so many steps: small ones stop between where a look is due and where it would be late. */
  #move({ on, move, steps, isAll }: Extract<Command, { kind: 'price' }>): void {
    for (let step = 0; step < steps; step += 1) {
      LISTED.forEach((name, i) => {
        if (!isAll && i !== on) return
        this.#prices[i] = Math.max(10, this.#prices[i]! * (1 + move) ** (1 / steps))
        this.feed(mark(name, Math.round(this.#prices[i]!)))
      })
    }
  }

  #rare(command: Command): void {
    switch (command.kind) {
      case 'halt':
        return this.feed({
          type: command.isHalted ? 'InstrumentHalted' : 'InstrumentResumed',
          instrument: LISTED[command.on]!,
          version: 1,
          author: 'op',
          reason: 'test',
        })
      case 'tiers':
        this.#version += 1
        return this.feed(tiersSet(LISTED[command.on]!, TABLES[command.table], this.#version))
      case 'policy':
        return this.#policy(command)
      case 'hold':
        return this.feed(
          command.isHeld
            ? held(command.who, command.forMs === null ? null : this.now + command.forMs)
            : released(command.who),
        )
      case 'late':
        return this.feed(
          account(command.who, this.#next(command.who), {
            positions: [position(LATE, command.lots || 1, 500)],
          }),
        )
      case 'list':
        return this.feed(listed(LATE), tiersSet(LATE, TABLES[0]), mark(LATE, 500))
      case 'stale':
        return this.feed(account(command.who, this.#last(command.who) - 1))
      case 'close':
        return this.feed(closed(command.who, this.#next(command.who)))
      case 'undecodable':
        return this.#undecodable(command.who)
      case 'adl':
        return this.feed(
          deleveraging({
            scope: 'ann',
            instrument: LISTED[command.on]!,
            side: command.isLong ? 'long' : 'short',
            priceTicks: Math.round(this.#prices[command.on]!),
          }),
        )
      default:
        throw new Error(`no such command: ${command.kind}`)
    }
  }

  #account(command: Extract<Command, { kind: 'account' }>): void {
    const positions = command.lots.flatMap((quantity, i) =>
      quantity === 0 ? [] : [position(LISTED[i]!, quantity, Math.round(this.#prices[i]!))],
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
        position: lots === 0 ? null : position(instrument, lots, Math.round(this.#prices[on]!)),
        closedInstrument: lots === 0 ? instrument : null,
      }),
    )
  }

  #policy({ call, trigger, dwell }: Extract<Command, { kind: 'policy' }>): void {
    this.#version += 1
    this.feed(
      policy({
        version: this.#version,
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

  #last(scope: string): number {
    return this.#sequences.get(scope) ?? 0
  }

  #next(scope: string): number {
    this.#sequences.set(scope, this.#last(scope) + 1)
    return this.#last(scope)
  }

  /** Both drivers take the same step, and must emit the same. */
  #agree(step: (driver: Driver) => readonly object[]): void {
    const [first, ...others] = this.#drivers.map(step)
    for (const other of others) {
      if (JSON.stringify(other) !== JSON.stringify(first))
        expect(comparable(other)).toEqual(comparable(first))
    }
    for (const event of first ?? []) this.#learn(event as Record<string, unknown>)
    const [deadline, ...rest] = this.#drivers.map(deadlineOf)
    if (rest.some(other => other !== deadline)) expect(rest).toEqual([deadline])
  }

  #learn(event: Record<string, unknown>): void {
    if (event['type'] !== 'LiquidationTriggered') return
    const { scope } = event['statement'] as { scope: string }
    const { sequence } = event['meta'] as { sequence: number }
    this.#liquidations.set(scope, `margin-evaluation-0/${sequence}`)
  }
}

const fast = createProcessor()
const naive = createProcessor(undefined, 'full-scan')

function deadlineOf(driver: Driver): number | null {
  return fast.nextDeadline(driver.state as never)
}

describe('The trigger book and the full scan', () => {
  test('emit the same events after every input, and end in the same state', () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(
        people,
        fc.array(command, { maxLength: 60, minLength: 30, size: 'max' }),
        (people, commands) => {
          const drivers = [
            driveProcessor(fast, { checkSnapshots: false }),
            driveProcessor(naive, { checkSnapshots: false }),
          ] as unknown as Driver[]
          const generator = new Generator(drivers)
          for (const next of [...people, ...commands]) generator.run(next)
          generator.run({ kind: 'pass', ms: SHORT_TIME })
          const [a, b] = drivers.map(driver => fast.snapshot(driver.state as never))
          expect(Buffer.compare(a!, b!)).toBe(0)
          for (const { type } of drivers[0]!.events) seen.set(type, (seen.get(type) ?? 0) + 1)
        },
      ),
      { numRuns: process.env['SLUICE_LONG'] === undefined ? 60 : 20_000, seed: 20_251_010 },
    )
    for (const type of [
      'LiquidationTriggered',
      'MarginCallIssued',
      'MarginCallCleared',
      'AccountRiskReported',
      'ScopeDistrusted',
      'ScopeTrusted',
      'InputRefused',
      'LiquidationProfileReported',
      'DeleveragingCandidatesRanked',
    ])
      expect(seen.get(type) ?? 0).toBeGreaterThan(5)
  })

  test('a snapshot taken before any input and restored changes nothing that follows', () => {
    fc.assert(
      fc.property(
        people,
        fc.array(command, { maxLength: 30, minLength: 10, size: 'max' }),
        (people, commands) => {
          const drivers = [driveProcessor(fast)] as unknown as Driver[]
          const generator = new Generator(drivers)
          for (const next of [...people, ...commands]) generator.run(next)
        },
      ),
      { numRuns: process.env['SLUICE_LONG'] === undefined ? 6 : 2_000, seed: 20_251_011 },
    )
  })
})
