import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { belongsOn, eventTypesOf } from '../src/event-types.ts'
import { SCHEMAS } from '../src/generated/schemas.ts'
import { eventOfPlain, PlainEventError } from '../src/plain.ts'
import { REFUSALS } from '../src/refusals.ts'
import { SHARED } from '../src/schema-model.ts'
import { isOurs, TOPICS, topicSpec, UnknownTopicError } from '../src/topics.ts'

const page = (name: string): string =>
  readFileSync(new URL(`../../../docs/reference/${name}.md`, import.meta.url), 'utf8')

describe('the topic catalogue', () => {
  test('has every topic that a schema lies under, and no other', () => {
    const folders = [...new Set(SCHEMAS.map(({ topic }) => topic))].filter(
      topic => topic !== SHARED,
    )
    expect(TOPICS.map(({ name }) => name as string).sort()).toEqual(folders.sort())
  })

  test('calls ours what our services write: without keys, every event with meta first', () => {
    for (const { topic, schema } of SCHEMAS.filter(entry => entry.topic !== SHARED)) {
      const spec = topicSpec(topic)
      expect(spec.key === null).toBe(isOurs(spec))
      expect(schema.fields?.[0]?.name === 'meta').toBe(isOurs(spec))
    }
  })

  test('says which events belong on a topic', () => {
    expect(eventTypesOf('market-data')).toEqual([
      'BookDepthChanged',
      'BookDepthUpdated',
      'BookSnapshotTaken',
      'BookTopUpdated',
      'FundingRateUpdated',
      'IndexComponentPriced',
      'TradePrinted',
    ])
    expect(belongsOn('TradePrinted', 'market-data')).toBe(true)
    expect(belongsOn('TradePrinted', 'accounts')).toBe(false)
    expect(belongsOn('InputRefused', 'price')).toBe(true)
    expect(belongsOn('InputRefused', 'accounts')).toBe(false)
  })

  test('knows no other topic', () => {
    expect(() => topicSpec('prices')).toThrow(UnknownTopicError)
    expect(() => topicSpec('prices')).toThrow(
      'topic prices is not in the catalogue; it knows market-data,',
    )
  })
})

describe('the reference pages', () => {
  test('list every reason for a refusal with the same words', () => {
    const text = page('refusals')
    const rows = [...text.matchAll(/^\| `(\w+)` *\| (.*?) *\|$/gm)].map(([, name, words]) => [
      name,
      words,
    ])
    expect(rows).toEqual(Object.entries(REFUSALS))
  })

  test('have a section for every event and every topic', () => {
    const events = page('events')
    for (const { schema } of SCHEMAS) expect(events).toContain(`\n### ${schema.name}\n`)
    for (const { name } of TOPICS) expect(page('topics')).toContain(`\n## ${name}\n`)
  })
})

describe('an event in plain form', () => {
  test('may leave out what may be null', () => {
    const engaged = { type: 'KillSwitchEngaged', actor: 'ops', reason: 'drill' }
    expect(eventOfPlain(engaged)).toEqual({ ...engaged, approver: null, expiresAt: null })
  })

  test('is refused if no event is called so, or a decimal is none', () => {
    expect(() => eventOfPlain({ type: 'MoonLanded' })).toThrow(PlainEventError)
    const rate = { type: 'FundingRateUpdated', instrument: 'X', rate: 'high', nextFundingAt: 0 }
    expect(() => eventOfPlain(rate)).toThrow('"high" is no decimal number')
  })
})
