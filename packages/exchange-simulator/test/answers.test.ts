import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import type { ExecutionReportsEvent } from '@sluice/contracts/generated/events'
import { Answers } from '../src/answers.ts'
import { InvalidSimulatorOptionsError } from '../src/errors.ts'
import { holdingOf } from '../src/ledger.ts'
import { unitsOf } from '../src/money.ts'
import type { LiquidationExecutionEvent, VenueFault } from '../src/types.ts'
import type { Venue } from '../src/venue.ts'
import { INSTRUMENT, OTHER, Requests, SCOPE, smallVenue } from './requests.ts'

function answering(faults: readonly VenueFault[] = []) {
  const venue = smallVenue()
  const answers = new Answers(venue, faults)
  const requests = new Requests()
  const ask = (...events: LiquidationExecutionEvent[]): ExecutionReportsEvent[] => {
    venue.time += 1000
    answers.receive(events)
    const reports = answers.act()
    for (const market of venue.markets) market.settle()
    return reports
  }
  return { venue, requests, ask }
}

function lotsOf(venue: Venue, scope = SCOPE): number {
  return holdingOf(venue.ledger.scopes.get(scope)!, 0)?.lots ?? 0
}

const types = (reports: readonly ExecutionReportsEvent[]) => reports.map(report => report.type)
const reasonOf = (reports: readonly ExecutionReportsEvent[]) => {
  const report = reports[0]!
  return 'reason' in report ? report.reason : report.type
}

describe('orders', () => {
  test('are accepted, filled by the makers, and their fills carry rising ledger sequences', () => {
    const { venue, requests, ask } = answering()
    const reports = ask(requests.order())
    expect(reports[0]?.type).toBe('OrderAccepted')
    const fills = reports.filter(report => report.type === 'OrderFilled')
    expect(fills.reduce((lots, fill) => lots + fill.quantityLots, 0)).toBe(100)
    expect(fills.at(-1)?.ledgerSequence).toBe(venue.ledger.scopes.get(SCOPE)?.sequence)
    expect(lotsOf(venue)).toBe(0)
  })

  test('never trade beyond their limit: the rest expires', () => {
    const { requests, ask } = answering()
    const reports = ask(requests.order({ limitTicks: 612_600 }))
    expect(types(reports)).toEqual(['OrderAccepted', 'OrderExpired'])
  })

  test('are reduce-only: more than the position is cut, the wrong side is refused', () => {
    const { venue, requests, ask } = answering()
    expect(reasonOf(ask(requests.order({ side: 'buy', limitTicks: 700_000 })))).toBe('reduce_only')
    const reports = ask(requests.order({ quantityLots: 1000 }))
    expect(reports.at(-1)).toMatchObject({ type: 'OrderExpired', filledLots: 100 })
    expect(lotsOf(venue)).toBe(0)
    expect(reasonOf(ask(requests.order()))).toBe('reduce_only')
  })

  test('for what does not exist, or of no size, are refused with the reason', () => {
    const { requests, ask } = answering()
    expect(reasonOf(ask(requests.order({ scope: 'nobody' })))).toBe('scope_unknown')
    expect(reasonOf(ask(requests.order({ instrument: 'NO-PERP' })))).toBe('instrument_unknown')
    expect(reasonOf(ask(requests.order({ quantityLots: 0 })))).toBe('quantity_not_positive')
    expect(reasonOf(ask(requests.order({ limitTicks: -1 })))).toBe('limit_not_positive')
  })

  test('are executed once for each client order id: a repeat gets the same answer', () => {
    const { venue, requests, ask } = answering()
    const order = requests.order({ quantityLots: 30 })
    const first = ask(order)
    expect(ask(order)).toEqual(first)
    expect(lotsOf(venue)).toBe(70)
  })

  test('that arrive after the cancellation of their scope are refused, later ones are not', () => {
    const { venue, requests, ask } = answering()
    const order = requests.order()
    const cancelled = ask(requests.cancellation())
    expect(cancelled[0]).toMatchObject({
      type: 'OrdersCancelled',
      ledgerSequence: venue.ledger.scopes.get(SCOPE)?.sequence,
    })
    expect(reasonOf(ask(order))).toBe('cancelled_before_arrival')
    expect(types(ask(requests.order()))).toContain('OrderFilled')
  })

  test('push the makers away from the price, and the push fades', () => {
    const { venue, requests, ask } = answering()
    ask(requests.order())
    const market = venue.markets[0]!
    expect(market.displacement.venue).toBeLessThan(0)
    for (let step = 0; step < 3600; step += 1) market.advance(612_500)
    expect(market.displacement.venue).toBe(0)
  })
})

