import { expect, test } from '@jest/globals'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { DeadLetterTopics } from '../src/dead-letter-topics.ts'
import type { DeadLetter } from '../src/dead-letters.ts'
import { connectKafka } from '../src/kafka-client.ts'
import { kafkaWith } from './kafka-under-test.ts'

const letter: DeadLetter = {
  id: 'margin-evaluation-0/7',
  topic: 'accounts',
  partition: 2,
  offset: 41,
  appendTime: 1_760_000_000_000,
  key: Buffer.from('bob'),
  value: Buffer.from([0, 0, 0, 0, 9, 255, 128]),
  reason: 'schema_unknown',
  detail: 'schema id 9, in words: äöü',
  attempts: 2,
  cursor: {
    ...{ topic: 'margin-evaluation', partition: 0, position: 12 },
    chain: {
      ...{ offset: 10, head: '\u00ff\u0000\u0080'.padEnd(32, 'x'), sequence: 5, lastEvent: 7 },
      ...{ tenure: 1, emittedOfLastInput: 0 },
    },
  },
}

describeWithKafka('Dead letters on a real broker', kafka => {
  test('come back as they were written, in order, and say in headers where they came from', async () => {
    const { brokers } = kafka()
    const under = await kafkaWith(brokers, [{ topic: 'accounts.dlq', partition: 0 }])
    const client = connectKafka({ brokers, clientId: under.namespace })
    const letters = new DeadLetterTopics({ client, names: under.names })
    expect(await letters.all('accounts')).toEqual([])
    const second = { ...letter, id: 'margin-evaluation-0/8', key: null, appendTime: null }
    await letters.append(letter)
    await letters.append({ ...second, value: Buffer.alloc(0) })
    const [first, other, ...rest] = await letters.all('accounts')
    expect(rest).toEqual([])
    expect(first).toMatchObject({ ...letter, value: expect.anything(), key: expect.anything() })
    expect(Buffer.compare(first!.value, letter.value)).toBe(0)
    expect(Buffer.compare(first!.key!, letter.key!)).toBe(0)
    expect(other).toMatchObject({ id: second.id, key: null, appendTime: null })
    await under.dispose()
  })
})
