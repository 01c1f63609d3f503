import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { after, scenario, tick } from '@sluice/testkit/given'
import { createProcessor } from '../src/processor.ts'
import { DEFAULT_SETTINGS } from '../src/settings.ts'
import { account, activated, held, mark, OPEN, overridden, policy, position } from './world.ts'

/** 10 lots at 1,000, wallet 1,000: at price p equity is 10p − 9,000 and the requirement 0.1p, so that ratio 1 is crossed below 910. */
const ANN = account('ann', 1, { positions: [position('BTC', 10, 1_000)] })
const market = () => scenario(createProcessor()).given(...OPEN, ANN)
const rules = (version: number, triggerRatio: number) =>
  policy({
    version,
    triggerRatio: new Decimal(triggerRatio),
    marginCallRatios: [new Decimal(1.5)],
    profileIntervalMs: 1_000_000,
  })
const TRIGGER = ['MarginStatusChanged', 'LiquidationTriggered']

describe('A trigger ratio of its own', () => {
  test('triggers a scope that its policy would leave alone, says so, and is what its liquidation price follows', () => {
    const [, trigger] = market()
      .when(overridden('ann', 20))
      .thenTypes(TRIGGER)
      .driver.events.slice(-2)
    expect(trigger).toMatchObject({ triggerRatio: new Decimal(20) })
    const { statement } = trigger as Extract<typeof trigger, { type: 'LiquidationTriggered' }>
    expect(statement.positions[0]?.liquidationPriceTicks).toBeGreaterThan(1_000)
  })

  test('leaves a scope alone that its policy would trigger, until it is taken back', () => {
    market()
      .given(overridden('ann', 0.1))
      .when(mark('BTC', 905))
      .thenTypes(['MarginStatusChanged', 'MarginCallIssued'])
      .when(overridden('ann', null))
      .thenTypes(TRIGGER)
      .thenMatching([
        { type: 'MarginStatusChanged' },
        { type: 'LiquidationTriggered', triggerRatio: null },
      ])
  })

  test('above the call ratio is noticed by a price that crosses it', () => {
    market()
      .given(overridden('ann', 5))
      .when(mark('BTC', 955))
      .thenNothing()
      .when(mark('BTC', 940))
      .thenTypes(TRIGGER)
  })

  test('lapses by itself', () => {
    market()
      .given(rules(2, 1), overridden('ann', 0.1, 50_000), mark('BTC', 905), tick(40_000))
      .when(tick(49_999))
      .thenNothing()
      .when(tick(50_000))
      .thenTypes(TRIGGER)
  })

  test('may come before the scope does, and does not lift a hold', () => {
    scenario(createProcessor())
      .given(...OPEN, overridden('ann', 20), held('ann'))
      .when(ANN)
      .thenNothing()
  })

  test('is refused if it has lapsed, or if one person both decided and approved', () => {
    market()
      .given(mark('BTC', 1_000), after(10))
      .when(overridden('ann', 20, 5))
      .thenRefused('intervention_expired')
    market()
      .when({ ...overridden('ann', 20), approver: 'op' })
      .thenRefused('approver_is_actor')
  })
})

describe('A policy that a person activates', () => {
  const strict = rules(2, 1.4)

  test('is what triggers follow from then on, whatever is set later', () => {
    market()
      .given(strict, activated(1))
      .when(rules(3, 1.4), mark('BTC', 912))
      .thenTypes(['MarginStatusChanged', 'MarginCallIssued'])
      .when(mark('BTC', 905))
      .thenContaining([{ type: 'LiquidationTriggered' }])
      .thenState(({ policy }) => expect(policy?.record.version).toBe(1))
  })

  test('looks at every scope when it comes into force', () => {
    market().given(strict, activated(1), mark('BTC', 912)).when(activated(2)).thenTypes(TRIGGER)
  })

  test('comes into force when its record does, if that is later', () => {
    market().given(activated(2), mark('BTC', 912)).when(strict).thenTypes(TRIGGER)
  })

  test('lapses by itself: the version set last is followed again', () => {
    market()
      .given(strict, activated(1, 50_000), mark('BTC', 912), tick(40_000))
      .when(tick(50_000))
      .thenTypes(TRIGGER)
  })

  test('of another policy than the one followed changes nothing', () => {
    scenario(createProcessor({ ...DEFAULT_SETTINGS, policy: 'standard' }))
      .given(...OPEN, ANN, strict)
      .when({ ...activated(1), policy: 'other' })
      .thenNothing()
      .thenState(({ policy }) => expect(policy?.record.version).toBe(2))
  })
})
