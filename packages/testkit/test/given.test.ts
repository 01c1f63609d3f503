import { describe, expect, test } from '@jest/globals'
import type {
  InputRefused,
  LossShareRequested,
  OrderFilled,
  ScopeTrusted,
  TradePrinted,
} from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import type { Processor } from '@sluice/stream-runtime/processor'
import { after, driveProcessor, metaOf, placed, scenario, tick } from '@sluice/testkit/given'

interface Counter {
  lots: number
  deadline: number | null
  forgotten: number
}

type In = TradePrinted | ScopeTrusted | OrderFilled
type Out = LossShareRequested | InputRefused

/** Sums traded lots; every 100 ms it reports what came together since. */
function counter(): Processor<Counter, In, Out> {
  return {
    service: 'counter',
    logicVersion: 3,
    settings: '',
    handlers: {
      TradePrinted(state, trade, turn) {
        if (trade.quantityLots <= 0) {
          turn.refuse('quantity_below_lot', 'not above zero')
          return
        }
        state.lots += trade.quantityLots
        state.deadline ??= turn.now + 100
      },
      ScopeTrusted(state, trusted, turn) {
        turn.emit(report(trusted.scope, state.lots))
      },
      OrderFilled(state, fill) {
        state.forgotten += fill.quantityLots
      },
    },
    initialState: () => ({ lots: 0, deadline: null, forgotten: 0 }),
    nextDeadline: state => state.deadline,
    onTick(state, turn) {
      turn.emit(report('all', state.lots))
      state.deadline = null
    },
    onRefusedRecord(_state, record, turn) {
      turn.emit(report(record.key ?? 'nobody', 0))
    },
    snapshot: ({ lots, deadline }) => Buffer.from(JSON.stringify([lots, deadline])),
    restore(bytes) {
      const [lots, deadline] = JSON.parse(Buffer.from(bytes).toString()) as [number, number | null]
      return { lots, deadline, forgotten: 0 }
    },
  }
}

function report(scope: string, lots: number) {
  return {
    type: 'LossShareRequested',
    liquidationId: 'l',
    requestId: 'r',
    scope,
    currency: 'USD',
    amount: new Decimal(lots),
  } as const
}

function trade(quantityLots: number): TradePrinted {
  return {
    type: 'TradePrinted',
    instrument: 'BTC-PERP',
    priceTicks: 1,
    quantityLots,
    aggressor: 'buy',
  }
}

const trusted = (sequence: number): ScopeTrusted => ({
  type: 'ScopeTrusted',
  meta: metaOf(sequence),
  scope: 'alice',
  ledgerSequence: 1,
})

describe('a scenario', () => {
  test('shows what the steps after given emitted, decimals by value', () => {
    scenario(counter())
      .given(trade(2), trusted(1))
      .when(trade(3), trusted(2))
      .thenEvents([{ ...report('alice', 0), amount: new Decimal('5.000') }])
      .when(trade(1))
      .thenNothing()
  })

  test('delivers a tick only when the deadline has come', () => {
    scenario(counter())
      .given(placed(trade(2), { time: 1000 }))
      .when(tick(1099))
      .thenNothing()
      .when(tick(1100))
      .thenMatching([{ type: 'LossShareRequested', scope: 'all' }])
      .when(trade(1), after(500))
      .thenTypes(['LossShareRequested'])
      .thenState(state => expect(state.lots).toBe(3))
  })

  test('names a refusal by its reason', () => {
    scenario(counter()).when(trade(0)).thenRefused('quantity_below_lot')
  })

  test('fails with the difference when an event is missing, other or too many', () => {
    const run = () => scenario(counter()).when(trusted(1))
    expect(() => run().thenNothing()).toThrow(/LossShareRequested/)
    expect(() => run().thenEvents([report('bob', 0)])).toThrow(/bob/)
    expect(() => run().thenContaining([{ type: 'LossShareRequested', scope: 'bob' }])).toThrow(
      /bob/,
    )
    run().thenContaining([{ type: 'LossShareRequested', scope: 'alice' }])
  })
})

describe('a driven processor', () => {
  test('gives ids, causes and times as the runtime would', () => {
    const driver = driveProcessor(counter(), { partition: 2, startTime: 50 })
    driver.input(trade(0), { time: 60, partition: 1, offset: 7 })
    driver.input(trusted(9), { time: 40 })
    driver.refusedRecord(
      { source: 'accounts', partition: 0, offset: 4, key: 'bob' },
      { reason: 'truncated', detail: 'ends after 3 bytes' },
    )
    const metas = driver.events.map(event => event.meta)
    expect(driver.task).toBe('counter-2')
    expect(metas).toEqual([
      { sequence: 1, causeIds: ['market-data-1@7'], time: 60, logicVersion: 3 },
      { sequence: 2, causeIds: ['margin-evaluation-0/9'], time: 60, logicVersion: 3 },
      { sequence: 3, causeIds: ['accounts-0@4'], time: 60, logicVersion: 3 },
      { sequence: 4, causeIds: ['accounts-0@4'], time: 60, logicVersion: 3 },
    ])
  })

  test('finds a snapshot that loses part of the state as soon as it matters', () => {
    const processor = counter()
    const leaky: Processor<Counter, In, Out> = {
      ...processor,
      handlers: {
        ...processor.handlers,
        ScopeTrusted: (state, event, turn) => {
          turn.emit(report(event.scope, state.forgotten))
        },
      },
    }
    const fill: OrderFilled = {
      type: 'OrderFilled',
      clientOrderId: 'o',
      scope: 'alice',
      instrument: 'BTC-PERP',
      executionId: 'e',
      side: 'sell',
      priceTicks: 1,
      quantityLots: 4,
      ledgerSequence: 1,
    }
    const run = scenario(leaky).given(fill)
    expect(() => run.when(trusted(1))).toThrow(
      /counter-0 at input margin-evaluation-0\/1.*emits something else/,
    )
  })

  test('finds a handler that changes the state and then refuses, or that writes to its input', () => {
    const processor = counter()
    const withTrade = (onTrade: (typeof processor.handlers)['TradePrinted']) =>
      scenario<Counter, In, Out>({
        ...processor,
        handlers: { ...processor.handlers, TradePrinted: onTrade },
      })
    const refusing = withTrade((state, _, turn) => {
      state.lots += 1
      turn.refuse('late', 'too late')
    })
    const writing = withTrade((_state, event) => {
      Object.assign(event, { quantityLots: 0 })
    })
    expect(() => refusing.when(trade(1))).toThrow(/refused, but/)
    expect(() => writing.when(trade(1))).toThrow(/read only/)
  })

  test('finds an event that the codec would not carry', () => {
    const finer = { ...report('alice', 0), amount: new Decimal('0.0000000000001') }
    const processor: Processor<Counter, In, Out> = {
      ...counter(),
      onTick: (state, turn) => {
        state.deadline = null
        turn.emit(finer)
      },
    }
    expect(() => scenario(processor).when(trade(1), after(100))).toThrow(
      /has no encoding[^]*amount/,
    )
  })

  test('stops when the deadline never moves', () => {
    const stuck = { ...counter(), onTick: () => undefined }
    const driver = driveProcessor(stuck, { checkSnapshots: false })
    driver.input(trade(1))
    expect(() => driver.advanceTo(1000)).toThrow(/must move its deadline/)
  })
})
