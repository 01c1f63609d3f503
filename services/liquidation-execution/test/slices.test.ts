import { describe, expect, test } from '@jest/globals'
import {
  BTC,
  ETH,
  LIQUIDATION,
  SCOPE,
  book,
  dec,
  execution,
  expired,
  filled,
  long,
  mark,
  reducedLong,
  reported,
  triggered,
} from './fixtures.ts'
import { after, tick } from '@sluice/testkit/given'

const ORDER = 'liquidation-execution-0/2'

describe('the first slice', () => {
  test('is sized to restore margin and bounded by the bankruptcy price', () => {
    const { driver } = execution()
      .when(triggered(long(900)))
      .thenMatching([
        { type: 'LiquidationStarted', liquidationId: LIQUIDATION, mode: 'partial' },
        {
          type: 'LiquidationOrderPlaced',
          clientOrderId: ORDER,
          instrument: BTC,
          side: 'sell',
          // 99,000 long, E 900, target 1.1 × 990: closing q frees 49.5·(0.011 − 0.001999)·q ≥ 189.
          quantityLots: 425,
          // E / 2 base = 450 under the mark of 49,500.
          limitTicks: 490_500,
          slice: 1,
          statementId: LIQUIDATION,
        },
      ])
    expect(driver.state.liquidations.get(SCOPE)?.stage.name).toBe('working')
  })

  test('takes no more than its part of the visible book', () => {
    execution({}, { bookLots: 1_000 })
      .when(triggered(long(900)))
      .thenContaining([{ type: 'LiquidationOrderPlaced', quantityLots: 200 }])
  })

  test('closes the whole position where the policy says full', () => {
    execution({}, { policy: { mode: 'full' } })
      .when(triggered(long(900)))
      .thenContaining([{ type: 'LiquidationOrderPlaced', quantityLots: 2_000 }])
  })

  test('is of the position with the largest maintenance margin', () => {
    const holdings = [
      { instrument: BTC, quantityLots: 1_000, markTicks: 495_000 },
      { instrument: ETH, quantityLots: -1_500, markTicks: 495_000 },
    ]
    execution()
      .when(triggered({ wallet: dec(1_000), holdings }))
      .thenContaining([{ type: 'LiquidationOrderPlaced', instrument: ETH, side: 'buy' }])
  })

  test('waits for the trader’s own orders to be cancelled, and for a statement that shows it', () => {
    const openOrders = [{ instrument: BTC, side: 'buy', quantityLots: 5 }] as const
    execution()
      .when(triggered(long(900, { openOrders })))
      .thenTypes(['LiquidationStarted', 'OrderCancellationRequested'])
      .when({
        type: 'OrdersCancelled',
        ...{ requestId: ORDER, scope: SCOPE, orderCount: 1 },
        ledgerSequence: 4,
      })
      .thenNothing()
      .when(reported(long(900, { openOrders, ledgerSequence: 3 })))
      .thenNothing()
      .when(reported(long(900, { ledgerSequence: 4 })))
      .thenTypes(['LiquidationOrderPlaced'])
  })

  test('needs a person when cancellations leave the orders open', () => {
    const openOrders = [{ instrument: BTC, side: 'buy', quantityLots: 5 }] as const
    const run = execution({ cancellationsMax: 1 }).given(triggered(long(900, { openOrders })))
    run
      .when(
        {
          type: 'OrdersCancelled',
          ...{ requestId: ORDER, scope: SCOPE, orderCount: 0 },
          ledgerSequence: 2,
        },
        reported(long(900, { openOrders, ledgerSequence: 2 })),
      )
      .thenMatching([{ type: 'LiquidationHalted', reason: 'orders_not_cancelled' }])
  })
})

