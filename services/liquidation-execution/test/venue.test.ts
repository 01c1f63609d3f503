import { describe, expect, test } from '@jest/globals'
import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import { ZERO } from '@sluice/domain/decimal'
import { driveProcessor } from '@sluice/testkit/given'
import type { ProcessorDriver } from '@sluice/testkit/given'
import fc from 'fast-check'
import { createProcessor } from '../src/processor.ts'
import type { ExecutionInput } from '../src/processor.ts'
import type { State } from '../src/state.ts'
import { BTC, ETH, KILL_SWITCH, book, dec, mark, world } from './fixtures.ts'
import { Venue } from './venue.ts'

type Driver = ProcessorDriver<State, ExecutionInput, LiquidationExecutionEvent>

const RELEASE = {
  type: 'KillSwitchReleased',
  ...{ actor: 'ann', reason: 'drill', approver: null, expiresAt: null },
} as const

interface Case {
  readonly mode: 'partial' | 'full'
  readonly pool: number
  readonly winners: number
  readonly counterpartyLots: number
  readonly aliceWallet: number
  readonly bobWallet: number
  readonly actions: readonly (readonly [action: number, choice: number])[]
}

const cases: fc.Arbitrary<Case> = fc.record({
  mode: fc.constantFrom('partial', 'full'),
  pool: fc.constantFrom(0, 100, 100_000),
  winners: fc.constantFrom(0, 1_000_000),
  counterpartyLots: fc.constantFrom(0, 700, 50_000),
  aliceWallet: fc.integer({ min: 500, max: 2_100 }),
  bobWallet: fc.integer({ min: 500, max: 2_500 }),
  actions: fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.nat(1_000)), {
    maxLength: 120,
    size: 'max',
  }),
})

/** A venue and the processor, and what may happen between them. */
class World {
  readonly venue: Venue
  readonly driver: Driver
  readonly #twice: boolean

  constructor(of: Case, checkSnapshots: boolean, twice = true) {
    this.venue = new Venue(of)
    this.venue.add('alice', dec(of.aliceWallet), { [BTC]: 2_000 })
    this.venue.add('bob', dec(of.bobWallet), { [BTC]: 800, [ETH]: -1_900 })
    this.#twice = twice
    this.driver = driveProcessor(createProcessor({ evaluators: 2 }), { checkSnapshots })
    const policy = { mode: of.mode, orderTimeoutMs: 3_000 }
    for (const event of world({ policy, pool: of.pool })) this.driver.input(event)
    for (const account of this.venue.accounts.values()) this.venue.evaluate(account)
  }

  input(event: ExecutionInput): void {
    this.venue.hear(this.driver.input(event, { time: this.venue.now }))
  }

