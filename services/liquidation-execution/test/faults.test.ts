import { describe, expect, test } from '@jest/globals'
import { after, driveProcessor, tick } from '@sluice/testkit/given'
import {
  BTC,
  LIQUIDATION,
  POOL,
  SCOPE,
  TIERS,
  dec,
  execution,
  expired,
  filled,
  fundBooked,
  long,
  policy,
  reducedLong,
  reported,
  triggered,
  world,
} from './fixtures.ts'
import { createProcessor } from '../src/processor.ts'

const FIRST = 'liquidation-execution-0/2'

const cancelled = (requestId: string, ledgerSequence: number) =>
  ({
    type: 'OrdersCancelled',
    ...{ requestId, scope: SCOPE, orderCount: 1, ledgerSequence },
  }) as const

describe('triggers', () => {
  test('too old to act on are averted', () => {
    execution()
      .given(tick(0))
      .when({ step: 'placed', event: triggered(long(900)), time: 5_001 })
      .thenEvents([
        {
          type: 'LiquidationAverted',
          ...{ liquidationId: LIQUIDATION, scope: SCOPE },
          reason: 'trigger_too_old',
        },
      ])
  })

  test('of a scope in liquidation are refused, and the same one again is not', () => {
    execution()
      .given(triggered(long(900)))
      .when(triggered(long(900)))
      .thenNothing()
      .when(triggered(long(900), 2))
      .thenRefused('liquidation_in_flight')
  })

  test('are averted by a healthy statement before the first order', () => {
    const openOrders = [{ instrument: BTC, side: 'buy', quantityLots: 5 }] as const
    execution()
      .given(triggered(long(900, { openOrders })))
      .when(reported(long(990, { openOrders, ledgerSequence: 2 })))
      .thenMatching([{ type: 'LiquidationAverted', reason: 'recovered' }])
      .when(cancelled(FIRST, 3))
      .thenNothing()
  })

  test('wait for their policy version, and start with it', () => {
    execution()
      .when(triggered(long(900, { policyVersion: 2 })))
      .thenNothing()
      .when(policy({ version: 2, mode: 'full' }))
      .thenMatching([
        { type: 'LiquidationStarted', policyVersion: 2, mode: 'full' },
        { type: 'LiquidationOrderPlaced', quantityLots: 2_000 },
      ])
  })

  test('whose policy never comes are averted', () => {
    execution()
      .given(triggered(long(900, { policyVersion: 2 })))
      .when(after(5_000))
      .thenMatching([{ type: 'LiquidationAverted', reason: 'policy_unknown' }])
  })

  test('keep the policy version they started with', () => {
    execution({}, { bookLots: 1_000 })
      .given(triggered(long(900)), policy({ version: 2, mode: 'full' }), filled(FIRST, 200))
      .when(after(1_000), reported(reducedLong(909.9, 200, { ledgerSequence: 2 })))
      .thenMatching([{ type: 'LiquidationOrderPlaced', quantityLots: 180 }])
  })
})

