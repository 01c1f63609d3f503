import { describe, test } from '@jest/globals'
import { Decimal } from '@sluice/domain/decimal'
import { scenario } from '@sluice/testkit/given'
import { createProcessor } from '../src/processor.ts'
import { account, change, closed, listed, mark, OPEN, position, tiersSet } from './world.ts'

const market = () => scenario(createProcessor()).given(...OPEN)
const long = position('BTC', 10, 1_000)
const undecodable = { source: 'accounts', partition: 0, offset: 99, key: 'ann' }
const refusal = { reason: 'bytes_truncated', detail: 'cut' }

describe('An account record', () => {
  test('of a healthy scope changes the state and says nothing', () => {
    market()
      .when(account('ann', 1, { positions: [long] }))
      .thenNothing()
  })

  test('repeated with the same content is ignored', () => {
    market()
      .given(account('ann', 1, { positions: [long] }))
      .when(account('ann', 1, { positions: [long] }))
      .thenNothing()
  })

  test('older than the one known is refused, and its scope stays trusted', () => {
    market()
      .given(account('ann', 5))
      .when(account('ann', 4))
      .thenRefused('ledger_sequence_behind')
      .when(change('ann', [3, 4]))
      .thenRefused('ledger_sequence_behind')
  })

  test('with another content at the same sequence is refused, and its scope distrusted', () => {
    market()
      .given(account('ann', 5))
      .when(account('ann', 5, { wallet: 7 }))
      .thenMatching([
        { type: 'InputRefused', reason: 'ledger_sequence_conflict' },
        { type: 'ScopeDistrusted', scope: 'ann', reason: 'record_refused' },
      ])
      .when(account('ann', 5))
      .thenRefused('ledger_sequence_behind')
      .when(account('ann', 6))
      .thenMatching([{ type: 'ScopeTrusted', scope: 'ann', ledgerSequence: 6 }])
  })

  test.each([
    ['a position of 0 lots', [{ ...long, quantityLots: 0 }]],
    ['two positions in one instrument', [long, long]],
    ['an entry cost of the wrong sign', [{ ...long, entryNotional: new Decimal(-1) }]],
  ])('with %s is refused, and its scope distrusted', (_, positions) => {
    market()
      .when(account('ann', 1, { positions }))
      .thenMatching([
        { type: 'InputRefused', reason: 'position_unsound' },
        { type: 'ScopeDistrusted', scope: 'ann' },
      ])
  })

  test('with more money than the state can hold exactly is refused', () => {
    market()
      .when(account('ann', 1, { walletBalance: new Decimal('9007199254740993') }))
      .thenContaining([{ type: 'InputRefused', reason: 'money_out_of_range' }])
  })

  test('of an isolated scope with a position elsewhere is refused', () => {
    market()
      .when(account('ann', 1, { isolatedInstrument: 'ETH', positions: [long] }))
      .thenMatching([
        { type: 'InputRefused', reason: 'position_outside_scope' },
        { type: 'ScopeDistrusted', scope: 'ann/ETH' },
      ])
  })

  test('in another currency than its position settles in is refused', () => {
    market()
      .when(account('ann', 1, { currency: 'EUR', positions: [long] }))
      .thenContaining([{ type: 'InputRefused', reason: 'currency_mismatch' }])
  })

  test('that names an instrument not yet listed waits for it, and is then applied', () => {
    market()
      .when(account('ann', 1, { wallet: 0, positions: [position('SOL', 10, 100)] }))
      .thenNothing()
      .when(listed('SOL'), tiersSet('SOL'), mark('SOL', 90))
      .thenTypes(['MarginStatusChanged', 'LiquidationTriggered'])
  })

  test('whose instrument is not listed in time is refused, and its scope distrusted', () => {
    market()
      .when(account('ann', 1, { positions: [position('SOL', 10, 100)] }), {
        step: 'after',
        durationMs: 15_000,
      })
      .thenMatching([
        { type: 'InputRefused', source: 'accounts', offset: 1, reason: 'instrument_unknown' },
        { type: 'ScopeDistrusted', scope: 'ann', reason: 'instrument_unknown' },
      ])
  })

  test('that cannot be decoded makes every scope of its account distrusted', () => {
    const run = market().given(
      account('ann', 1),
      account('ann', 1, { isolatedInstrument: 'BTC', positions: [long] }),
      account('bob', 1),
    )
    run.driver.refusedRecord(undecodable, refusal)
    run
      .when(account('ann', 1))
      .thenRefused('ledger_sequence_behind')
      .when(account('ann', 2), account('ann', 2, { isolatedInstrument: 'BTC', positions: [long] }))
      .thenTypes(['ScopeTrusted', 'ScopeTrusted'])
      .when(account('bob', 2))
      .thenNothing()
  })
})

describe('A change of an account', () => {
  test('is applied to exactly the record before it', () => {
    market()
      .given(account('ann', 1, { positions: [long] }))
      .when(change('ann', [1, 2], { wallet: 1_000, position: position('BTC', 20, 1_000) }))
      .thenNothing()
      .when(mark('BTC', 955))
      .thenMatching([{ type: 'MarginStatusChanged' }, { type: 'LiquidationTriggered' }])
  })

  test('can close the position it names', () => {
    market()
      .given(account('ann', 1, { positions: [long] }))
      .when(change('ann', [1, 2], { closedInstrument: 'BTC' }), mark('BTC', 1))
      .thenNothing()
  })

  test('after a gap makes its scope distrusted until a snapshot at least as new', () => {
    market()
      .given(account('ann', 1, { positions: [long] }))
      .when(change('ann', [2, 3]))
      .thenMatching([{ type: 'ScopeDistrusted', scope: 'ann', reason: 'ledger_gap' }])
      .when(change('ann', [3, 4]), mark('BTC', 1))
      .thenNothing()
      .when(account('ann', 3))
      .thenRefused('ledger_sequence_behind')
      .when(account('ann', 4, { positions: [long] }))
      .thenTypes(['ScopeTrusted', 'MarginStatusChanged', 'LiquidationTriggered'])
  })

  test('of a scope never seen makes it distrusted', () => {
    market()
      .when(change('ann', [1, 2]))
      .thenMatching([{ type: 'ScopeDistrusted', scope: 'ann', reason: 'ledger_gap' }])
  })
})

describe('An account that is closed', () => {
  test('is forgotten, and its slot is used again', () => {
    market()
      .given(account('ann', 1))
      .when(closed('ann', 2), account('bob', 1, { positions: [long] }), mark('BTC', 905))
      .thenContaining([{ type: 'LiquidationTriggered' }])
  })

  test('with positions is refused, and distrusted', () => {
    market()
      .given(account('ann', 1, { positions: [long] }))
      .when(closed('ann', 2))
      .thenMatching([
        { type: 'InputRefused', reason: 'account_not_flat' },
        { type: 'ScopeDistrusted', scope: 'ann' },
      ])
  })
})
