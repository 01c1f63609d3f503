import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { verifyLog } from '@sluice/audit/verify-log'
import type { LiquidationMode } from '@sluice/contracts/generated/events'
import { Decimal } from '@sluice/domain/decimal'
import type { Injection, VenueFault } from '@sluice/exchange-simulator/types'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { isOf, lotsOf, overLiquidations, readRun, scopeOf } from './case.ts'
import type { LoggedRun } from './case.ts'
import { simulateSharp, temporaryDirectory } from './fixtures.ts'
import { SHARP } from './sharp-crash.ts'

const STEP_MS = 1000
const POLICIES = ['partial', 'full'] as const

/**
 * A liquidation of an undisturbed run whose first order was filled and a later one too, before anybody else paid for it, of a
 * position that the visible book could take whole.
 */
interface Target {
  readonly liquidationId: string
  readonly scope: string
  readonly instrument: string
  /** Its first order is the nth of the run. */
  readonly nth: number
  readonly firstFillAt: number
  readonly secondFillAt: number
  /** Held before the first fill. */
  readonly lots: number
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
const targets = new Map<LiquidationMode, Target>()

beforeAll(async () => {
  for (const policy of POLICIES) {
    const { path, remove } = await temporaryDirectory()
    await simulateSharp(path, { arguments: { ...SHARP, policy } })
    targets.set(policy, targetIn(await readRun(path)))
    await remove()
  }
})
beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(() => directory.remove())
afterAll(() => targets.clear())

function targetIn({ executions, reports, accounts }: LoggedRun): Target {
  const orders = executions.filter(isOf('LiquidationOrderPlaced'))
  const fills = reports.filter(isOf('OrderFilled'))
  const supported = executions.filter(
    ({ event }) => event.type === 'PoolReserved' || event.type === 'DeleveragingRequested',
  )
  for (const [index, { event: order }] of orders.entries()) {
    const { liquidationId, scope, instrument, slice } = order
    if (slice !== 1) continue
    const ours = new Set(
      orders.filter(({ event }) => event.liquidationId === liquidationId).map(({ id }) => id),
    )
    const own = fills.filter(({ event }) => ours.has(event.clientOrderId))
    const times = own.map(fill => fill.appendTime)
    const [firstFillAt = NaN, secondFillAt] = [...new Set(times)]
    const paidFor = supported.find(
      ({ event }) => 'liquidationId' in event && event.liquidationId === liquidationId,
    )
    if (secondFillAt === undefined || (paidFor?.appendTime ?? Infinity) < secondFillAt) continue
    const before = accounts.findLast(
      record => scopeOf(record) === scope && record.appendTime < firstFillAt,
    )!
    const lots = Math.abs(lotsOf(before, instrument))
    if (own[0]?.event.clientOrderId !== order.clientOrderId) continue
    if (lots > order.sizing.bookLots) continue
    return { liquidationId, scope, instrument, nth: index + 1, firstFillAt, secondFillAt, lots }
  }
  throw new Error('no liquidation of this run takes two slices: choose another seed')
}

/** Runs it again with the injections, and checks what holds whatever happens. */
async function disturbed(
  policy: LiquidationMode,
  injections: readonly Injection[],
  faults: readonly VenueFault[] = [],
): Promise<LoggedRun> {
  const { summary } = await simulateSharp(directory.path, {
    arguments: { ...SHARP, policy },
    injections,
    faults,
  })
  expect(summary.moneyConserved).toBe(true)
  const run = await readRun(directory.path)
  expect(overLiquidations(run)).toEqual([])
  const { liquidationId } = targets.get(policy)!
  expect(outcomeOf(run, liquidationId)).toBeDefined()
  return run
}

async function verified(): Promise<void> {
  const log = openEmbeddedLog({
    directory: directory.path,
    mode: 'each',
    readOnly: true,
    clock: () => 0,
  })
  await verifyLog(log, { evaluators: 1 })
  await log.close()
}

const ordersAfter = ({ executions }: LoggedRun, scope: string, time: number): number =>
  executions
    .filter(isOf('LiquidationOrderPlaced'))
    .filter(({ event, appendTime }) => event.scope === scope && appendTime > time).length

const outcomeOf = ({ executions }: LoggedRun, liquidationId: string): string | undefined =>
  executions
    .filter(isOf('LiquidationCompleted'))
    .find(({ event }) => event.liquidationId === liquidationId)?.event.outcome

describe.each(POLICIES)('while an order of the %s policy is being filled', policy => {
  const target = (): Target => targets.get(policy)!
  const times = (): number[] => [
    target().firstFillAt,
    target().firstFillAt + STEP_MS,
    target().secondFillAt,
  ]

  test('a deposit comes that restores the margin: partial places no further order, full closes the rest and no more', async () => {
    const { scope, liquidationId, firstFillAt } = target()
    const deposit = { kind: 'deposit', scope, amount: new Decimal(10_000_000) } as const
    const run = await disturbed(policy, [{ ...deposit, at: firstFillAt }])
    const isPartial = policy === 'partial'
    expect(outcomeOf(run, liquidationId)).toBe(isPartial ? 'restored' : 'closed')
    if (isPartial) expect(ordersAfter(run, scope, firstFillAt)).toBe(0)
  })

  test('small deposits and withdrawals come: the slices go on from what the ledger says', async () => {
    const { scope } = target()
    const amounts = [new Decimal(25), new Decimal(-25), new Decimal('0.01')]
    await disturbed(
      policy,
      times().map((at, index) => ({ at, kind: 'deposit', scope, amount: amounts[index]! })),
    )
  })

  test('funding is paid', async () => {
    const { instrument } = target()
    const rates = [new Decimal('0.003'), new Decimal('-0.003'), new Decimal('0.01')]
    await disturbed(
      policy,
      times().map((at, index) => ({ at, kind: 'funding', instrument, rate: rates[index]! })),
    )
  })

  test('the trader closes a part each time: our orders take no more than what is left', async () => {
    const { scope, instrument, lots } = target()
    const quantityLots = Math.max(1, Math.floor(lots / 3))
    const close = { kind: 'traderClose', scope, instrument, quantityLots } as const
    await disturbed(
      policy,
      times().map(at => ({ ...close, at })),
    )
  })

  test('the trader closes all: the order finds nothing to reduce, and none follows', async () => {
    const { scope, instrument, lots, firstFillAt } = target()
    const close = { kind: 'traderClose', scope, instrument, quantityLots: lots } as const
    const run = await disturbed(policy, [{ ...close, at: firstFillAt }])
    const ours = run.reports
      .filter(isOf('OrderFilled'))
      .filter(({ event }) => event.scope === scope && event.instrument === instrument)
    expect(ours.filter(({ appendTime }) => appendTime >= firstFillAt)).toEqual([])
  })

  test('the trader closes a part and deposits, and the ledger shows the fill long before it is reported', async () => {
    const { scope, instrument, lots, nth, firstFillAt } = target()
    const quantityLots = Math.max(1, Math.floor(lots / 3))
    const run = await disturbed(
      policy,
      [
        { at: firstFillAt, kind: 'traderClose', scope, instrument, quantityLots },
        { at: firstFillAt + STEP_MS, kind: 'deposit', scope, amount: new Decimal(1) },
      ],
      [{ kind: 'LiquidationOrderPlaced', nth, fault: 'reported_late', delayMs: 4 * STEP_MS }],
    )
    const first = run.reports
      .filter(isOf('OrderFilled'))
      .find(({ event }) => event.scope === scope)!
    expect(first.appendTime).toBe(firstFillAt + 4 * STEP_MS)
    const orders = run.executions
      .filter(isOf('LiquidationOrderPlaced'))
      .filter(({ event, appendTime }) => event.scope === scope && appendTime >= firstFillAt)
    expect(orders.every(({ appendTime }) => appendTime >= first.appendTime)).toBe(true)
    await verified()
  })
})
