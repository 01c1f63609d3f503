import { describe, expect, test } from '@jest/globals'
import type {
  DeleveragingCandidate,
  DeleveragingCandidatesRanked,
  DeleveragingExecuted,
} from '@sluice/contracts/generated/events'
import { after, driveProcessor, metaOf } from '@sluice/testkit/given'
import { createProcessor } from '../src/processor.ts'
import type { State } from '../src/state.ts'
import {
  BTC,
  LIQUIDATION,
  POOL,
  SCOPE,
  book,
  dec,
  execution,
  expired,
  filled,
  fundBooked,
  long,
  reducedLong,
  reported,
  triggered,
  world,
} from './fixtures.ts'

const FIRST = 'liquidation-execution-0/2'
const SECOND = 'liquidation-execution-0/3'

const SECOND_ROUND = 'liquidation-execution-0/4'
const BOB = 'margin-evaluation-0/2'

const candidate = (scope: string, lots: number, score: number): DeleveragingCandidate => ({
  ...{ scope, quantityLots: lots, unrealisedProfit: dec(1_000), score },
})

function ranked(
  requestId: string,
  evaluator: string,
  candidates: readonly DeleveragingCandidate[],
): DeleveragingCandidatesRanked {
  return {
    type: 'DeleveragingCandidatesRanked',
    ...{ meta: metaOf(900), requestId, evaluator },
    ...{ liquidationId: LIQUIDATION, instrument: BTC, candidates },
  }
}

function offset(
  requestId: string,
  counterparty: string,
  fields: { quantityLots: number; ledgerSequence: number },
): DeleveragingExecuted {
  return {
    type: 'DeleveragingExecuted',
    ...{ requestId, executionId: `adl-${requestId}`, scope: SCOPE },
    ...{ counterparty, instrument: BTC, side: 'sell', priceTicks: 496_000, ...fields },
  }
}

function lossBooked(requestId: string, amount: number, ledgerSequence: number) {
  return {
    ...({ type: 'LossShareBooked', requestId, executionId: `loss-${requestId}` } as const),
    ...{ scope: SCOPE, currency: 'USD', amount: dec(amount), contributorCount: 3, ledgerSequence },
  }
}

const RELEASED = {
  type: 'ScopeReleased',
  ...{ scope: SCOPE, actor: 'ann', reason: 'looked at', approver: null, expiresAt: null },
} as const

