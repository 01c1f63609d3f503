import { expect, test } from '@jest/globals'
import { TOPICS } from '@sluice/contracts/topics'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import kafkajs from 'kafkajs'
import { withAdmin } from '../src/kafka-admin.ts'
import { connectKafka } from '../src/kafka-client.ts'
import type { TopicLayout } from '../src/topic-plan.ts'
import { applyTopics, checkTopics, type TopicCheck } from '../src/topics.ts'

const layoutIn = (namespace: string, inputs: TopicLayout['inputs'] = {}): TopicLayout => ({
  names: topic => inputs[topic]?.name ?? `${namespace}.${topic}`,
  inputs,
  replicationFactor: 1,
  minInSyncReplicas: 1,
})

const different = (checks: readonly TopicCheck[]): Record<string, string[]> =>
  Object.fromEntries(
    checks
      .filter(({ differences }) => differences.length > 0)
      .map(({ name, differences }) => [name, differences.map(({ setting }) => setting).sort()]),
  )

/** What brokers tell lags behind what was done. */
async function poll<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error('the broker did not show it within 10 s')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

describeWithKafka('the topics of a deployment', kafka => {
  const client = () => connectKafka({ brokers: kafka().brokers, clientId: 'sluice.test' })
  const set = (topic: string, settings: Readonly<Record<string, string>>) =>
    withAdmin(client(), 'setting', admin =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topic,
            configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    )

  test('are created from the catalogue, found as they should be, and left alone afterwards', async () => {
    const layout = layoutIn(freshNamespace(), { accounts: { partitions: 3 } })
    const planned = await applyTopics(client(), layout, { dryRun: true })
    expect(new Set(planned.map(({ change }) => change))).toEqual(new Set(['created']))
    expect(Object.keys(different(await checkTopics(client(), layout)))).toHaveLength(planned.length)

    await applyTopics(client(), layout)
    const checks = await checkTopics(client(), layout)
    expect(different(checks)).toEqual({})
    const names = checks.map(({ topic }) => topic)
    expect(names).toEqual(expect.arrayContaining(TOPICS.map(({ name }) => name)))
    expect(names).toEqual(expect.arrayContaining(['snapshots', 'accounts.dlq']))
    const again = await applyTopics(client(), layout)
    expect(new Set(again.map(({ change }) => change))).toEqual(new Set(['none']))
  })

  test('give margin-evaluation as many partitions as accounts has, which cannot be changed', async () => {
    const namespace = freshNamespace()
    await applyTopics(client(), layoutIn(namespace, { accounts: { partitions: 2 } }))
    const more = layoutIn(namespace, { accounts: { partitions: 4 } })
    const checks = await checkTopics(client(), more)
    expect(different(checks)).toEqual({ [`${namespace}.accounts`]: ['partitions'] })
    const [difference] = checks.flatMap(({ differences }) => differences)
    expect(difference).toMatchObject({ found: '2', wanted: '4', isApplied: false })
    expect(difference!.advice).toContain('fixed for life')
    const applied = await applyTopics(client(), more)
    expect(new Set(applied.map(({ change }) => change))).toEqual(new Set(['none']))
  })

  test('are corrected where that loses nothing, and keep what else was set on them', async () => {
    const namespace = freshNamespace()
    const layout = layoutIn(namespace)
    const price = layout.names('price')
    await applyTopics(client(), layout)
    await set(price, { 'cleanup.policy': 'compact', 'retention.ms': '60000', 'segment.ms': '9000' })
    const broken = await poll(async () => different(await checkTopics(client(), layout))[price])
    expect(broken).toEqual([
      'cleanup.policy',
      'max.message.bytes',
      'message.timestamp.type',
      'retention.ms',
    ])
    const applied = await applyTopics(client(), layout)
    expect(applied.filter(({ change }) => change === 'changed').map(({ name }) => name)).toEqual([
      price,
    ])
    expect(different(await checkTopics(client(), layout))).toEqual({})
    const kept = await withAdmin(client(), 'looking', admin =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [
          {
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: price,
            configNames: ['segment.ms'],
          },
        ],
      }),
    )
    expect(kept.resources[0]?.configEntries[0]?.configValue).toBe('9000')
  })

  test('of the exchange are never made or changed, and what a replay lacks there is said', async () => {
    const namespace = freshNamespace()
    const ticks = `${namespace}-exchange-ticks`
    const layout = layoutIn(namespace, { 'market-data': { name: ticks } })
    expect((await applyTopics(client(), layout)).find(({ name }) => name === ticks)).toMatchObject({
      exists: false,
      isOfTheExchange: true,
      change: 'none',
    })
    await withAdmin(client(), 'creating', admin =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [
          { topic: ticks, configEntries: [{ name: 'cleanup.policy', value: 'compact,delete' }] },
        ],
      }),
    )
    const check = await poll(async () =>
      (await checkTopics(client(), layout)).find(({ name, exists }) => name === ticks && exists),
    )
    expect(check.differences.map(({ setting }) => setting)).toEqual([
      'cleanup.policy',
      'retention.ms',
      'message.timestamp.type',
    ])
    expect(check.differences[0]!.advice).toContain('`sluice capture`')
    const applied = await applyTopics(client(), layout)
    expect(new Set(applied.map(({ change }) => change))).toEqual(new Set(['none']))
  })

  test('are not created with more copies than there are brokers', async () => {
    const layout = { ...layoutIn(freshNamespace()), replicationFactor: 9 }
    await expect(applyTopics(client(), layout)).rejects.toThrow(
      /9 copies .* kafka\.replicationFactor/,
    )
    expect(new Set((await checkTopics(client(), layout)).map(({ exists }) => exists))).toEqual(
      new Set([false]),
    )
  })
})
