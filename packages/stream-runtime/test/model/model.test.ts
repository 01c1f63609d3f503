import { describe, expect, test } from '@jest/globals'
import { explore, type Exploration } from './explore.ts'
import { ProtocolModel, type Claims } from './invariants.ts'
import {
  ANSWER_CONFIRMS,
  CONTRACT,
  EMITS_BEFORE_CLAIM,
  KEEPS_STATE,
  NEVER_FORKS,
  NEVER_YIELDS,
  RECUTS,
  TENURES_ONLY,
  type Rules,
} from './rules.ts'
import type { Bounds } from './world.ts'

const LONG = process.env['SLUICE_LONG'] === '1'
const STATES_MAX = LONG ? 3_000_000 : 120_000

const ONE = [['a0']]
const TWO = [['a0', 'a1']]
const CROSSED = [['a0'], ['b0']]
const SIX = [['a0', 'a1', 'a2', 'a3', 'a4', 'a5']]

const CALM: Bounds = { owners: 2, partitions: CROSSED, batchMax: 1, starts: 1, faults: 0 }

interface Scenario {
  readonly bounds: Bounds
  readonly claims?: Partial<Claims>
}

function examine(rules: Rules, { bounds, claims }: Scenario): Exploration {
  return explore(new ProtocolModel(rules, bounds, { progressEvery: 0, ...claims }), STATES_MAX)
}

describe('the contract, explored exhaustively', () => {
  const SOUND: Record<string, Scenario> = {
    'one owner, two starts, crashes, resends and lost answers': {
      bounds: { ...CALM, owners: 1, starts: 2, faults: LONG ? 3 : 2, batchMax: 2 },
      claims: { progressEvery: 3 },
    },
    'two owners, no fault, inputs interleaved': {
      bounds: { ...CALM, batchMax: 2 },
      claims: { progressEvery: 5 },
    },
    'two owners, two inputs, one fault': {
      bounds: { ...CALM, partitions: LONG ? TWO : ONE, faults: 1 },
      claims: { progressEvery: 11 },
    },
    'two owners with two starts each': {
      bounds: { ...CALM, partitions: ONE, starts: 2, faults: LONG ? 1 : 0 },
      claims: { progressEvery: 11 },
    },
    'one owner, one batch lost by the log': {
      bounds: { ...CALM, owners: 1, starts: 2, faults: LONG ? 2 : 1, losesOneBatch: true },
    },
  }
  if (LONG)
    SOUND['three owners, no fault'] = {
      bounds: { ...CALM, owners: 3, partitions: ONE },
      claims: { progressEvery: 11 },
    }
  for (const [name, scenario] of Object.entries(SOUND))
    test(`${name}: every claim holds in every state`, () => {
      const { complete, fault, trace, states } = examine(CONTRACT, scenario)
      expect({ fault, trace }).toEqual({ fault: undefined, trace: [] })
      expect(complete).toBe(true)
      expect(states).toBeGreaterThan(50)
    })
})

describe('rules left out', () => {
  const BROKEN: Record<string, { rules: Rules; scenario: Scenario; fault: string }> = {
    'tenures instead of links': {
      rules: TENURES_ONLY,
      scenario: { bounds: CALM },
      fault: 'for confirmed, readers hold',
    },
    'rule 6: an answer is taken for a confirmation': {
      rules: ANSWER_CONFIRMS,
      scenario: { bounds: CALM },
      fault: 'a log that lost nothing looks forked',
    },
    'rule 7: a batch is cut anew, and a broker takes it for a repeat': {
      rules: RECUTS,
      scenario: { bounds: { ...CALM, owners: 1, faults: 2, idempotentBroker: true } },
      fault: 'for confirmed, readers hold',
    },
    'rule 8: a batch follows before the takeover is confirmed': {
      rules: EMITS_BEFORE_CLAIM,
      scenario: { bounds: CALM },
      fault: 'a log that lost nothing looks forked',
    },
    'rule 9: a fenced owner keeps its state': {
      rules: KEEPS_STATE,
      scenario: { bounds: { ...CALM, starts: 2 } },
      fault: 'for confirmed, readers hold',
    },
    'rule 10: a living owner never yields': {
      rules: NEVER_YIELDS,
      scenario: { bounds: { ...CALM, partitions: SIX }, claims: { lostClaimsMax: 2 } },
      fault: 'lost 3 takeovers in a row',
    },
    'rule 3: a receipt from beyond a gap is skipped': {
      rules: NEVER_FORKS,
      scenario: { bounds: { ...CALM, owners: 1, starts: 2, losesOneBatch: true } },
      fault: 'goes on unaware',
    },
  }
  for (const [name, { rules, scenario, fault }] of Object.entries(BROKEN))
    test(`${name}: the explorer finds a short way to a fault`, () => {
      const found = examine(rules, scenario)
      expect(found.fault).toContain(fault)
      expect(found.trace.length).toBeLessThanOrEqual(20)
    })

  test('with rule 10, a living owner beats two takeovers at most', () => {
    const bounds = { ...CALM, partitions: LONG ? SIX : SIX.map(inputs => inputs.slice(0, 4)) }
    const { fault } = examine(CONTRACT, { bounds, claims: { lostClaimsMax: 2 } })
    expect(fault).toBeUndefined()
  })
})
