import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { after, metaOf, tick } from '@sluice/testkit/given'
import { AVERT_REASONS, HALT_REASONS, PAUSE_REASONS } from '../src/reasons.ts'
import {
  BTC,
  KILL_SWITCH,
  SCOPE,
  book,
  execution,
  expired,
  filled,
  long,
  mark,
  reducedLong,
  reported,
  triggered,
} from './fixtures.ts'

const FIRST = 'liquidation-execution-0/2'
const person = { actor: 'ann', reason: 'drill', approver: null, expiresAt: null }
const release = { type: 'KillSwitchReleased', ...person } as const

describe('the kill switch', () => {
  test('stops every liquidation within its input, and cancels what works', () => {
    execution()
      .given(triggered(long(900, { scope: 'bob' }), 2), triggered(long(900)))
      .when(KILL_SWITCH)
      .thenMatching([
        { type: 'LiquidationPaused', scope: SCOPE, reason: 'kill_switch' },
        { type: 'OrderCancellationRequested', scope: SCOPE },
        { type: 'LiquidationPaused', scope: 'bob', reason: 'kill_switch' },
        { type: 'OrderCancellationRequested', scope: 'bob' },
      ])
  })

  test('lets new triggers start paused', () => {
    execution()
      .given(KILL_SWITCH)
      .when(triggered(long(900)))
      .thenTypes(['LiquidationStarted', 'LiquidationPaused'])
      .when(release)
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })

  test('does not keep facts out', () => {
    execution()
      .given(triggered(long(900)), KILL_SWITCH)
      .when(filled(FIRST, 100))
      .thenTypes(['PositionReduced'])
  })

  test('lapses by itself', () => {
    execution()
      .given({ ...KILL_SWITCH, expiresAt: 4_000 }, triggered(long(900)))
      .when(tick(3_999))
      .thenNothing()
      .when(tick(4_000))
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })

  test('that had lapsed when it arrived is refused', () => {
    execution()
      .when({ ...KILL_SWITCH, expiresAt: 0 })
      .thenRefused('intervention_expired')
  })

  test('asks nothing again but cancellations', () => {
    execution()
      .given(triggered(long(900)), filled(FIRST, 2_000))
      .given(reported(reducedLong(900, 2_000, { ledgerSequence: 2 })), KILL_SWITCH)
      .when(after(3_000))
      .thenMatching([{ type: 'LiquidationPaused', reason: 'no_answer' }])
  })
})

describe('a held scope', () => {
  test('stops, and goes on when released', () => {
    const held = { type: 'ScopeHeld', scope: SCOPE, ...person } as const
    execution()
      .given(held)
      .when(triggered(long(900)), triggered(long(900, { scope: 'bob' }), 2))
      .thenMatching([
        { type: 'LiquidationStarted', scope: SCOPE },
        { type: 'LiquidationPaused', scope: SCOPE, reason: 'scope_held' },
        { type: 'LiquidationStarted', scope: 'bob' },
        { type: 'LiquidationOrderPlaced', scope: 'bob' },
      ])
      .when({ type: 'ScopeReleased', scope: SCOPE, ...person })
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })
})

describe('an untrusted scope', () => {
  test('waits for the good snapshot and for a statement that contains it', () => {
    const distrusted = {
      type: 'ScopeDistrusted',
      ...{ meta: metaOf(50), scope: SCOPE, reason: 'ledger_gap' },
    } as const
    const trusted = {
      type: 'ScopeTrusted',
      ...{ meta: metaOf(51), scope: SCOPE, ledgerSequence: 8 },
    } as const
    execution()
      .given(triggered(long(900)))
      .when(distrusted)
      .thenMatching([{ type: 'LiquidationPaused', reason: 'untrusted' }])
      .given(expired(FIRST, 0), after(1_000), reported(long(900, { ledgerSequence: 3 })))
      .when(trusted)
      .thenTypes(['LiquidationResumed'])
      .when(reported(long(900, { ledgerSequence: 8 })))
      .thenTypes(['LiquidationOrderPlaced'])
  })
})

describe('the market', () => {
  test('without visible liquidity is waited for', () => {
    execution()
      .given(book(BTC, 0))
      .when(triggered(long(900)))
      .thenMatching([
        { type: 'LiquidationStarted' },
        { type: 'LiquidationPaused', reason: 'no_liquidity' },
      ])
      .when(book('ETH-USD', 100))
      .thenNothing()
      .when(book(BTC, 1_000, { bidTicks: 495_000 }))
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })

  test('is taken up by those who wait for it in order of scope', () => {
    execution()
      .given(book(BTC, 0), triggered(long(900, { scope: 'bob' }), 2), triggered(long(900)))
      .when(book(BTC, 1_000))
      .thenMatching([
        { type: 'LiquidationResumed', scope: SCOPE },
        { type: 'LiquidationOrderPlaced', scope: SCOPE },
        { type: 'LiquidationResumed', scope: 'bob' },
        { type: 'LiquidationOrderPlaced', scope: 'bob' },
      ])
  })

  test('whose price may not be trusted is waited for', () => {
    execution()
      .given(triggered(long(900)), filled(FIRST, 100), expired(FIRST, 100))
      .when(mark(BTC, 495_000, 'divergent'))
      .thenMatching([{ type: 'LiquidationPaused', reason: 'price_quality' }])
      .when(after(1_000), reported(reducedLong(900, 100, { ledgerSequence: 2 })))
      .thenNothing()
      .when({
        type: 'PriceQualityChanged',
        ...{ meta: metaOf(60), instrument: BTC, reason: 'agrees' },
        ...{ from: 'divergent', to: 'degraded' },
      })
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })

  test('that is halted is waited for', () => {
    const record = { instrument: BTC, version: 2, author: 'ops', reason: 'incident' }
    execution()
      .given({ type: 'InstrumentHalted', ...record })
      .when(triggered(long(900)))
      .thenMatching([
        { type: 'LiquidationStarted' },
        { type: 'LiquidationPaused', reason: 'instrument_halted' },
      ])
      .when({ type: 'InstrumentResumed', ...record })
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })
})

describe('several reasons', () => {
  test('each are told, and it goes on when the last is gone', () => {
    execution()
      .given(KILL_SWITCH, triggered(long(900)))
      .when({ type: 'ScopeHeld', scope: SCOPE, ...person })
      .thenMatching([{ type: 'LiquidationPaused', reason: 'scope_held' }])
      .when(release)
      .thenNothing()
      .when({ type: 'ScopeReleased', scope: SCOPE, ...person })
      .thenTypes(['LiquidationResumed', 'LiquidationOrderPlaced'])
  })
})

describe('the page of reasons', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rowsOf = (reasons: Readonly<Record<string, string>>): string[] =>
    Object.entries(reasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)

  test('names each one with its meaning', () => {
    const rows = [PAUSE_REASONS, AVERT_REASONS, HALT_REASONS].flatMap(rowsOf)
    const lines = new Set(readme.split('\n').map(line => line.replace(/ +\|/g, ' |')))
    expect(rows.filter(row => !lines.has(row))).toEqual([])
  })
})
