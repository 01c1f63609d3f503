import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { faultOfTiers } from '@sluice/domain/tiers'
import type { LiquidationExecutionEvent } from '@sluice/contracts/generated/events'
import { Auditor } from '../src/auditor.ts'
import { InvalidSimulatorOptionsError, StepOutOfOrderError } from '../src/errors.ts'
import { instrumentOfSeries } from '../src/instruments.ts'
import type { Ledger } from '../src/ledger.ts'
import { accountRecord } from '../src/publishing.ts'
import { ExchangeSimulator } from '../src/simulator.ts'
import type { SimulatorOptions, VenueRecord } from '../src/types.ts'
import { Requests, SCOPE, smallVenue } from './requests.ts'

const OPTIONS: SimulatorOptions = {
  market: { kind: 'scenario', name: 'flash-crash', instruments: 3 },
  accounts: 60,
  seed: 7,
  mode: 'partial',
  steps: 240,
}

/** Liquidates scopes of the opening one after another, without asking whether it should: the venue does not mind. */
function run(options: SimulatorOptions): { simulator: ExchangeSimulator; records: VenueRecord[] } {
  const simulator = new ExchangeSimulator(options)
  const records = simulator.open()
  const accounts = records.flatMap(({ event }) => (event.type === 'AccountUpdated' ? [event] : []))
  const requests = new Requests()
  let time = simulator.startTime
  while (!simulator.finished) {
    time += simulator.stepMs
    const account = accounts[(time / 1000) % accounts.length]!
    const scope =
      account.isolatedInstrument === null
        ? account.account
        : `${account.account}/${account.isolatedInstrument}`
    const asked: LiquidationExecutionEvent[] = []
    for (const { instrument, quantityLots } of account.positions) {
      const side = quantityLots > 0 ? 'sell' : 'buy'
      const limitTicks = side === 'sell' ? 1 : 999_999_999
      const half = Math.ceil(Math.abs(quantityLots) / 2)
      asked.push(requests.order({ scope, instrument, side, limitTicks, quantityLots: half }))
      asked.push(requests.fee('0.1', { scope }))
    }
    records.push(...simulator.step(time, asked))
  }
  return { simulator, records }
}

