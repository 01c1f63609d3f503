import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { snapshotOf } from '@sluice/contracts/snapshot-hash'
import { Decimal } from '@sluice/domain/decimal'
import { after, scenario, tick, type ScenarioStep } from '@sluice/testkit/given'
import { createProcessor, type MarginEvaluationInput } from '../src/processor.ts'
import { DEFAULT_SETTINGS } from '../src/settings.ts'
import { account, closed, held, mark, OPEN, policy, position, released } from './world.ts'

const RULES = OPEN.filter(({ type }) => type !== 'SnapshotCompleted' && type !== 'MarkPriceUpdated')
const PRICES = OPEN.filter(({ type }) => type === 'MarkPriceUpdated')

/** 10 lots bought at 1,000: at that price under water when the wallet is below 100. */
const holder = (name: string, wallet: number, ledgerSequence = 1) =>
  account(name, ledgerSequence, { wallet, positions: [position('BTC', 10, 1_000)] })

describe('The end of the first snapshot', () => {
  const rich = holder('rich', 1_000)
  const poor = holder('poor', 50, 7)

  test('is believed if its hash is that of the scopes that were read, in whatever order', () => {
    scenario(createProcessor())
      .given(...RULES, ...PRICES, poor, rich)
      .when(snapshotOf([rich, poor]))
      .thenTypes(['MarginStatusChanged', 'LiquidationTriggered'])
  })

  test('is refused if a scope is missing, too many, or at another sequence: nothing is triggered until one is right', () => {
    const wrong = [
      snapshotOf([poor]),
      snapshotOf([poor, rich, holder('third', 1)]),
      snapshotOf([poor, holder('rich', 1_000, 2)]),
    ]
    const run = scenario(createProcessor()).given(...RULES, ...PRICES, poor, rich)
    for (const event of wrong) run.when(event).thenRefused('snapshot_incomplete')
    run.when(mark('BTC', 990)).thenNothing()
    run.when(snapshotOf([poor, rich])).thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('counts the latest record of a scope, one that waits for its instrument, and not one that was closed', () => {
    const later = holder('poor', 60, 8)
    const parked = account('parked', 3, { positions: [position('LATE', 1, 5)] })
    scenario(createProcessor())
      .given(...RULES, ...PRICES, poor, rich, parked, account('gone', 4), closed('gone', 5), later)
      .when(snapshotOf([poor, rich, parked, later]))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('stands although a record was refused: its scope alone is not trusted', () => {
    const unsound = account('bad', 2, { positions: [position('BTC', 0, 1)] })
    scenario(createProcessor())
      .given(...RULES, ...PRICES, poor, unsound)
      .when(snapshotOf([poor, unsound]))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('has the hash that its documentation states', () => {
    expect(Buffer.from(snapshotOf([rich, poor]).hash ?? []).toString('hex')).toBe(
      '6ca377a2c3f889efab6de7aa9cee0e3fc089d99a56d03516307a811c34007655',
    )
  })
})

describe('Scopes that are under water at the first snapshot', () => {
  const catchUp = { scopesPerInterval: 2, intervalMs: 1_000 }
  const staged = () => scenario(createProcessor({ ...DEFAULT_SETTINGS, catchUp }))
  const holders = [
    holder('a', 90),
    holder('b', 20),
    holder('c', 60),
    holder('d', 20),
    holder('e', 5_000),
  ]
  const calls = policy({ version: 2, marginCallRatios: [], profileIntervalMs: 1_000_000 })
  /** Scopes triggered by these steps, in order. */
  const triggeredBy = (
    run: ReturnType<typeof staged>,
    ...steps: readonly ScenarioStep<MarginEvaluationInput>[]
  ) => {
    const before = run.driver.events.length
    run.given(...steps)
    return run.driver.events
      .slice(before)
      .flatMap(event => (event.type === 'LiquidationTriggered' ? [event.statement.scope] : []))
  }

  test('are triggered at once if nothing is staged', () => {
    const run = scenario(createProcessor()).given(...RULES, calls, ...PRICES, ...holders)
    expect(triggeredBy(run, snapshotOf(holders))).toEqual(['a', 'b', 'c', 'd'])
  })

  test('are released so many at a time, the lowest margin ratio first, equal ones by scope, with the snapshot as a cause', () => {
    const run = staged().given(...RULES, calls, ...PRICES, ...holders)
    run.when(snapshotOf(holders)).thenNothing()
    expect(triggeredBy(run, after(1_000))).toEqual(['b', 'd'])
    const causeIds = ['tick@1000', 'accounts-0@5']
    expect(run.driver.events.at(-1)).toMatchObject({ meta: { causeIds } })
    expect(triggeredBy(run, after(1_000))).toEqual(['c', 'a'])
    run.when(after(10_000)).thenNothing()
  })

  test('are found when the first prices come, if those come later', () => {
    const run = staged().given(...RULES, calls, ...holders)
    run.when(snapshotOf(holders)).thenNothing()
    run.when(...PRICES).thenNothing()
    expect(triggeredBy(run, after(1_000))).toEqual(['b', 'd'])
  })

  test('are left out when they are above water at their turn; whoever falls later is triggered at once', () => {
    const run = staged().given(...RULES, calls, ...PRICES, ...holders, snapshotOf(holders))
    run.given(account('b', 2, { wallet: 10_000 }))
    expect(triggeredBy(run, after(1_000))).toEqual(['d', 'c'])
    expect(triggeredBy(run, holder('e', 1, 2))).toEqual(['e'])
  })

  test('have their first look when released, if they were held', () => {
    const run = staged().given(...RULES, calls, ...PRICES, held('b'), ...holders)
    run.given(snapshotOf(holders))
    expect(triggeredBy(run, after(1_000))).toEqual(['d', 'c'])
    expect(triggeredBy(run, after(1_000))).toEqual(['a'])
    run.when(released('b')).thenNothing()
    expect(triggeredBy(run, after(1_000))).toEqual(['b'])
  })

  test('wait for their instrument, a policy and a price', () => {
    const run = staged().given(...holders, snapshotOf(holders))
    run.when(...RULES, calls, tick(30_000), ...PRICES).thenNothing()
    expect(triggeredBy(run, after(1_000))).toEqual(['b', 'd'])
  })
})

test('A snapshot of the first form is read: the policy in force is the one known', () => {
  const bytes = Buffer.from(
    readFileSync(new URL('./form-1.base64', import.meta.url), 'utf8'),
    'base64',
  )
  const state = createProcessor().restore(bytes)
  expect(state.policies.latest).toBe(state.policy?.record)
  expect(state.policies.versions()).toHaveLength(1)
  expect(state.scopes.scopeCount).toBe(1)
  expect(state.holds.entries()).toEqual([['ann', { value: true, expiresAt: null }]])
  expect(state.policy?.record.triggerRatio).toEqual(new Decimal(1))
})