describe('faults', () => {
  test('silent: nothing happens and nothing is said', () => {
    const { venue, requests, ask } = answering([
      { kind: 'LiquidationOrderPlaced', nth: 1, fault: 'silent' },
    ])
    expect(ask(requests.order())).toEqual([])
    expect(lotsOf(venue)).toBe(100)
  })

  test('late: the request is acted on when it arrives, or refused if it was cancelled meanwhile', () => {
    const fault = { kind: 'LiquidationOrderPlaced', nth: 1, fault: 'late', delayMs: 2000 } as const
    const waiting = answering([fault])
    expect(waiting.ask(waiting.requests.order())).toEqual([])
    expect(waiting.ask()).toEqual([])
    expect(types(waiting.ask())).toContain('OrderFilled')

    const cancelled = answering([fault])
    cancelled.ask(cancelled.requests.order())
    cancelled.ask(cancelled.requests.cancellation())
    expect(reasonOf(cancelled.ask())).toBe('cancelled_before_arrival')
    expect(lotsOf(cancelled.venue)).toBe(100)
  })

  test('reported late: the ledger moves first, the reports follow', () => {
    const { venue, requests, ask } = answering([
      { kind: 'LiquidationOrderPlaced', nth: 1, fault: 'reported_late', delayMs: 1000 },
    ])
    expect(ask(requests.order())).toEqual([])
    expect(lotsOf(venue)).toBe(0)
    expect(types(ask())).toContain('OrderFilled')
  })

  test('twice: the same reports again, one execution', () => {
    const { venue, requests, ask } = answering([
      { kind: 'LiquidationOrderPlaced', nth: 2, fault: 'twice' },
    ])
    ask(requests.order({ quantityLots: 10 }))
    const reports = ask(requests.order({ quantityLots: 10 }))
    const half = reports.length / 2
    expect(reports.slice(half)).toEqual(reports.slice(0, half))
    expect(lotsOf(venue)).toBe(80)
  })

  test('partial: half is filled, the rest expires', () => {
    const { requests, ask } = answering([
      { kind: 'LiquidationOrderPlaced', nth: 1, fault: 'partial' },
    ])
    expect(ask(requests.order({ quantityLots: 41 })).at(-1)).toMatchObject({ filledLots: 20 })
  })

  test('that make no sense are refused before anything runs', () => {
    const bad = [
      { kind: 'LiquidationFeeRequested', nth: 1, fault: 'partial' },
      { kind: 'LiquidationOrderPlaced', nth: 0, fault: 'late' },
      { kind: 'LiquidationOrderPlaced', nth: 1, fault: 'late', delayMs: -1 },
    ] as const
    for (const fault of bad) expect(() => answering([fault])).toThrow(InvalidSimulatorOptionsError)
  })
})