describe('answers of the venue', () => {
  const started = () => execution().given(triggered(long(900)))

  test('that come twice count once', () => {
    const fill = filled(FIRST, 100)
    started()
      .when(fill, fill)
      .thenTypes(['PositionReduced'])
      .when(expired(FIRST, 100), expired(FIRST, 100))
      .thenNothing()
      .thenState(state => expect(state.liquidations.get(SCOPE)?.unfilledSlices).toBe(0))
  })

  test('that do not come pause it, and the order is cancelled until somebody answers', () => {
    started()
      .when(after(3_000))
      .thenMatching([
        { type: 'OrderCancellationRequested', requestId: 'liquidation-execution-0/3' },
        { type: 'LiquidationPaused', reason: 'no_answer' },
      ])
      .when(after(3_000))
      .thenMatching([
        { type: 'OrderCancellationRequested', requestId: 'liquidation-execution-0/3' },
      ])
      .when(cancelled('liquidation-execution-0/3', 5))
      .thenNothing()
      .when(reported(long(900, { ledgerSequence: 5, evaluatedAt: 6_000 })))
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })

  test('about an order that was given up are applied all the same', () => {
    started()
      .given(after(3_000), cancelled('liquidation-execution-0/3', 5))
      .when(filled(FIRST, 30, { ledgerSequence: 5 }))
      .thenTypes(['PositionReduced'])
  })

  test('that come after the end still reduce, under their liquidation, once', () => {
    const late = filled(FIRST, 30, { ledgerSequence: 9 })
    started()
      .given(after(3_000), cancelled('liquidation-execution-0/3', 5))
      .given(reported(long(5_000, { ledgerSequence: 5, evaluatedAt: 3_000 })))
      .thenState(state => expect(state.liquidations.size).toBe(0))
      .when(late)
      .thenMatching([
        { type: 'PositionReduced', liquidationId: LIQUIDATION, executionId: late.executionId },
      ])
      .when(late)
      .thenNothing()
  })

  test('about forgotten or foreign orders are refused', () => {
    execution({ endedRemembered: 0 })
      .given(triggered(long(900)), filled(FIRST, 425))
      .when(filled('somebody-else/1', 1))
      .thenRefused('order_unknown')
      .when(expired('somebody-else/1', 1))
      .thenRefused('order_unknown')
      .when(fundBooked('somebody-else/2', dec(1)))
      .thenRefused('request_unknown')
  })

  test('that reject order after order need a person', () => {
    const rejected = (clientOrderId: string) =>
      ({
        type: 'OrderRejected',
        ...{ clientOrderId, scope: SCOPE, instrument: BTC, reason: 'halt' },
      }) as const
    execution({ rejectionsMax: 2 })
      .given(triggered(long(900)))
      .when(rejected(FIRST), tick(1_000))
      .thenTypes(['LiquidationOrderPlaced'])
      .when(rejected('liquidation-execution-0/3'))
      .thenMatching([{ type: 'LiquidationHalted', reason: 'orders_rejected' }])
      .when(after(60_000))
      .thenNothing()
  })

  const inDebt = () =>
    started().given(filled(FIRST, 2_000), reported(reducedLong(-30, 2_000, { ledgerSequence: 2 })))

  test('about money are asked for again under the first id', () => {
    const requestId = 'liquidation-execution-0/5'
    inDebt()
      .when(after(3_000))
      .thenMatching([
        { type: 'FundMovementRequested', requestId, amount: dec(30) },
        { type: 'LiquidationPaused', reason: 'no_answer' },
      ])
      .when(fundBooked(requestId, dec(30)))
      .thenNothing()
      .when(reported(reducedLong(0, 2_000, { ledgerSequence: 3, evaluatedAt: 3_000 })))
      .thenMatching([
        { type: 'LiquidationResumed' },
        { type: 'LiquidationCompleted', fundDraw: dec(30), fees: dec(0) },
      ])
  })

  test('about money that come twice, or after the end, move the pool once', () => {
    const booked = fundBooked('liquidation-execution-0/5', dec(30))
    inDebt()
      .when(booked, booked)
      .thenNothing()
      .when(reported(reducedLong(0, 2_000, { ledgerSequence: 3 })))
      .thenMatching([{ type: 'LiquidationCompleted', fundDraw: dec(30) }])
      .when(booked)
      .thenNothing()
      .thenState(state =>
        expect([...state.reserved.values()].every(sum => sum.isZero())).toBe(true),
      )
  })

  test('about the fee are asked for again under the first id', () => {
    const requestId = 'liquidation-execution-0/4'
    started()
      .given(filled(FIRST, 2_000), reported(reducedLong(900, 2_000, { ledgerSequence: 2 })))
      .when(after(3_000))
      .thenMatching([
        { type: 'LiquidationFeeRequested', requestId, amount: dec(99), notional: dec(99_000) },
        { type: 'LiquidationPaused', reason: 'no_answer' },
      ])
  })

  test('that nobody can read put the statement in doubt', () => {
    const driver = driveProcessor(createProcessor())
    for (const event of [...world(), triggered(long(900))]) driver.input(event)
    const record = { source: 'execution-reports', partition: 0, offset: 0, key: SCOPE }
    driver.refusedRecord(record, { reason: 'bytes_truncated', detail: 'ends at byte 3' })
    driver.input(expired(FIRST, 0, { ledgerSequence: 1 }))
    expect(driver.advanceTo(2_000)).toEqual([])
    const [order] = driver.input(reported(long(900, { evaluatedAt: 2_000 })))
    expect(order).toMatchObject({ type: 'LiquidationOrderPlaced', slice: 2 })
  })
})

describe('reference data', () => {
  test('with a gap in the tiers is refused, and the table before stays', () => {
    const record = { author: 'risk', reason: 'test', instrument: BTC }
    execution()
      .when({ type: 'RiskTiersSet', version: 2, ...record, tiers: TIERS.slice(1) })
      .thenRefused('tiers_unsound')
      .when({ type: 'RiskTiersSet', version: 1, ...record, tiers: TIERS })
      .thenNothing()
      .given({ type: 'RiskTiersSet', version: 3, ...record, tiers: TIERS })
      .when({ type: 'RiskTiersSet', version: 2, ...record, tiers: TIERS })
      .thenRefused('version_behind')
  })

  test('that cannot be acted on is refused', () => {
    execution()
      .when(policy({ version: 2, expectedSlippage: dec(1) }))
      .thenRefused('policy_unsound')
  })

  test('that comes later than the trigger is waited for', () => {
    const [pool, ...rest] = world()
    const tiers = rest.filter(event => event.type === 'RiskTiersSet')
    const others = rest.filter(event => event.type !== 'RiskTiersSet')
    const driver = driveProcessor(createProcessor())
    for (const event of [pool!, ...others, triggered(long(900))]) driver.input(event)
    expect(driver.events.at(-1)).toMatchObject({
      type: 'LiquidationPaused',
      reason: 'reference_missing',
    })
    expect(driver.input(tiers[0]!).map(({ type }) => type)).toEqual([
      'LiquidationResumed',
      'LiquidationOrderPlaced',
    ])
  })

  test('of a pool sets its balance the first time only', () => {
    execution()
      .given({
        type: 'InsurancePoolSet',
        ...{ pool: POOL, version: 2, author: 'risk', reason: 'again' },
        ...{ currency: 'USD', balance: dec(5) },
      })
      .thenState(state => expect(state.pools.get(POOL)?.balance.eq(1_000_000)).toBe(true))
  })
})