describe('the simulator', () => {
  test('is a function of its arguments: same records, same state hash; another seed gives another', () => {
    const first = run(OPTIONS)
    const second = run(OPTIONS)
    expect(second.simulator.stateHash()).toBe(first.simulator.stateHash())
    expect(second.records.length).toBe(first.records.length)
    expect(JSON.stringify(second.records)).toBe(JSON.stringify(first.records))
    expect(run({ ...OPTIONS, seed: 8 }).simulator.stateHash()).not.toBe(first.simulator.stateHash())
  })

  test('conserves money and positions at every step while forced orders move its prices', () => {
    const { simulator } = run(OPTIONS)
    const report = simulator.audit()
    expect(report.checks.filter(check => !check.sound)).toEqual([])
    expect(report.steps).toBe(240)
    const summary = simulator.summary()
    expect(summary.moneyConserved).toBe(true)
    expect(summary.forcedNotional.gt(0)).toBe(true)
    expect(summary.fees.gt(0)).toBe(true)
  })

  test('publishes a snapshot of every scope, then says that it is complete', () => {
    const simulator = new ExchangeSimulator(OPTIONS)
    const records = simulator.open()
    const accounts = records.filter(({ event }) => event.type === 'AccountUpdated')
    expect(accounts).toHaveLength(simulator.population.scopes)
    expect(records.at(-1)?.event).toMatchObject({
      type: 'SnapshotCompleted',
      scopeCount: accounts.length,
    })
    for (const { event } of records) {
      if (event.type === 'RiskTiersSet') expect(faultOfTiers(event.tiers)).toBeUndefined()
      if (event.type !== 'AccountUpdated') continue
      const names = event.positions.map(position => position.instrument)
      expect(names).toEqual([...names].sort())
      expect(event.positions.every(position => position.quantityLots !== 0)).toBe(true)
      for (const { quantityLots, entryNotional } of event.positions) {
        expect(Math.sign(quantityLots)).toBe(entryNotional.s)
      }
    }
  })

  test('publishes one snapshot a step of a changed scope, with the sequence of its last fill', () => {
    const { records } = run({ ...OPTIONS, steps: 50 })
    const sequences = new Map<string, number>()
    for (const { event } of records) {
      if (event.type === 'OrderFilled') sequences.set(event.scope, event.ledgerSequence)
      if (event.type !== 'AccountUpdated') continue
      const scope =
        event.isolatedInstrument === null
          ? event.account
          : `${event.account}/${event.isolatedInstrument}`
      expect(event.ledgerSequence).toBeGreaterThanOrEqual(sequences.get(scope) ?? 0)
    }
    expect(sequences.size).toBeGreaterThan(0)
  })

  test('never shows a crossed book, an empty level, or levels out of order', () => {
    const { records } = run({ ...OPTIONS, steps: 60 })
    const books = records.flatMap(({ event }) => (event.type === 'BookDepthUpdated' ? [event] : []))
    const isSound = ({ bids, asks }: (typeof books)[number]): boolean =>
      (bids[0]?.priceTicks ?? 0) < (asks[0]?.priceTicks ?? Infinity) &&
      [...bids, ...asks].every(level => level.quantityLots > 0) &&
      bids.every((level, at) => at === 0 || level.priceTicks < bids[at - 1]!.priceTicks) &&
      asks.every((level, at) => at === 0 || level.priceTicks > asks[at - 1]!.priceTicks)
    expect(books.length).toBeGreaterThan(50)
    expect(books.filter(book => !isSound(book))).toEqual([])
  })

  test("takes injections: deposit, funding, shock, the trader's own close, halt", () => {
    const simulator = new ExchangeSimulator({ ...OPTIONS, steps: 20 })
    const account = simulator
      .open()
      .map(({ event }) => event)
      .find(event => event.type === 'AccountUpdated')!
    const position = account.positions[0]!
    const scope =
      account.isolatedInstrument === null
        ? account.account
        : `${account.account}/${account.isolatedInstrument}`
    const { instrument } = position
    const at = simulator.startTime + 2000
    simulator.inject({ at, kind: 'deposit', scope, amount: new Decimal(5) })
    simulator.inject({ at: at + 1000, kind: 'funding', instrument, rate: new Decimal('-0.001') })
    simulator.inject({ at: at + 2000, kind: 'priceShock', instrument, rate: -0.2 })
    simulator.inject({ at: at + 3000, kind: 'traderClose', scope, instrument, quantityLots: 1 })
    simulator.inject({ at: at + 4000, kind: 'halt', instrument })
    const records: VenueRecord[] = []
    while (!simulator.finished)
      records.push(
        ...simulator.step(simulator.startTime + 1000 * (simulator.summary().steps + 1), []),
      )
    const updates = records.flatMap(({ event }) =>
      event.type === 'AccountUpdated' && event.account === account.account ? [event] : [],
    )
    expect(updates[0]?.walletBalance.minus(account.walletBalance).eq(5)).toBe(true)
    expect(updates).toHaveLength(3)
    expect(records.some(({ event }) => event.type === 'InstrumentHalted')).toBe(true)
    expect(simulator.audit().sound).toBe(true)
    expect(() => simulator.inject({ at: 0, kind: 'halt', instrument })).toThrow(
      InvalidSimulatorOptionsError,
    )
    expect(() => simulator.inject({ at: at * 2, kind: 'halt', instrument: 'NO' })).toThrow(
      InvalidSimulatorOptionsError,
    )
  })

  test('goes on answering after the end of its path, and its prices stay', () => {
    const simulator = new ExchangeSimulator({ ...OPTIONS, steps: 2 })
    simulator.open()
    const pricesOf = (step: number) =>
      simulator
        .step(simulator.startTime + step * simulator.stepMs, [])
        .flatMap(({ event }) => (event.type === 'IndexComponentPriced' ? [event.priceTicks] : []))
    for (const step of [1, 2]) pricesOf(step)
    expect(simulator.finished).toBe(true)
    const sums = Array.from({ length: 40 }, (_, index) => pricesOf(3 + index)).map(prices =>
      prices.reduce((sum, price) => sum + price, 0),
    )
    const [first = 0] = sums
    for (const sum of sums) expect(Math.abs(sum / first - 1)).toBeLessThan(0.001)
    expect(simulator.audit().sound).toBe(true)
  })

  test('refuses steps out of order and options that make no sense', () => {
    const simulator = new ExchangeSimulator(OPTIONS)
    expect(() => simulator.step(simulator.startTime + 1000, [])).toThrow(StepOutOfOrderError)
    simulator.open()
    expect(() => simulator.step(simulator.startTime, [])).toThrow(StepOutOfOrderError)
    for (const over of [{ accounts: 0 }, { seed: 0.5 }, { steps: 0 }]) {
      expect(() => new ExchangeSimulator({ ...OPTIONS, ...over })).toThrow(
        InvalidSimulatorOptionsError,
      )
    }
  })

  test('passes over an empty minute in silence: no price of that instrument, no trade, no depth', () => {
    const bar = (minute: number, silent: boolean) => ({
      openTime: minute * 60_000,
      open: 100,
      high: 101,
      low: 99,
      close: 100,
      silent,
    })
    const series = [
      {
        symbol: 'XBTUSD',
        format: 'bitmex-bars' as const,
        file: 'x',
        barMs: 60_000,
        bars: [bar(0, false), bar(1, true), bar(2, false)],
      },
    ]
    const simulator = new ExchangeSimulator({
      ...OPTIONS,
      market: { kind: 'prices', series },
      steps: 179,
    })
    simulator.open()
    const seconds: number[] = []
    for (let second = 1; second <= 179; second += 1) {
      const records = simulator.step(simulator.startTime + second * 1000, [])
      if (records.some(({ topic }) => topic === 'market-data')) seconds.push(second)
    }
    expect(seconds).toHaveLength(119)
    expect(seconds.filter(second => second >= 60 && second < 120)).toEqual([])
  })
})

