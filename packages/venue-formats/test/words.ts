import { TOPICS, isOurs, type TopicName } from '@sluice/contracts/topics'
import { DecodingError } from '@sluice/contracts/codec-errors'
import { plain, type PlainObject } from '@sluice/contracts/plain'
import type { InputCodec } from '@sluice/stream-runtime/inputs'
import { logRecord } from '@sluice/stream-runtime/log'
import { codecOf } from '../src/codecs.ts'

export const INPUT_TOPICS: readonly TopicName[] = TOPICS.filter(spec => !isOurs(spec)).map(
  ({ name }) => name,
)

export const APPENDED_AT = 1_700_000_000_000

export function record(message: unknown, key: string | null = null) {
  const value = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message))
  const content = { key: key === null ? null : Buffer.from(key), value }
  return logRecord({ offset: 0, appendTime: APPENDED_AT }, content)
}

/** A codec for each input topic. */
export function codecsOf(format: string, mapping: unknown): readonly InputCodec[] {
  return INPUT_TOPICS.map(topic => codecOf(topic, { format, mapping })!)
}

/** What a message becomes, whatever topic it belongs on. */
export const becomes = (
  codecs: readonly InputCodec[],
  message: unknown,
  key: string | null = null,
): readonly PlainObject[] =>
  codecs.flatMap(codec => codec.decode(record(message, key)).map(event => plain(event)))

export function refusalOf(act: () => unknown): readonly [reason: string, detail: string] {
  try {
    act()
  } catch (error) {
    if (error instanceof DecodingError) return [error.reason, error.message]
    throw error
  }
  throw new Error('it was not refused')
}