describe('the insurance fund', () => {
  const behind = () => execution().given(triggered(long(-50)))

  test('sets aside what lets the rest be closed at the worst price of a slice, and slices go on at once', () => {
    execution()
      .when(triggered(long(-50)))
      .thenMatching([
        { type: 'LiquidationStarted' },
        {
          type: 'PoolReserved',
          // 1 % of 99,000, and the 50 that are missing already.
          ...{ pool: POOL, equity: dec(-50), closingLoss: dec(990), amount: dec(1_040) },
          ...{ reserved: dec(1_040), poolAvailable: dec(998_960) },
        },
        // All of it used up on 2 base: 495 under the mark of 49,500.
        { type: 'LiquidationOrderPlaced', quantityLots: 2_000, limitTicks: 490_050 },
      ])
  })

  test('pays the debt of a flat scope once, to the last digit, and the rest is released', () => {
    behind()
      .given(filled(SECOND, 2_000))
      .when(reported(reducedLong(-90, 2_000, { ledgerSequence: 2 })))
      .thenMatching([
        { type: 'PoolReleased', amount: dec(950), reserved: dec(90) },
        { type: 'FundMovementRequested', pool: POOL, amount: dec(90) },
      ])
      .when(
        fundBooked('liquidation-execution-0/6', dec(90)),
        reported(reducedLong(0, 2_000, { ledgerSequence: 3 })),
      )
      .thenMatching([
        { type: 'LiquidationCompleted', outcome: 'closed', fundDraw: dec(90), fees: dec(0) },
      ])
      .thenState(expectNothingReserved)
  })

  test('pays nothing where the slices filled better, and the fee takes no more than there is', () => {
    behind()
      .given(filled(SECOND, 2_000))
      .when(reported(reducedLong(40, 2_000, { ledgerSequence: 2 })))
      .thenMatching([
        { type: 'PoolReleased', amount: dec(1_040), reserved: dec(0) },
        { type: 'LiquidationFeeRequested', notional: dec(99_000), amount: dec(40) },
      ])
  })

  test('does not make a scope be closed wholly that recovers before anything was paid', () => {
    behind()
      .given(expired(SECOND, 0))
      .when(after(1_000), reported(long(900, { ledgerSequence: 2 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 425 }])
  })

  test('is free again where a deposit restores margin', () => {
    behind()
      .given(expired(SECOND, 0))
      .when(reported(long(2_000, { ledgerSequence: 2 })))
      .thenMatching([
        { type: 'PoolReleased', amount: dec(1_040) },
        { type: 'LiquidationCompleted', outcome: 'restored', fundDraw: dec(0) },
      ])
      .thenState(expectNothingReserved)
  })

  test('is free again where a liquidation is averted before its first order', () => {
    execution()
      .given(book(BTC, 0), triggered(long(-50)))
      .thenState(state => expect(state.reserved.get(POOL)?.toNumber()).toBe(1_040))
      .when(reported(long(990, { ledgerSequence: 2 })))
      .thenTypes(['LiquidationResumed', 'PoolReleased', 'LiquidationAverted'])
      .thenState(expectNothingReserved)
  })

  test('stands behind no liquidation that waits for a person, and again once it is released', () => {
    execution({ rejectionsMax: 1 })
      .given(triggered(long(-50)))
      .when({
        type: 'OrderRejected',
        ...{ clientOrderId: SECOND, scope: SCOPE, instrument: BTC, reason: 'reduce_only' },
      })
      .thenTypes(['PoolReleased', 'LiquidationHalted'])
      .thenState(expectNothingReserved)
      .when(after(1_000), RELEASED)
      .thenTypes(['LiquidationResumed', 'PoolReserved', 'LiquidationOrderPlaced'])
  })

  test('keeps what it set aside while a person holds the scope, and moves no money', () => {
    behind()
      .given({ ...RELEASED, type: 'ScopeHeld' }, filled(SECOND, 2_000))
      .when(reported(reducedLong(-90, 2_000, { ledgerSequence: 2 })), after(3_000))
      .thenTypes(['OrderCancellationRequested', 'LiquidationPaused'])
      .thenState(state => expect(state.reserved.get(POOL)?.toNumber()).toBe(1_040))
  })

  test('sets no more aside than it has, less what others were promised, also after a restart', () => {
    const driver = driveProcessor(createProcessor(), { checkSnapshots: true })
    for (const event of world({ pool: 1_200 })) driver.input(event)
    driver.input(triggered(long(-50)))
    const [, reserved, order] = driver.input(triggered(long(-50, { scope: 'bob' }), 2))
    expect(reserved).toMatchObject({ type: 'PoolReserved', scope: 'bob', poolAvailable: dec(0) })
    expect(String((reserved as { amount?: unknown }).amount)).toBe('160')
    // 110 left on 2 base.
    expect(order).toMatchObject({ type: 'LiquidationOrderPlaced', limitTicks: 494_450 })
  })

  test('sets more aside once less than the expected slippage is left', () => {
    behind()
      .given(expired(SECOND, 0))
      .when(after(1_000), reported(long(-900, { ledgerSequence: 2 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', limitTicks: 494_300 }])
    behind()
      .given(expired(SECOND, 0))
      .when(after(1_000), reported(long(-1_000, { ledgerSequence: 2 })))
      .thenMatching([
        { type: 'PoolReserved', amount: dec(950), reserved: dec(1_990) },
        { type: 'LiquidationOrderPlaced', limitTicks: 490_050 },
      ])
  })

  test('stands behind a scope after so many slices in a row without a fill', () => {
    execution({}, { policy: { unfilledSlicesMax: 2, mode: 'full' } })
      .given(triggered(long(50)))
      .when(expired(FIRST, 0), reported(long(50, { ledgerSequence: 2 })), after(1_000))
      .thenTypes(['LiquidationOrderPlaced'])
      .when(expired(SECOND, 0))
      .thenMatching([{ type: 'PoolReserved', amount: dec(940) }])
      .when(after(1_000))
      .thenTypes(['LiquidationOrderPlaced'])
  })

  test('stands behind it without an order having been sent where the visible book is beyond the limit', () => {
    execution({}, { policy: { unfilledSlicesMax: 2, mode: 'full' } })
      .given(book(BTC, 10_000, { bidTicks: 490_000, askTicks: 490_001 }))
      .when(triggered(long(50)))
      .thenTypes(['LiquidationStarted'])
      .when(after(1_000))
      // At the bid 98,000 of the 99,000 at mark, 980 of slippage, less the 50 of equity.
      .thenMatching([{ type: 'PoolReserved', amount: dec(1_930) }])
  })

  test('is not asked where the book comes back within the limit during the cool-down', () => {
    execution({}, { policy: { unfilledSlicesMax: 2, mode: 'full' } })
      .given(
        book(BTC, 10_000, { bidTicks: 490_000, askTicks: 490_001 }),
        triggered(long(50)),
        book(BTC, 10_000),
      )
      .when(after(1_000))
      .thenTypes(['LiquidationOrderPlaced'])
  })

  test('that covers the debt of a flat scope ends it', () => {
    execution({}, { policy: { mode: 'full' } })
      .given(triggered(long(900)), filled(FIRST, 2_000))
      .when(reported(reducedLong(-30, 2_000, { ledgerSequence: 2 })))
      .thenMatching([
        { type: 'PoolReserved', equity: dec(-30), closingLoss: dec(0), amount: dec(30) },
        { type: 'FundMovementRequested', amount: dec(30) },
      ])
  })

  test('that refuses to pay a debt leaves it to the winners', () => {
    behind()
      .given(filled(SECOND, 2_000), reported(reducedLong(-90, 2_000, { ledgerSequence: 2 })))
      .when({
        type: 'FundMovementRefused',
        ...{ requestId: 'liquidation-execution-0/6', pool: POOL, scope: SCOPE },
        ...{ reason: 'balance_insufficient', poolBalance: dec(10) },
      })
      .thenMatching([
        { type: 'PoolReleased', amount: dec(90), reserved: dec(0), poolAvailable: dec(10) },
        { type: 'LossShareRequested', amount: dec(90) },
      ])
      .thenState(expectNothingReserved)
  })
})

function expectNothingReserved({ reserved, liquidations }: State): void {
  expect([...reserved.values()].map(String)).toEqual([...reserved.keys()].map(() => '0'))
  for (const liquidation of liquidations.values()) expect(liquidation.reserved.size).toBe(0)
}

describe('an empty fund', () => {
  test('is not asked: candidates are', () => {
    execution({}, { pool: 0 })
      .when(triggered(long(-50)))
      .thenMatching([
        { type: 'LiquidationStarted' },
        {
          type: 'DeleveragingRequested',
          ...{ requestId: FIRST, instrument: BTC, side: 'long' },
          ...{ quantityLots: 2_000, priceTicks: 495_250, deadline: 2_000 },
        },
      ])
  })

  test('that has a part sets it aside: winners forgo exactly the rest, and the debt that is left is that part', () => {
    execution({}, { pool: 20 })
      .when(triggered(long(-50)))
      .thenMatching([
        { type: 'LiquidationStarted' },
        { type: 'PoolReserved', amount: dec(20), poolAvailable: dec(0) },
        { type: 'DeleveragingRequested', requestId: SECOND, priceTicks: 495_150 },
      ])
      .given(
        ranked(SECOND, 'margin-evaluation-0', [candidate('dan', -2_000, 3)]),
        offset('liquidation-execution-0/4', 'dan', { quantityLots: 2_000, ledgerSequence: 2 }),
      )
      .when(reported(reducedLong(-20, 2_000, { ledgerSequence: 2 })))
      .thenMatching([{ type: 'FundMovementRequested', amount: dec(20) }])
  })
})

describe('deleveraging', () => {
  const gathering = (evaluators = 1) =>
    execution({ evaluators }, { pool: 0 }).given(triggered(long(-50)))

  test('waits for all evaluators, and asks the best of all first', () => {
    gathering(2)
      .when(ranked(FIRST, 'margin-evaluation-0', [candidate('dan', -1_500, 3)]))
      .thenNothing()
      .when(
        ranked(FIRST, 'margin-evaluation-1', [candidate('eve', -600, 5), candidate('fay', 900, 9)]),
      )
      .thenMatching([
        {
          type: 'DeleveragingOrdered',
          ...{ counterparty: 'eve', quantityLots: 600, rank: 1 },
          ...{ side: 'sell', priceTicks: 495_250, score: 5 },
        },
        { type: 'DeleveragingOrdered', counterparty: 'dan', quantityLots: 1_400, rank: 2 },
      ])
  })

  test('goes on without a missing evaluator at the deadline', () => {
    gathering(2)
      .given(ranked(FIRST, 'margin-evaluation-0', [candidate('dan', -2_500, 3)]))
      .when(after(2_000))
      .thenMatching([{ type: 'DeleveragingOrdered', counterparty: 'dan', quantityLots: 2_000 }])
      .when(ranked(FIRST, 'margin-evaluation-1', [candidate('eve', -600, 5)]))
      .thenNothing()
  })

  test('is given up when a deposit came while candidates were gathered', () => {
    gathering()
      .given(reported(long(2_000, { ledgerSequence: 2 })))
      .when(ranked(FIRST, 'margin-evaluation-0', [candidate('dan', -2_500, 3)]))
      .thenMatching([{ type: 'LiquidationAverted', reason: 'recovered' }])
  })

  test('goes on with the next candidate where a pair is rejected', () => {
    const candidates = [candidate('dan', -2_000, 3), candidate('eve', -3_000, 2)]
    gathering()
      .given(ranked(FIRST, 'margin-evaluation-0', candidates))
      .when({
        type: 'DeleveragingRejected',
        ...{ requestId: SECOND, scope: SCOPE, instrument: BTC },
        ...{ counterparty: 'dan', reason: 'not_in_profit' },
      })
      .thenMatching([{ type: 'DeleveragingOrdered', counterparty: 'eve', rank: 2 }])
  })

  test('reduces the position at the bankruptcy price, once', () => {
    const run = gathering().given(
      ranked(FIRST, 'margin-evaluation-0', [candidate('dan', -2_000, 3)]),
    )
    const executed = offset(SECOND, 'dan', { quantityLots: 2_000, ledgerSequence: 2 })
    run
      .when(executed)
      .thenMatching([
        { type: 'PositionReduced', mechanism: 'deleveraging', notional: dec(99_200), side: 'sell' },
      ])
      .when(executed)
      .thenNothing()
      .when(reported(reducedLong(0, 2_000, { ledgerSequence: 2 })))
      .thenMatching([
        {
          type: 'LiquidationCompleted',
          ...{ outcome: 'closed', slices: 0 },
          ...{ deleveragedNotional: dec(99_200), fundDraw: dec(0) },
        },
      ])
  })

  test('orders no more than the trader has left by then', () => {
    gathering()
      .given(reported(reducedLong(-40, 1_500, { ledgerSequence: 2 })))
      .when(ranked(FIRST, 'margin-evaluation-0', [candidate('dan', -2_000, 3)]))
      .thenMatching([{ type: 'DeleveragingOrdered', quantityLots: 500 }])
  })

  test('does not count on lots of a candidate that another liquidation was promised', () => {
    const both = [candidate('dan', -2_500, 3), candidate('eve', -2_000, 2)]
    const second = { ...ranked(SECOND_ROUND, 'margin-evaluation-0', both), liquidationId: BOB }
    execution({}, { pool: 0 })
      .given(triggered(long(-50)), triggered(long(-50, { scope: 'bob' }), 2))
      .given(ranked(FIRST, 'margin-evaluation-0', both))
      .when(second)
      .thenMatching([
        { type: 'DeleveragingOrdered', scope: 'bob', counterparty: 'dan', quantityLots: 500 },
        { type: 'DeleveragingOrdered', scope: 'bob', counterparty: 'eve', quantityLots: 1_500 },
      ])
  })

  test('leaves out who is being liquidated', () => {
    execution({}, { pool: 0 })
      .given(triggered(long(-50)), triggered(long(900, { scope: 'dan' }), 2))
      .when(ranked(FIRST, 'margin-evaluation-0', [candidate('dan', -2_000, 3)]))
      .thenMatching([{ type: 'LossShareRequested' }])
  })
})

describe('loss sharing', () => {
  const sharing = () =>
    execution({}, { pool: 0 }).given(
      triggered(long(-50)),
      ranked(FIRST, 'margin-evaluation-0', [candidate('dan', -500, 3)]),
      offset(SECOND, 'dan', { quantityLots: 500, ledgerSequence: 2 }),
    )

  test('asks for what is missing once deleveraging found too few', () => {
    sharing()
      .when(reported(reducedLong(-37.5, 500, { ledgerSequence: 2 })))
      // 74,250 × 0.001 and the 37.5 that are missing.
      .thenMatching([{ type: 'LossShareRequested', amount: dec('111.75') }])
  })

  test('credits the wallet, slices go on, and what is left goes to the pool', () => {
    sharing()
      .given(reported(reducedLong(-37.5, 500, { ledgerSequence: 2 })))
      .given(lossBooked('liquidation-execution-0/5', 111.75, 3))
      .when(reported(reducedLong(74.25, 500, { ledgerSequence: 3 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 1_500 }])
      .given(filled('liquidation-execution-0/6', 1_500, { ledgerSequence: 4 }))
      .when(reported(reducedLong(74.25, 2_000, { ledgerSequence: 4 })))
      .thenMatching([{ type: 'FundMovementRequested', amount: dec('-74.25') }])
  })

  test('needs a person when nobody is left to pay', () => {
    sharing()
      .given(reported(reducedLong(-37.5, 500, { ledgerSequence: 2 })))
      .when(lossBooked('liquidation-execution-0/5', 0, 3))
      .thenMatching([{ type: 'LiquidationHalted', reason: 'loss_uncovered' }])
      .when(reported(reducedLong(500, 500, { ledgerSequence: 4 })))
      .thenNothing()
      .when({
        type: 'ScopeReleased',
        ...{ scope: SCOPE, actor: 'ann', reason: 'deposit' },
        ...{ approver: null, expiresAt: null },
      })
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })
})

describe('the bound of a slice', () => {
  test('widens to the whole equity of the scope before others are asked', () => {
    const holdings = [
      { instrument: BTC, quantityLots: 2_000, entryTicks: 500_000, markTicks: 495_000 },
      { instrument: 'ETH-USD', quantityLots: 1_000, entryTicks: 495_000, markTicks: 495_000 },
    ]
    const fields = { wallet: dec(2_200), holdings, ledgerSequence: 2 }
    execution({}, { policy: { unfilledSlicesMax: 1 } })
      .given(triggered({ ...fields, ledgerSequence: 1 }))
      // Share of BTC: two thirds of 1,200, on 2 base.
      .thenState(state => expect(state.liquidations.get(SCOPE)?.wholeEquity).toBe(false))
      .when(expired(FIRST, 0), reported(fields), after(1_000))
      .thenMatching([{ type: 'LiquidationOrderPlaced', limitTicks: 489_000 }])
      .when(expired(SECOND, 0))
      .thenTypes(['DeleveragingRequested'])
  })
})
