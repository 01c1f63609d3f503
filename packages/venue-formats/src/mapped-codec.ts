import { createHash } from 'node:crypto'
import { DecodingError } from '@sluice/contracts/codec-errors'
import { belongsOn } from '@sluice/contracts/event-types'
import type { BookLevel, SluiceEvent } from '@sluice/contracts/generated/events'
import { SCHEMAS } from '@sluice/contracts/generated/schemas'
import { isOurs, TOPICS } from '@sluice/contracts/topics'
import type { InputCodec } from '@sluice/stream-runtime/inputs'
import type { LogRecord } from '@sluice/stream-runtime/log'
import { recordMaker, type Complain, type FieldContext } from './fields.ts'
import { listSymbols } from './instruments.ts'
import { canonical, parseJson, shown } from './json.ts'
import type { EventRule, Mapping, Rule } from './mapping.ts'
import { testOf, type Test } from './matching.ts'
import { elementsOf, getterOf, type Place } from './paths.ts'

/** What a codec takes of what its rules can make. */
export interface Taking {
  /** Name of the format: the first word of the codec's. */
  readonly format: string
  /** Whether events of a type are wanted: those of another topic are read from there. */
  readonly wants: (type: string) => boolean
  readonly complain: Complain
}

interface PreparedRule {
  readonly test: Test
  /** The events of a message that the rule is for; none if it says to pass it over. */
  readonly events: (place: Place) => readonly SluiceEvent[]
}

const schemaByName = new Map(SCHEMAS.map(({ schema }) => [schema.name, schema]))
const inputTopics = TOPICS.filter(spec => !isOurs(spec)).map(({ name }) => name)

/** Whether the exchange may write events of this type. */
const isInput = (type: string): boolean => inputTopics.some(topic => belongsOn(type, topic))

/**
 * Reads JSON by a mapping: a message is taken out of its envelope, and every rule whose conditions it meets speaks. What no rule is for
 * is refused, and so is a symbol that is not in the table, unless the mapping says to ignore them.
 */
export function mappedCodec(mapping: Mapping, taking: Taking): InputCodec {
  const context = { symbols: listSymbols(mapping.instruments), complain: taking.complain }
  const setting = { mapping, taking, context }
  const rules = mapping.rules.map((rule, index) => prepareRule(rule, index, setting))
  const envelopes = mapping.envelopes.map(({ when, each }) => ({
    test: testOf(when),
    bodies: elementsOf(each),
  }))
  const bodiesOf = (whole: Place): readonly Place[] =>
    envelopes.find(({ test }) => test(whole))?.bodies(whole) ?? [whole]
  return {
    name: `${taking.format} 1 ${hashOf(mapping)}`,
    decode(record) {
      return messagesIn(record).flatMap(whole =>
        bodiesOf(whole).flatMap(body => spoken(rules, body, mapping)),
      )
    },
  }
}

/** A record holds one message, or an array of them. */
function messagesIn(record: LogRecord): readonly Place[] {
  const parsed = parseJson(record.value)
  const messages: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  return messages.map(root => ({ record, root, item: root, name: 0, parent: null }))
}

function spoken(
  rules: readonly PreparedRule[],
  body: Place,
  { unknownMessages }: Mapping,
): readonly SluiceEvent[] {
  const events: SluiceEvent[] = []
  let isKnown = false
  for (const { test, events: eventsOf } of rules) {
    if (!test(body)) continue
    isKnown = true
    events.push(...eventsOf(body))
  }
  if (isKnown || unknownMessages === 'ignore') return events
  throw new DecodingError('message_unknown', `no rule is for ${shown(body.item)}`)
}

interface Setting {
  readonly mapping: Mapping
  readonly taking: Taking
  readonly context: FieldContext
}

function prepareRule(rule: Rule, index: number, setting: Setting): PreparedRule {
  const test = testOf(rule.when)
  if ('ignore' in rule) return { test, events: () => [] }
  const prepared = prepareEvents(rule, `rules.${String(index)}`, setting)
  return { test, events: setting.taking.wants(rule.event) ? prepared : () => [] }
}

function prepareEvents(rule: EventRule, place: string, setting: Setting): PreparedRule['events'] {
  const { mapping, taking, context } = setting
  const schema = schemaByName.get(rule.event)
  if (schema === undefined || !isInput(rule.event)) {
    taking.complain(`${place}.event`, `${shown(rule.event)} is no event that an exchange writes`)
    return () => []
  }
  const maker = recordMaker(schema, rule.fields, { place: `${place}.fields`, context })
  const elements = elementsOf(rule.each ?? '')
  const symbolAt = symbolPathOf(rule)
  return body =>
    elements(body).flatMap(element => {
      const fields = maker.make(element)
      if (fields !== null)
        return [canonical(ordered({ type: rule.event, ...fields } as SluiceEvent))]
      if (mapping.unlistedSymbols === 'ignore') return []
      const symbol = shown(symbolAt(element))
      throw new DecodingError(
        'symbol_unknown',
        `symbol ${symbol} is not in the table of instruments`,
      )
    })
}

function symbolPathOf({ fields }: EventRule): (place: Place) => unknown {
  const spec = fields['instrument']
  if (typeof spec === 'string') return getterOf(spec)
  return spec !== undefined && 'path' in spec ? getterOf(spec.path) : () => undefined
}

/** A whole book is written best level first, and without the levels that hold nothing. */
function ordered(event: SluiceEvent): SluiceEvent {
  if (event.type !== 'BookDepthUpdated' && event.type !== 'BookSnapshotTaken') return event
  return { ...event, bids: bestFirst(event.bids, -1), asks: bestFirst(event.asks, 1) }
}

const bestFirst = (levels: readonly BookLevel[], order: 1 | -1): readonly BookLevel[] =>
  levels
    .filter(({ quantityLots }) => quantityLots !== 0)
    .sort((left, right) => order * (left.priceTicks - right.priceTicks))

const HASH_DIGITS = 16

const hashOf = (mapping: Mapping): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(mapping)))
    .digest('hex')
    .slice(0, HASH_DIGITS)

/** The same data with names in order, except where the order counts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]))
}
