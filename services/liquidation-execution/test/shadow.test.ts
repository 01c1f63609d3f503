import { describe, expect, test } from '@jest/globals'
import type { ModeChanged } from '@sluice/contracts/generated/events'
import { after, scenario, tick } from '@sluice/testkit/given'
import { createProcessor } from '../src/processor.ts'
import {
  BTC,
  LIQUIDATION,
  SCOPE,
  book,
  dec,
  execution,
  long,
  policy,
  reducedLong,
  reported,
  triggered,
  world,
} from './fixtures.ts'

const changed = (mode: ModeChanged['mode']): ModeChanged => ({
  type: 'ModeChanged',
  mode,
  ...{ actor: 'ann', reason: 'drill', approver: null },
})
const averted = (reason: string) => ({ type: 'LiquidationAverted', scope: SCOPE, reason }) as const
const shadow = () => execution({ startsIn: 'shadow' })

describe('In shadow mode', () => {
  test('a trigger is planned as it would be placed, and nothing is asked of the venue', () => {
    const live = execution()
      .when(triggered(long(900)))
      .driver.events.at(-1)
    const [, planned] = shadow()
      .when(triggered(long(900)))
      .thenTypes(['LiquidationStarted', 'SlicePlanned']).driver.events
    const { instrument, side, quantityLots, limitTicks, sizing } = live as never
    expect(planned).toMatchObject({ instrument, side, quantityLots, limitTicks, sizing })
    expect(planned).toMatchObject({ liquidationId: LIQUIDATION, statementId: LIQUIDATION })
  })

  test('orders that are open are thought away', () => {
    const openOrders = [{ instrument: BTC, side: 'buy', quantityLots: 5 } as const]
    shadow()
      .when(triggered(long(900, { openOrders })))
      .thenTypes(['LiquidationStarted', 'SlicePlanned'])
  })

  test('it is planned once, as soon as there is a book', () => {
    scenario(createProcessor({ startsIn: 'shadow' }))
      .given(...world().filter(({ type }) => type !== 'BookLiquidityUpdated'))
      .when(triggered(long(900)))
      .thenTypes(['LiquidationStarted'])
      .given(book(BTC, 100_000, { bidTicks: 495_000, askTicks: 495_001 }))
      .when(reported(long(890, { ledgerSequence: 2 })))
      .thenTypes(['SlicePlanned'])
      .when(reported(long(880, { ledgerSequence: 3 })))
      .thenNothing()
  })

  test('it is over when the ledger shows that the venue restored the scope, or closed it', () => {
    for (const lots of [1_000, 2_000])
      shadow()
        .given(triggered(long(900)))
        .when(reported(reducedLong(900, lots, { ledgerSequence: 2 })))
        .thenMatching([averted('shadow_settled')])
  })

  test('it is over when its time is up, and a new trigger begins anew', () => {
    shadow()
      .given(triggered(long(900)))
      .when(tick(59_999))
      .thenNothing()
      .when(tick(60_000))
      .thenMatching([averted('shadow_over')])
      .when(triggered(long(900, { evaluatedAt: 60_000 }), 2))
      .thenTypes(['LiquidationStarted', 'SlicePlanned'])
  })

  test('a scope has one liquidation at a time', () => {
    shadow()
      .given(triggered(long(900)))
      .when(triggered(long(900), 2))
      .thenRefused('liquidation_in_flight')
  })
})

describe('A change of mode', () => {
  test('to live ends what was watched; the next trigger places an order', () => {
    shadow()
      .given(triggered(long(900)))
      .when(changed('live'))
      .thenMatching([averted('went_live')])
      .when(triggered(long(900), 2))
      .thenTypes(['LiquidationStarted', 'LiquidationOrderPlaced'])
  })

  test('to shadow cancels what works and asks nothing more, until it is live again', () => {
    const first = 'liquidation-execution-0/2'
    execution()
      .given(triggered(long(900)))
      .when(changed('shadow'))
      .thenMatching([
        { type: 'LiquidationPaused', reason: 'shadow_mode' },
        { type: 'OrderCancellationRequested' },
      ])
      .when(triggered(long(900, { scope: 'bob' }), 2))
      .thenTypes(['LiquidationStarted', 'SlicePlanned'])
      .given({
        type: 'OrdersCancelled',
        ...{ scope: SCOPE, requestId: 'liquidation-execution-0/4' },
        ...{ ledgerSequence: 1, orderCount: 1 },
      })
      .when(changed('live'))
      .thenMatching([
        { type: 'LiquidationAverted', scope: 'bob' },
        { type: 'LiquidationResumed', scope: SCOPE },
      ])
      .when(after(1_000))
      .thenMatching([{ type: 'LiquidationOrderPlaced', scope: SCOPE }])
      .thenState(({ liquidations }) =>
        expect([...(liquidations.get(SCOPE)?.orders.keys() ?? [])][0]).toBe(first),
      )
  })

  test('is refused if one person both decided and approved', () => {
    execution()
      .when({ ...changed('shadow'), approver: 'ann' })
      .thenRefused('approver_is_actor')
  })
})

test('A trigger with a ratio of its own is restored to that ratio, not to its policy', () => {
  const equity = 2_000
  const mine = { ...triggered(long(equity)), triggerRatio: dec(3) }
  const statement = { ...mine.statement, policyVersion: 1 }
  const run = execution()
    .given(policy())
    .when({ ...mine, statement })
    .thenTypes(['LiquidationStarted', 'LiquidationOrderPlaced'])
  const placed = run.driver.events.at(-1) as { readonly sizing: { readonly restoreLots: number } }
  expect(placed.sizing.restoreLots).toBeGreaterThan(500)
})