  act(action: number, choice: number): void {
    if (action < 25) this.deliverReport(choice)
    else if (action < 45) this.deliverStatement()
    else if (action < 70) this.answer(choice, action < 48)
    else if (action < 80) this.pass(choice * 2)
    else if (action < 86) this.movePrice(choice)
    else if (action < 89) this.venue.deposit(this.#account(choice), dec(choice))
    else if (action < 93) this.venue.traderCloses(this.#account(choice), BTC, choice)
    else if (action < 96) this.changeBook(choice % 3 === 0 ? 0 : choice * 40)
    else this.input(choice % 2 === 0 ? KILL_SWITCH : RELEASE)
  }

  deliverReport(choice: number): boolean {
    const queues = [...this.venue.reports.values()].filter(queue => queue.length > 0)
    const report = queues[choice % Math.max(1, queues.length)]?.shift()
    if (report === undefined) return false
    this.input(report)
    if (this.#twice && choice % 4 === 0) this.input(report)
    return true
  }

  deliverStatement(): boolean {
    const statement = this.venue.statements.shift()
    if (statement !== undefined) this.input(statement)
    return statement !== undefined
  }

  /** The venue answers some request, or loses it. */
  answer(choice: number, isLost: boolean): boolean {
    const { requests } = this.venue
    const [request] = requests.splice(choice % Math.max(1, requests.length), 1)
    if (request !== undefined && !isLost) this.venue.answer(request)
    return request !== undefined
  }

  pass(durationMs: number): void {
    this.venue.now += durationMs
    this.venue.hear(this.driver.advanceTo(this.venue.now))
  }

  movePrice(choice: number): void {
    const instrument = choice % 2 === 0 ? BTC : ETH
    const ticks = this.venue.marks.get(instrument)! + (choice - 500) * 10
    this.venue.marks.set(instrument, ticks)
    this.input(mark(instrument, ticks))
    this.evaluateAll()
  }

  changeBook(lots: number): void {
    this.venue.bookLots = Math.floor(lots / 2)
    for (const instrument of [BTC, ETH]) {
      const ticks = this.venue.marks.get(instrument)!
      this.input(book(instrument, lots, { bidTicks: ticks, askTicks: ticks }))
    }
  }

  evaluateAll(): void {
    for (const account of this.venue.accounts.values()) this.venue.evaluate(account)
  }

  /** No more faults: everybody answers. True once no liquidation runs but those that need a person. */
  settle(): boolean {
    this.input(RELEASE)
    this.changeBook(40_000)
    for (let round = 0; round < 400; round += 1) {
      while (this.answer(0, false) || this.deliverReport(1) || this.deliverStatement());
      const running = [...this.driver.state.liquidations.values()]
      if (running.every(({ stage }) => stage.name === 'halted')) return true
      this.pass(1_000)
      this.evaluateAll()
    }
    return false
  }

  #account(choice: number) {
    return this.venue.accounts.get(choice % 2 === 0 ? 'alice' : 'bob')!
  }
}

function run(of: Case, checkSnapshots: boolean): World {
  const world = new World(of, checkSnapshots)
  for (const [action, choice] of of.actions) world.act(action, choice)
  return world
}

const LONG = process.env['SLUICE_LONG'] !== undefined
const seed = 20_261_124
/** On a slow machine fewer cases are run, and shrinking ends too. */
const limits = { interruptAfterTimeLimit: LONG ? 1_800_000 : 40_000 }

describe('against a venue that answers late, twice, in any order, or not at all', () => {
  test('never asks for more than there is to close, always ends, and tells totals to the last digit', () => {
    const property = fc.property(cases, of => {
      const world = run(of, false)
      const isSettled = world.settle()
      expect(world.venue.faults).toEqual([])
      expect(isSettled ? 'settled' : stuck(world)).toBe('settled')
      expectHaltsOnlyWithoutMoney(world, of)
      expectEachExecutionOnce(world)
      expectTotalsOfTheVenue(world)
      expectNothingReserved(world)
    })
    fc.assert(property, { ...limits, seed, numRuns: LONG ? 5_000 : 60 })
  })

  test('goes on from a snapshot at any moment as if nothing had happened', () => {
    const property = fc.property(cases, of => {
      run(of, true).settle()
    })
    fc.assert(property, { ...limits, seed: seed + 2, numRuns: LONG ? 200 : 4 })
  })

  test('reaches every row of the waterfall', () => {
    const types = new Set<string>()
    for (const of of fc.sample(cases, { seed, numRuns: 30 })) {
      const world = run(of, false)
      world.settle()
      for (const { type } of world.driver.events) types.add(type)
    }
    expect([...types].sort()).toEqual([
      'DeleveragingOrdered',
      'DeleveragingRequested',
      'FundMovementRequested',
      'LiquidationAverted',
      'LiquidationCompleted',
      'LiquidationFeeRequested',
      'LiquidationHalted',
      'LiquidationOrderPlaced',
      'LiquidationPaused',
      'LiquidationResumed',
      'LiquidationStarted',
      'LossShareRequested',
      'OrderCancellationRequested',
      'PoolReleased',
      'PoolReserved',
      'PositionReduced',
    ])
  })
})

function expectEachExecutionOnce({ driver, venue }: World): void {
  const reductions = driver.events.filter(event => event.type === 'PositionReduced')
  const ids = reductions.map(({ executionId }) => executionId)
  expect(ids.toSorted()).toEqual(venue.executions.toSorted())
  expect(driver.events.filter(event => event.type === 'InputRefused')).toEqual([])
}

function expectTotalsOfTheVenue({ driver, venue }: World): void {
  for (const done of driver.events.filter(event => event.type === 'LiquidationCompleted')) {
    const moved = venue.movedBy(done.liquidationId)
    const told = [done.reducedNotional, done.deleveragedNotional, done.fees, done.fundDraw]
    const booked = [moved.reduced, moved.deleveraged, moved.fees, moved.fund]
    expect(told.map(String)).toEqual(booked.map(String))
    expect(String(done.sharedLoss)).toBe(String(moved.shared))
  }
}

/** All that was set aside was paid or given back: nothing runs any more but what waits for a person. */
function expectNothingReserved({ driver }: World): void {
  const { reserved, liquidations } = driver.state
  expect([...reserved.values()].filter(amount => !amount.isZero())).toEqual([])
  expect([...liquidations.values()].filter(each => each.reserved.size > 0)).toEqual([])
}

/** A person is needed only where neither pool nor winners have anything left. */
function expectHaltsOnlyWithoutMoney({ driver, venue }: World, of: Case): void {
  const halts = driver.events.filter(event => event.type === 'LiquidationHalted')
  for (const { reason } of halts) {
    if (reason === 'loss_uncovered') expect(of.winners === 0 || venue.winners.eq(ZERO)).toBe(true)
    else expect(reason).toBe('orders_rejected')
  }
}

function stuck({ driver }: World): string {
  return JSON.stringify(
    [...driver.state.liquidations.values()].map(({ scope, stage, statement, pauses, ...rest }) => ({
      ...{ scope, stage, pauses, ledger: statement.ledgerSequence, equity: statement.equity },
      ...{
        needed: rest.ledgerSequenceNeeded,
        reserved: [...rest.reserved],
        deadline: rest.deadline,
      },
    })),
  )
}
