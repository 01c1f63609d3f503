import { describe, expect, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { after, scenario } from '@sluice/testkit/given'
import { accountsByBand } from '../src/bands.ts'
import { createProcessor } from '../src/processor.ts'
import {
  account,
  completed,
  deleveraging,
  held,
  listed,
  mark,
  OPEN,
  policy,
  position,
  quality,
  released,
  snapshotCompleted,
  tiersOf,
  tiersSet,
} from './world.ts'

/** 10 lots at 1,000, wallet 1,000: at price p equity is 10p − 9,000 and the requirement 0.1p up to p = 1,000. */
const ANN = account('ann', 1, { positions: [position('BTC', 10, 1_000)] })
const market = () => scenario(createProcessor()).given(...OPEN)
const dec = (value: number | string) => new Decimal(value)

describe('A scope that falls', () => {
  test('is called below the first ratio, with the deposit that clears it', () => {
    market()
      .given(ANN)
      .when(mark('BTC', 913))
      .thenMatching([
        { type: 'MarginStatusChanged', scope: 'ann', from: 'healthy', to: 'margin_call' },
        {
          type: 'MarginCallIssued',
          ratio: dec('1.5'),
          equity: dec(130),
          maintenanceMargin: dec('91.3'),
          topUp: dec('20.645'),
        },
      ])
  })

  test('is not triggered at exactly its maintenance margin, and is one tick below', () => {
    const exact = account('ann', 1, { wallet: 991, positions: [position('BTC', 10, 1_000)] })
    market()
      .given(policy({ version: 2, marginCallRatios: [] }), exact)
      .when(mark('BTC', 910))
      .thenNothing()
      .when(mark('BTC', 909))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('is triggered with a complete statement and its evidence', () => {
    const [status, trigger] = market()
      .given(ANN)
      .when(mark('BTC', 905))
      .thenTypes(['MarginStatusChanged', 'LiquidationTriggered'])
      .driver.events.slice(-2)
    expect(status).toMatchObject({ to: 'liquidating' })
    expect(trigger).toMatchObject({
      statement: {
        scope: 'ann',
        ledgerSequence: 1,
        policy: 'standard',
        policyVersion: 1,
        accountEventId: 'accounts-0@1',
      },
    })
    const { statement } = trigger as Extract<typeof trigger, { type: 'LiquidationTriggered' }>
    expect(statement.priceEventIds).toEqual(trigger?.meta.causeIds)
    expect(statement.positions).toHaveLength(1)
    expect(statement.positions[0]?.liquidationPriceTicks).toBe(910)
    expect(statement.equity.toNumber()).toBe(50)
  })

  test('is called again only after the dwell time', () => {
    market()
      .given(ANN, mark('BTC', 913))
      .when(mark('BTC', 930))
      .thenNothing()
      .when(after(10_000))
      .thenTypes(['MarginStatusChanged', 'MarginCallCleared'])
      .when(mark('BTC', 913), after(9_999))
      .thenNothing()
      .when(after(10_000))
      .thenTypes(['MarginStatusChanged', 'MarginCallIssued'])
  })

  test('between the call ratio and its clearing stays called', () => {
    market().given(ANN, mark('BTC', 913), after(20_000)).when(mark('BTC', 914)).thenNothing()
  })

  test('is not triggered twice', () => {
    market().given(ANN, mark('BTC', 905)).when(mark('BTC', 890)).thenNothing()
  })

  test('through another position is triggered too', () => {
    const both = [position('BTC', 10, 1_000), position('ETH', -100, 100)]
    market()
      .given(account('ann', 1, { positions: both }))
      .when(mark('ETH', 109))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('without positions is triggered when its wallet is below zero', () => {
    market()
      .when(account('ann', 1, { wallet: -1 }))
      .thenTypes(['MarginStatusChanged', 'LiquidationTriggered'])
  })
})

describe('Prices that may not be trusted', () => {
  test('trigger nothing, and the scope is looked at when they may be again', () => {
    market()
      .given(ANN)
      .when(mark('BTC', 900, 'stale'), mark('BTC', 899, 'divergent'))
      .thenNothing()
      .when(quality('BTC', 'degraded'))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('of one leg hold back a scope that another leg sinks', () => {
    const both = [position('BTC', 10, 1_000), position('ETH', 1, 100)]
    market()
      .given(account('ann', 1, { positions: both }), quality('ETH', 'stale'))
      .when(mark('BTC', 850))
      .thenNothing()
      .when(mark('ETH', 100))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('in a halt hold back until trading goes on', () => {
    const halt = { instrument: 'BTC', version: 1, author: 'op', reason: 'test' }
    market()
      .given(ANN, { type: 'InstrumentHalted', ...halt })
      .when(mark('BTC', 850))
      .thenNothing()
      .when({ type: 'InstrumentResumed', ...halt })
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })
})

describe('Before the snapshot is complete', () => {
  test('nothing is triggered; then all under water are, in the order they came', () => {
    const sunk = (name: string) =>
      account(name, 1, { wallet: 0, positions: [position('BTC', 10, 1_000)] })
    scenario(createProcessor())
      .given(listed('BTC'), tiersSet('BTC'), policy(), mark('BTC', 1_000))
      .when(sunk('zoe'), sunk('ann'), mark('BTC', 999))
      .thenNothing()
      .when(snapshotCompleted)
      .thenMatching([
        { type: 'MarginStatusChanged', scope: 'zoe' },
        { type: 'LiquidationTriggered' },
        { type: 'MarginStatusChanged', scope: 'ann' },
        { type: 'LiquidationTriggered' },
      ])
  })
})

describe('A scope in liquidation', () => {
  const liquidating = () => {
    const run = market().given(ANN, mark('BTC', 905))
    const { sequence } = run.driver.events.at(-1)!.meta
    return { run, id: `margin-evaluation-0/${sequence}` }
  }

  test('is reported at every account record', () => {
    const { run, id } = liquidating()
    run
      .when(account('ann', 2, { positions: [position('BTC', 5, 1_000)] }))
      .thenMatching([{ type: 'AccountRiskReported', liquidationId: id }])
  })

  test('is reported at most once an interval for a price, and not without one', () => {
    const { run } = liquidating()
    run
      .when(mark('BTC', 904), mark('BTC', 903))
      .thenNothing()
      .when(after(2_000))
      .thenTypes(['AccountRiskReported'])
      .when(after(20_000))
      .thenNothing()
  })

  test('owes its report while a price may not be trusted', () => {
    const { run } = liquidating()
    run
      .when(quality('BTC', 'stale'), account('ann', 2), after(2_000))
      .thenTypes(['AccountRiskReported'])
  })

  test('gets its status from its numbers when the executor is done', () => {
    const { run, id } = liquidating()
    run
      .given(account('ann', 2, { positions: [position('BTC', 1, 1_000)] }))
      .when(completed('ann', id))
      .thenMatching([{ type: 'MarginStatusChanged', from: 'liquidating', to: 'healthy' }])
  })

  test('triggers anew if it is still under water', () => {
    const { run, id } = liquidating()
    run.when(completed('ann', id)).thenTypes(['LiquidationTriggered'])
  })

  test('does not listen to the end of another liquidation', () => {
    const { run } = liquidating()
    run.when(completed('ann', 'margin-evaluation-0/999')).thenNothing()
  })
})

describe('A scope held by a person', () => {
  test('is called, not triggered, until it is released', () => {
    market()
      .given(ANN, held('ann'))
      .when(mark('BTC', 905))
      .thenTypes(['MarginStatusChanged', 'MarginCallIssued'])
      .when(released('ann'))
      .thenTypes(['MarginStatusChanged', 'LiquidationTriggered'])
  })

  test('is triggered when its hold lapses', () => {
    const run = market().given(ANN)
    run
      .given(held('ann', run.driver.now + 60_000), mark('BTC', 905))
      .when(after(60_000))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })
})

describe('Rules', () => {
  test('a tier table with a gap is refused, and the one before stays', () => {
    const [first, second] = tiersOf([10_000, 0.01], [null, 0.02])
    market()
      .given(ANN)
      .when(tiersSet('BTC', [first!, { ...second!, notionalFloor: dec(20_000) }], 2))
      .thenRefused('tiers_unsound')
      .when(mark('BTC', 910))
      .thenContaining([{ type: 'MarginCallIssued', maintenanceMargin: dec(91) }])
  })

  test('a stricter table triggers whom it sinks, and nobody else', () => {
    market()
      .given(ANN, account('bob', 1, { positions: [position('ETH', 10, 100)] }))
      .when(tiersSet('BTC', tiersOf([null, 0.2]), 2))
      .thenMatching([
        { type: 'MarginStatusChanged', scope: 'ann' },
        { type: 'LiquidationTriggered' },
      ])
  })

  test('an older version is refused, a repeat ignored', () => {
    market()
      .given(tiersSet('BTC', tiersOf([null, 0.02]), 3))
      .when(tiersSet('BTC', tiersOf([null, 0.02]), 2))
      .thenRefused('version_behind')
      .when(tiersSet('BTC', tiersOf([null, 0.02]), 3))
      .thenNothing()
  })

  test('a policy that contradicts itself is refused', () => {
    market()
      .when(policy({ version: 2, marginCallRatios: [dec('1.2'), dec('1.5')] }))
      .thenRefused('policy_unsound')
  })

  test('a higher trigger ratio applies at once', () => {
    market()
      .given(ANN)
      .when(policy({ version: 2, triggerRatio: dec(11), marginCallRatios: [] }))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })
})

describe('Deleveraging', () => {
  const shorts = (name: string, wallet: number) =>
    account(name, 1, { wallet, positions: [position('BTC', -10, 1_000)] })

  test('candidates are those in profit on the other side, most profit and leverage first', () => {
    const run = market().given(
      shorts('low', 9_000),
      shorts('high', 2_000),
      shorts('mid', 4_000),
      ANN,
    )
    const [ranked] = run.driver.input(deleveraging({ scope: 'ann' }))
    expect(ranked).toMatchObject({
      evaluator: 'margin-evaluation-0',
      requestId: 'liquidation-execution-0/9',
      candidates: [{ scope: 'high' }, { scope: 'mid' }, { scope: 'low' }],
    })
  })

  test('an evaluator without candidates answers too', () => {
    market()
      .when(deleveraging({ scope: 'ann', instrument: 'SOL' }))
      .thenMatching([{ type: 'DeleveragingCandidatesRanked', candidates: [] }])
  })
})

describe('The liquidation profile', () => {
  test('is reported by true liquidation price once an interval, if it changed', () => {
    const bin = Math.floor(Math.log(909.09) / 0.0025)
    market()
      .given(ANN)
      .when(after(30_000))
      .thenMatching([
        {
          type: 'LiquidationProfileReported',
          instrument: 'BTC',
          side: 'long',
          bins: [{ index: bin, notional: 10_000 }],
        },
      ])
      .when(after(300_000))
      .thenNothing()
  })

  test('follows what the marks of the other legs do to a price, a bin at a time', () => {
    const both = [position('BTC', 10, 1_000), position('ETH', 10, 100)]
    const world = market().given(account('ann', 1, { positions: both }))
    let previous = 0
    for (let ethTicks = 100; ethTicks < 140; ethTicks += 1) {
      const price = (9_000 - 10 * (ethTicks - 100) + 0.1 * ethTicks) / 9.9
      const bin = Math.floor(Math.log(price) / 0.0025)
      const given = world.given(mark('ETH', ethTicks), after(60_000))
      given.thenState(({ profile }) => expect(profile.bin(0)).toBe(bin))
      expect(previous === 0 || bin <= previous).toBe(true)
      previous = bin
    }
  })
})

describe('Bands', () => {
  test('are counted from the safest, without scopes in liquidation', () => {
    const at = (name: string, wallet: number) =>
      account(name, 1, { wallet, positions: [position('BTC', 10, 1_000)] })
    market()
      .given(at('ann', 1_000), at('bob', 130), at('cat', 110), at('dan', 10))
      .thenState(state => {
        expect(accountsByBand(state)).toEqual([
          { below: null, scopes: 1 },
          { below: 1.5, scopes: 1 },
          { below: 1.2, scopes: 1 },
        ])
      })
  })
})
