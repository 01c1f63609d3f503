import { expect, test } from '@jest/globals'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import kafkajs from 'kafkajs'
import type { Check } from '../src/check.ts'
import { checkKafka } from '../src/check-kafka.ts'
import { withAdmin } from '../src/kafka-admin.ts'
import { connectKafka } from '../src/kafka-client.ts'
import type { TopicLayout } from '../src/topic-plan.ts'
import { applyTopics } from '../src/topics.ts'

const namesIn =
  (namespace: string, inputs: TopicLayout['inputs'] = {}) =>
  (topic: string): string =>
    inputs[topic]?.name ?? `${namespace}.${topic}`

const layoutIn = (namespace: string, inputs: TopicLayout['inputs'] = {}): TopicLayout => ({
  names: namesIn(namespace, inputs),
  inputs,
  replicationFactor: 1,
  minInSyncReplicas: 1,
})

const faults = (checks: readonly Check[]): Record<string, string> =>
  Object.fromEntries(
    checks.filter(({ ok }) => !ok).map(({ name, found, advice }) => [name, `${found}. ${advice}`]),
  )

describeWithKafka('a doctor', kafka => {
  const check = (layout: TopicLayout, brokers: readonly string[] = kafka().brokers) =>
    checkKafka({
      client: connectKafka({ brokers, clientId: `${layout.names('')}reader` }),
      role: 'reader',
      layout,
      schemas: { names: layout.names },
      registry: undefined,
      everyInputs: 1000,
    })
  const client = () => connectKafka({ brokers: kafka().brokers, clientId: 'exchange' })
  const create = (topic: string, settings: Readonly<Record<string, string>>) =>
    withAdmin(client(), 'creating', async admin => {
      const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
      await admin.createTopics({ waitForLeaders: false, topics: [{ topic, configEntries }] })
    })

  test('finds nothing amiss with topics that were applied, and measures the clock', async () => {
    const layout = layoutIn(freshNamespace())
    await applyTopics(client(), layout)
    const checks = await check(layout)
    expect(faults(checks)).toEqual({})
    const clock = checks.find(({ name }) => name === 'clock')
    expect(clock?.found).toMatch(/^the broker is \d+ ms (ahead|behind), ± \d+ ms$/)
  })

  test('says where a copy is needed: of a source that is compacted, or kept for too short a time', async () => {
    const namespace = freshNamespace()
    const ticks = `${namespace}-ticks`
    const layout = layoutIn(namespace, { 'market-data': { name: ticks } })
    await create(ticks, { 'cleanup.policy': 'compact,delete', 'retention.ms': '60000' })
    await applyTopics(client(), layout)
    const producer = client().producer()
    await producer.connect()
    const messages = Array.from({ length: 50 }, () => ({ partition: 0, value: 'tick' }))
    await producer
      .send({
        topic: ticks,
        messages: messages.map((each, key) => ({ ...each, key: String(key) })),
      })
      .finally(() => producer.disconnect())
    const found = faults(await check(layout))
    expect(Object.keys(found)).toEqual([`topic ${ticks}`, `retention of ${ticks}`])
    expect(found[`retention of ${ticks}`]).toMatch(
      /kept for 1\.0 min, a snapshot about every 20\.0 h/,
    )
  })

  test('says where a copy is needed: of a source that is written in transactions', async () => {
    const namespace = freshNamespace()
    const reports = `${namespace}-reports`
    const layout = layoutIn(namespace, { 'execution-reports': { name: reports } })
    await create(reports, { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '-1' })
    await applyTopics(client(), layout)
    const producer = new kafkajs.Kafka({
      brokers: [...kafka().brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    }).producer({ transactionalId: namespace, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (const value of ['one', 'two']) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: reports, messages: [{ value }] })
      await transaction.commit()
    }
    await producer.disconnect()
    const found = faults(await check(layout))
    expect(Object.keys(found)).toEqual([`reading ${reports}`])
    expect(found[`reading ${reports}`]).toContain('`sluice capture`')
  })

  test('says of a cluster that does not answer what to check, and asks no further', async () => {
    const checks = await check(layoutIn('nowhere'), ['127.0.0.1:1'])
    expect(Object.keys(faults(checks))).toEqual(['cluster'])
    expect(checks[0]?.found).toContain('check kafka.brokers')
  })
})
