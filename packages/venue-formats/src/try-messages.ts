import { decodeEvent } from '@sluice/contracts/codec'
import { DecodingError } from '@sluice/contracts/codec-errors'
import { plain, type PlainObject } from '@sluice/contracts/plain'
import type { InputCodec } from '@sluice/stream-runtime/inputs'
import { logRecord } from '@sluice/stream-runtime/log'

/** What would become of a record. */
export type Tried =
  | { readonly line: number; readonly events: readonly PlainObject[] }
  | { readonly line: number; readonly refused: string; readonly detail: string }

export interface TryOptions {
  /** Key of the records. */
  readonly key?: string
  /** Their time in the log [ms]. */
  readonly appendTime?: number
}

/** Reads records, one in each line of a text, as a task would: for trying a format before there is a topic. */
export function tryMessages(
  codec: InputCodec | undefined,
  text: string,
  { key, appendTime = 0 }: TryOptions = {},
): readonly Tried[] {
  const lines = text.split('\n').map((content, index) => ({ content, line: index + 1 }))
  return lines
    .filter(({ content }) => content.trim() !== '')
    .map(({ content, line }) => {
      const value = Buffer.from(content)
      const keyBytes = key === undefined ? null : Buffer.from(key)
      const record = logRecord({ offset: line - 1, appendTime }, { key: keyBytes, value })
      try {
        const events = codec?.decode(record) ?? [decodeEvent(value)]
        return { line, events: events.map(event => plain(event)) }
      } catch (error) {
        if (!(error instanceof DecodingError)) throw error
        return { line, refused: error.reason, detail: error.message }
      }
    })
}