describe('the next slice', () => {
  const started = () => execution({}, { bookLots: 1_000 }).given(triggered(long(900)))

  test('waits for a statement that contains every fill', () => {
    started()
      .when(filled(ORDER, 200, { ledgerSequence: 7 }), after(2_000))
      .thenMatching([
        { type: 'PositionReduced', quantityLots: 200, mechanism: 'order', notional: dec(9_900) },
      ])
      .when(reported(reducedLong(900, 0, { ledgerSequence: 6, evaluatedAt: 2_000 })))
      .thenNothing()
      .when(reported(reducedLong(909.9, 200, { ledgerSequence: 7, evaluatedAt: 2_000 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', slice: 2, quantityLots: 180 }])
  })

  test('is larger by what the fee accrued takes', () => {
    started()
      .given(filled(ORDER, 100), expired(ORDER, 100))
      .when(after(1_000), reported(reducedLong(950, 100, { ledgerSequence: 2 })))
      // E′ = 950 less 4.95, on 1.9 base; 1.1 × 940.5 − E′ = 89.5 at 0.4455 a lot.
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 200, limitTicks: 490_027 }])
  })

  test('rests on the latest statement, whatever comes after it', () => {
    started()
      .given(filled(ORDER, 200), reported(reducedLong(909.9, 200, { ledgerSequence: 3 })))
      .given(reported(reducedLong(0.01, 0, { ledgerSequence: 1 })))
      .when(tick(1_000))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 180 }])
  })

  test('waits for the cool-down', () => {
    started()
      .given(filled(ORDER, 200))
      .when(reported(reducedLong(900, 200, { ledgerSequence: 2 })))
      .thenNothing()
      .when(tick(999))
      .thenNothing()
      .when(tick(1_000))
      .thenTypes(['LiquidationOrderPlaced'])
  })

  test('waits for fills that the venue counted and that have not come', () => {
    started()
      .given(expired(ORDER, 150, { ledgerSequence: 3 }), filled(ORDER, 100))
      .when(reported(reducedLong(900, 150, { ledgerSequence: 3 })), after(1_500))
      .thenNothing()
      .when(filled(ORDER, 50, { ledgerSequence: 3 }))
      .thenTypes(['PositionReduced', 'LiquidationOrderPlaced'])
  })

  test('is not placed once a deposit between fill and ledger restored margin', () => {
    started()
      .given(filled(ORDER, 200))
      .when(after(2_000), reported(reducedLong(2_000, 200, { ledgerSequence: 3 })))
      .thenMatching([{ type: 'LiquidationFeeRequested', amount: dec('9.9'), notional: dec(9_900) }])
      .when(feeBooked('liquidation-execution-0/4'))
      .thenNothing()
      .when(reported(reducedLong(1_990, 200, { ledgerSequence: 4 })))
      .thenMatching([
        { type: 'LiquidationCompleted', outcome: 'restored', slices: 1, fees: dec('9.9') },
      ])
  })

  test('shrinks with the trader’s own close between fill and ledger', () => {
    started()
      .given(filled(ORDER, 200), book(BTC, 100_000, { bidTicks: 495_000, askTicks: 495_001 }))
      .when(after(2_000), reported(reducedLong(10, 1_960, { ledgerSequence: 3 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 40 }])
  })

  test('is larger after a funding payment between fill and ledger, and no larger than the position', () => {
    started()
      .given(book(BTC, 100_000, { bidTicks: 495_000 }), filled(ORDER, 200))
      .when(after(2_000), reported(reducedLong(20, 200, { ledgerSequence: 3 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 1_800 }])
  })

  test('is not placed on prices that have moved since an old statement', () => {
    started()
      .given(filled(ORDER, 200), reported(reducedLong(900, 200, { ledgerSequence: 1 })))
      .when(mark(BTC, 494_000), after(6_000))
      .thenNothing()
      .when(reported(reducedLong(900, 200, { ledgerSequence: 2, evaluatedAt: 0 })))
      .thenNothing()
      .when(reported(reducedLong(900, 200, { ledgerSequence: 2, evaluatedAt: 6_000 })))
      .thenTypes(['LiquidationOrderPlaced'])
  })

  test('closes dust that would be left', () => {
    started()
      .given(filled(ORDER, 200), book(BTC, 9_000))
      .when(after(2_000), reported(reducedLong(10, 1_985, { ledgerSequence: 3 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 15 }])
  })
})

describe('the end', () => {
  test('closed is told with exact totals, after the last fee', () => {
    execution({}, { policy: { mode: 'full' } })
      .given(triggered(long(900)), filled(ORDER, 2_000))
      .when(reported(reducedLong(900, 2_000, { ledgerSequence: 2 })))
      .thenMatching([
        { type: 'LiquidationFeeRequested', notional: dec(99_000), feeRate: dec('0.001') },
      ])
      .when(
        feeBooked('liquidation-execution-0/4', 99),
        reported(reducedLong(801, 2_000, { ledgerSequence: 4 })),
      )
      .thenMatching([
        {
          type: 'LiquidationCompleted',
          ...{ outcome: 'closed', slices: 1 },
          ...{ reducedNotional: dec(99_000), deleveragedNotional: dec(0), fees: dec(99) },
          ...{ fundDraw: dec(0), sharedLoss: dec(0), startedAt: 0 },
        },
      ])
      .thenState(state => expect(state.liquidations.size).toBe(0))
  })
})

function feeBooked(requestId: string, amount = 9.9) {
  return {
    ...({ type: 'FeeBooked', requestId, executionId: `fee-${requestId}`, pool: 'main' } as const),
    ...{ scope: SCOPE, currency: 'USD', amount: dec(amount), poolBalance: dec(1_000_009) },
    ledgerSequence: 4,
  }
}