describe('money', () => {
  test('a fee is booked as asked, and at most what equity at mark allows', () => {
    const { requests, ask } = answering()
    expect(ask(requests.fee('12.5'))[0]).toMatchObject({ amount: new Decimal('12.5') })
    const second = ask(requests.fee('500'))[0]!
    expect(second.type === 'FeeBooked' && second.amount.eq('87.5')).toBe(true)
    const third = ask(requests.fee('1'))[0]!
    expect(third.type === 'FeeBooked' && third.amount.isZero()).toBe(true)
  })

  test('a pool pays all or refuses; what comes back is at most the equity', () => {
    const { requests, ask } = answering()
    expect(reasonOf(ask(requests.fund('1000.01')))).toBe('balance_insufficient')
    expect(ask(requests.fund('1000'))[0]).toMatchObject({
      type: 'FundMovementBooked',
      poolBalance: new Decimal(0),
    })
    const back = ask(requests.fund('-5000'))[0]!
    expect(back.type === 'FundMovementBooked' && back.amount.eq('-1100')).toBe(true)
    expect(reasonOf(ask(requests.fund('-1')))).toBe('nothing_to_return')
    expect(reasonOf(ask(requests.fund('1', { pool: 'none' })))).toBe('pool_unknown')
    expect(reasonOf(ask(requests.fund('1', { scope: 'nobody' })))).toBe('scope_unknown')
    expect(reasonOf(ask(requests.fund('0')))).toBe('amount_is_zero')
  })

  test('a booking asked for twice is booked once', () => {
    const { venue, requests, ask } = answering()
    const request = requests.fund('10')
    expect(ask(request, request)).toHaveLength(2)
    expect(venue.ledger.pools.get('usd-majors')?.units).toBe(unitsOf(new Decimal(990)))
  })

  test('a shared loss is paid by who is in profit, at most the profit, the house for the rest', () => {
    const { venue, requests, ask } = answering()
    venue.markets[0]!.advance(600_000)
    const other = venue.ledger.scopes.get(OTHER)!
    const profit = venue.ledger.equityOf(other, venue.marks()) - other.wallet.units
    expect(profit).toBe(unitsOf(new Decimal('7.5')))
    const report = ask(requests.loss('10'))[0]!
    expect(report).toMatchObject({
      type: 'LossShareBooked',
      amount: new Decimal(10),
      contributorCount: 1,
    })
    expect(other.wallet.units).toBe(unitsOf(new Decimal('92.5')))
    expect(ask(requests.loss('10'))[0]).toMatchObject({ contributorCount: 0 })
  })
})

describe('deleveraging', () => {
  test('offsets the pair at the asked price', () => {
    const { venue, requests, ask } = answering()
    expect(ask(requests.deleveraging())[0]).toMatchObject({
      type: 'DeleveragingExecuted',
      quantityLots: 40,
      priceTicks: 600_000,
    })
    expect([lotsOf(venue), lotsOf(venue, OTHER)]).toEqual([60, -20])
  })

  test('takes no more than both positions have', () => {
    const { requests, ask } = answering()
    expect(ask(requests.deleveraging({ quantityLots: 90 }))[0]).toMatchObject({ quantityLots: 60 })
  })

  test('looks at the counterparty again', () => {
    const { requests, ask } = answering()
    const refusal = (over: Parameters<Requests['deleveraging']>[0]) =>
      reasonOf(ask(requests.deleveraging(over)))
    expect(refusal({ priceTicks: 612_500 })).toBe('counterparty_not_in_profit')
    expect(refusal({ counterparty: 'nobody' })).toBe('counterparty_unknown')
    expect(refusal({ counterparty: SCOPE })).toBe('same_scope')
    expect(refusal({ scope: 'nobody' })).toBe('scope_unknown')
    expect(refusal({ side: 'buy' })).toBe('reduce_only')
    expect(refusal({ instrument: 'NO-PERP' })).toBe('instrument_unknown')
    expect(refusal({ quantityLots: 0 })).toBe('quantity_not_positive')
    expect(refusal({ priceTicks: 0 })).toBe('price_not_positive')
    ask(requests.deleveraging({ quantityLots: 60 }))
    expect(refusal({ instrument: INSTRUMENT })).toBe('counterparty_not_opposite')
  })
})
