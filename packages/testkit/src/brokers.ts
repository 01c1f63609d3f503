import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { brokerSource, variable, whyNoJars } from './broker-sources.ts'
import {
  NoBrokerError,
  testBroker,
  type TestBroker,
  type TestBrokerOptions,
} from './test-broker.ts'

export { testBroker } from './test-broker.ts'
export type { TestBroker } from './test-broker.ts'

const NAMESPACE_BYTES = 5
const START_MS = 240_000

/** First part of the names of topics and groups that no other test uses. */
export const freshNamespace = (): string => `t${randomBytes(NAMESPACE_BYTES).toString('hex')}`

/**
 * `describe` for tests that need a broker: started before them, ended after them. Where there is none, one skipped test says why, or with
 * REQUIRE_KAFKA=1 a failed one.
 */
export function describeWithKafka(
  name: string,
  body: (kafka: () => TestBroker) => void,
  options: TestBrokerOptions = {},
): void {
  const found = brokerSource()
  if ('missing' in found) {
    describeWithout(name, found.missing)
    return
  }
  describe(name, () => {
    let broker: TestBroker | undefined
    beforeAll(async () => {
      broker = await testBroker(options)
    }, START_MS)
    afterAll(() => broker?.stop(), START_MS)
    body(() => {
      if (broker === undefined) throw new NoBrokerError('the broker is there in tests only')
      return broker
    })
  })
}

/** `describe` for tests that start clusters of their own, to do them harm: what was given does not help them. */
export function describeWithJars(name: string, body: () => void): void {
  const missing = whyNoJars()
  if (missing === undefined) describe(name, body)
  else describeWithout(name, missing)
}

function describeWithout(name: string, missing: string): void {
  const sentence = `needs a broker, and there is none: ${missing}`
  describe(name, () => {
    if (variable('REQUIRE_KAFKA') !== '1') test.skip(sentence, () => undefined)
    else
      test(sentence, () => {
        throw new NoBrokerError(sentence)
      })
  })
}
