import { describe, expect, test } from '@jest/globals'
import type {
  DeleveragingCandidate,
  DeleveragingCandidatesRanked,
  DeleveragingExecuted,
} from '@sluice/contracts/generated/events'
import { after, metaOf } from '@sluice/testkit/given'
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

describe('the insurance fund', () => {
  test('pays what lets the position be closed with the expected slippage', () => {
    execution()
      .when(triggered(long(-50)))
      .thenMatching([
        { type: 'LiquidationStarted' },
        // 99,000 × 0.001 expected loss, and the 50 that are missing already.
        { type: 'FundMovementRequested', requestId: FIRST, pool: POOL, amount: dec(149) },
      ])
  })

  test('once it paid, everything is closed without a fee, and what is left goes back', () => {
    execution()
      .given(triggered(long(-50)), fundBooked(FIRST, dec(149)))
      .when(reported(long(99, { ledgerSequence: 3 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 2_000, limitTicks: 494_505 }])
      .when(filled(SECOND, 2_000, { ledgerSequence: 4 }))
      .thenTypes(['PositionReduced'])
      .when(reported(reducedLong(99, 2_000, { ledgerSequence: 4 })))
      .thenMatching([{ type: 'FundMovementRequested', amount: dec(-99) }])
      .when(
        fundBooked('liquidation-execution-0/5', dec(-99), { ledgerSequence: 5 }),
        reported(reducedLong(0, 2_000, { ledgerSequence: 5 })),
      )
      .thenMatching([{ type: 'LiquidationCompleted', outcome: 'closed', fundDraw: dec(50) }])
  })

  test('is asked for no more than it has, less what others were promised', () => {
    execution({}, { pool: 200 })
      .when(triggered(long(-50)), triggered(long(-50, { scope: 'bob' }), 2))
      .thenContaining([
        { type: 'FundMovementRequested', scope: SCOPE, amount: dec(149) },
        { type: 'FundMovementRequested', scope: 'bob', amount: dec(51) },
      ])
  })

  test('is asked after so many slices in a row without a fill', () => {
    const run = execution({}, { policy: { unfilledSlicesMax: 2, mode: 'full' } }).given(
      triggered(long(50)),
    )
    run
      .when(expired(FIRST, 0), reported(long(50, { ledgerSequence: 2 })), after(1_000))
      .thenTypes(['LiquidationOrderPlaced'])
      .when(expired(SECOND, 0))
      .thenMatching([{ type: 'FundMovementRequested', amount: dec(49) }])
  })

  test('is asked without an order having been sent where the visible book is beyond the limit', () => {
    execution({}, { policy: { unfilledSlicesMax: 2, mode: 'full' } })
      .given(book(BTC, 10_000, { bidTicks: 490_000, askTicks: 490_001 }))
      .when(triggered(long(50)))
      .thenTypes(['LiquidationStarted'])
      .when(after(1_000))
      // At the bid 98,000 of the 99,000 at mark, 98 of slippage, less the 50 of equity.
      .thenMatching([{ type: 'FundMovementRequested', amount: dec(1_048) }])
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
      .thenMatching([{ type: 'FundMovementRequested', amount: dec(30) }])
  })
})

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

  test('that refuses leads to deleveraging', () => {
    execution()
      .given(triggered(long(-50)))
      .when({
        type: 'FundMovementRefused',
        ...{ requestId: FIRST, pool: POOL, scope: SCOPE },
        ...{ reason: 'pool_exhausted', poolBalance: dec(10) },
      })
      .thenTypes(['DeleveragingRequested'])
      .thenState(state => expect(state.pools.get(POOL)?.balance.eq(10)).toBe(true))
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
