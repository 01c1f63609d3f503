import { belongsOn, eventTypesOf } from '@sluice/contracts/event-types'
import type { TopicName } from '@sluice/contracts/topics'
import type { InputCodec } from '@sluice/stream-runtime/inputs'
import type { z } from 'zod'
import { FormatError, type MappingFault } from './format-errors.ts'
import { jsonEvents } from './json-events.ts'
import { mappedCodec } from './mapped-codec.ts'
import { mappingSettings, venueSettings, type Mapping } from './mapping.ts'
import { VENUES } from './venues.ts'

/** How a topic is read, as `kafka.topics.<topic>` says. */
export interface TopicFormat {
  readonly format: string
  readonly mapping?: unknown
}

/** Names of all formats. */
export const FORMATS: readonly string[] = ['avro', 'json', ...VENUES.keys()]

/**
 * The codec of an input topic; undefined for our own Avro.
 *
 * @throws FormatError naming everything that is wrong with the format or its mapping.
 */
export function codecOf(
  topic: TopicName,
  { format, mapping }: TopicFormat,
): InputCodec | undefined {
  const faults: MappingFault[] = []
  const codec = openCodec(topic, { format, mapping }, faults)
  if (faults.length > 0) throw new FormatError(topic, format, faults)
  return codec
}

/** Everything that is wrong with a format or its mapping; nothing if `codecOf` would take it. */
export function faultsOfFormat(topic: TopicName, format: TopicFormat): readonly MappingFault[] {
  const faults: MappingFault[] = []
  openCodec(topic, format, faults)
  return faults
}

function openCodec(
  topic: TopicName,
  { format, mapping }: TopicFormat,
  faults: MappingFault[],
): InputCodec | undefined {
  const isPlain = format === 'avro' || (format === 'json' && mapping === undefined)
  if (isPlain) {
    if (mapping !== undefined)
      faults.push({ place: 'mapping', fault: 'our Avro has none: leave it out' })
    return format === 'avro' ? undefined : jsonEvents
  }
  const opened = format === 'json' ? ownShape(mapping, faults) : venueShape(format, mapping, faults)
  if (opened === undefined) return undefined
  const { rules, take } = opened
  const types = take ?? eventTypesOf(topic)
  if (format === 'json') refuseStrangers(topic, rules, faults)
  for (const type of types)
    if (!belongsOn(type, topic))
      faults.push({ place: 'mapping.take', fault: `${type} does not belong on ${topic}` })
  const wanted = new Set(types)
  return mappedCodec(rules, {
    format,
    wants: type => wanted.has(type),
    complain: (place, fault) => faults.push({ place: `mapping.${place}`, fault }),
  })
}

/** A mapping is of one topic: what it makes of another's events would be lost. */
function refuseStrangers(topic: TopicName, { rules }: Mapping, faults: MappingFault[]): void {
  for (const [index, rule] of rules.entries())
    if ('event' in rule && !belongsOn(rule.event, topic))
      faults.push({
        place: `mapping.rules.${String(index)}.event`,
        fault: `${rule.event} does not belong on ${topic}: map it there`,
      })
}

interface Opened {
  readonly rules: Mapping
  readonly take?: readonly string[] | undefined
}

function ownShape(mapping: unknown, faults: MappingFault[]): Opened | undefined {
  const rules = parsed(mappingSettings, mapping, faults)
  return rules === undefined ? undefined : { rules }
}

function venueShape(format: string, mapping: unknown, faults: MappingFault[]): Opened | undefined {
  const venue = VENUES.get(format)
  if (venue === undefined) {
    faults.push({ place: 'format', fault: `there is none of this name: use ${FORMATS.join(', ')}` })
    return undefined
  }
  const settings = parsed(venueSettings, mapping ?? {}, faults)
  if (settings === undefined) return undefined
  const { take, ...rest } = settings
  return { rules: { ...rest, ...venue.messages }, take }
}

function parsed<Output>(
  schema: z.ZodType<Output>,
  value: unknown,
  faults: MappingFault[],
): Output | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const { path, message } of result.error.issues)
    faults.push({ place: ['mapping', ...path].join('.'), fault: message })
  return undefined
}