describe('the auditor', () => {
  const watching = (): { ledger: Ledger; auditor: Auditor; publish: () => VenueRecord[] } => {
    const { ledger } = smallVenue()
    const auditor = new Auditor(ledger)
    const publish = () =>
      [...ledger.scopes.values()].map(scope => accountRecord(ledger, 'USD', scope))
    const pools: VenueRecord[] = [...ledger.pools.keys()].map(pool => ({
      topic: 'reference-data',
      key: pool,
      event: {
        type: 'InsurancePoolSet',
        pool,
        version: 1,
        author: '',
        reason: '',
        currency: 'USD',
        balance: new Decimal(1000),
      },
    }))
    auditor.open([...pools, ...publish()])
    return { ledger, auditor, publish }
  }
  const faults = (auditor: Auditor) =>
    auditor
      .report([612_500])
      .checks.filter(check => !check.sound)
      .map(check => check.name)

  test('finds nothing where nothing is wrong', () => {
    expect(faults(watching().auditor)).toEqual([])
  })

  test('finds a unit that came from nowhere, at the step in which it came', () => {
    const { ledger, auditor, publish } = watching()
    const scope = ledger.scopes.get(SCOPE)!
    scope.wallet.units += 1n
    scope.sequence += 1
    auditor.step(5000, publish().slice(0, 1))
    expect(auditor.conserved).toBe(false)
    expect(auditor.report([612_500]).firstFault).toMatchObject({ time: 5000 })
    expect(faults(auditor)).toContain('all balances of the ledger sum to zero')
  })

  test('finds a lot that nobody sold', () => {
    const { ledger, auditor, publish } = watching()
    const scope = ledger.scopes.get(SCOPE)!
    scope.holdings[0]!.lots += 1
    scope.sequence += 1
    auditor.step(5000, publish().slice(0, 1))
    expect(faults(auditor)).toContain('money and positions are conserved')
  })

  test('finds a change that was not published, and a cost that clearing does not mirror', () => {
    const { ledger, auditor } = watching()
    ledger.scopes.get(SCOPE)!.holdings[0]!.entryUnits += 1n
    expect(faults(auditor)).toEqual([
      'clearing equals minus the cost of all positions',
      'what was published is what the ledger holds',
      'equity computed from published records agrees',
    ])
  })
})

test('an instrument for a symbol has five digits at the first price, three at the lowest, exact money', () => {
  for (const [first, lowest] of [
    [123_277.8, 102_497],
    [0.009_251_9, 0.003],
    [86.18, 0.000_04],
    [2.5947, 0.4],
  ] as const) {
    const spec = instrumentOfSeries('ABCUSDT', first, lowest)
    expect(spec.startTicks).toBeGreaterThanOrEqual(10_000)
    expect(new Decimal(lowest).div(spec.tickSize).gte(100)).toBe(true)
    expect(spec.lotSize.times(spec.tickSize).decimalPlaces()).toBeLessThanOrEqual(12)
  }
})
