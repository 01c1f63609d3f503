import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import asyncapi from '@asyncapi/parser'
import type { AsyncAPIDocumentInterface, SchemaParser } from '@asyncapi/parser'
import avsc from 'avsc'
import { parse } from 'yaml'
import { decodeEvent, decodeReceipt, encodeEvent, encodeReceipt } from '../src/codec.ts'
import type { BatchReceipt } from '../src/generated/events.ts'
import { eventOfPlain, plain, type PlainObject } from '../src/plain.ts'
import { RECORD_SCHEMAS } from '../src/record-schemas.ts'
import { TOPICS } from '../src/topics.ts'

const text = readFileSync(new URL('../../../docs/reference/asyncapi.yaml', import.meta.url), 'utf8')

interface Message {
  readonly name: string
  readonly payload: { readonly schemaFormat: string; readonly schema: object }
  readonly examples: readonly { readonly payload: PlainObject }[]
}

const document = parse(text) as {
  readonly components: { readonly messages: Readonly<Record<string, Message>> }
}
const messages = Object.entries(document.components.messages)

/** The parser knows no Avro by itself: avsc judges the schemas. */
const AVRO: SchemaParser = {
  getMimeTypes: () => ['application/vnd.apache.avro;version=1.9.0'],
  validate: ({ data }) => {
    try {
      avsc.Type.forSchema(data as never, { registry: {} })
      return []
    } catch (error) {
      return [{ message: String(error), path: [] }]
    }
  },
  parse: () => ({ type: 'object' }),
}

describe('the AsyncAPI document', () => {
  let problems: readonly { readonly message: string; readonly severity: number }[]
  let parsed: AsyncAPIDocumentInterface | undefined

  beforeAll(async () => {
    const parser = new asyncapi.Parser()
    parser.registerSchemaParser(AVRO)
    const answer = await parser.parse(text)
    problems = answer.diagnostics
    parsed = answer.document
  })

  test('is valid, with nothing to warn of', () => {
    expect(problems.filter(({ severity }) => severity <= 1)).toEqual([])
    expect(parsed?.version()).toBe('3.0.0')
  })

  test('has every topic as a channel, every record as a message, and every reader and writer', () => {
    expect(
      parsed
        ?.channels()
        .all()
        .map(channel => channel.id()),
    ).toEqual(TOPICS.map(({ name }) => name))
    expect(messages.map(([name]) => name)).toEqual(RECORD_SCHEMAS.map(({ name }) => name))
    const sent = parsed
      ?.operations()
      .filterBySend()
      .map(each => each.id())
    expect(sent).toEqual([
      'price-writes-price',
      'margin-evaluation-writes-margin-evaluation',
      'liquidation-execution-writes-liquidation-execution',
      'cascade-analytics-writes-cascade-analytics',
    ])
  })

  test.each(messages)('gives an example of %s that can be written and read', (name, message) => {
    const event = eventOfPlain({ type: name, ...message.examples[0]!.payload })
    const read =
      name === 'BatchReceipt'
        ? { type: name, ...plain(decodeReceipt(encodeReceipt(event as object as BatchReceipt))) }
        : plain(decodeEvent(encodeEvent(event)))
    expect(read).toEqual(plain(event))
  })
})
