import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TOPICS, isOurs, type ServiceName } from '@sluice/contracts/topics'
import { startBroker, type LocalBroker } from '@sluice/local-stack/start-broker'
import type { PartitionId } from '@sluice/stream-runtime/log'
import { describeWithJars, freshNamespace } from '@sluice/testkit/brokers'
import { ABOUT_ROLES, ROLES, asCommands, clientIdOf, rightsOf, type Role } from '../src/acls.ts'
import { applyRights } from '../src/apply-acls.ts'
import { checkKafka } from '../src/check-kafka.ts'
import { withAdmin } from '../src/kafka-admin.ts'
import { connectKafka, type KafkaClient, type KafkaConnection } from '../src/kafka-client.ts'
import { NotAuthorisedError } from '../src/kafka-errors.ts'
import { openKafkaLog } from '../src/kafka-log.ts'
import type { TopicLayout } from '../src/topic-plan.ts'
import { applyTopics, checkTopics } from '../src/topics.ts'

const START_MS = 240_000
const PATIENCE_MS = 3000

const namespace = freshNamespace()
const layout: TopicLayout = {
  names: topic => `${namespace}.${topic}`,
  replicationFactor: 1,
  minInSyncReplicas: 1,
}
const passwords = Object.fromEntries(
  ROLES.map(role => [role, randomBytes(12).toString('base64url')]),
) as Record<Role, string>
const userOf = (role: Role): string => `${namespace}-${role}`

const SERVICES = ROLES.filter((role): role is ServiceName =>
  TOPICS.some(spec => isOurs(spec) && spec.name === role),
)
const at = (topic: string): PartitionId => ({ topic, partition: 0 })
const record = [{ key: null, value: Buffer.from('not a record of ours') }]

const readTopicsOf = (role: Role): string[] =>
  TOPICS.filter(({ readers }) => readers.includes(role as ServiceName)).map(({ name }) => name)

/** Every topic that a role may not write, `snapshots` and dead letters of others among them. */
function forbiddenTo(role: Role): string[] {
  const rights = rightsOf({ names: topic => topic, prefix: 'any' })
  const writes = (of: Role): string[] =>
    rights
      .filter(right => right.role === of && right.operations.includes('Write'))
      .map(({ name }) => name)
  const written = new Set(ROLES.flatMap(writes))
  return [...written].filter(name => !writes(role).includes(name))
}

describeWithJars('a broker with TLS, SCRAM and the generated rights', () => {
  let broker: LocalBroker
  /** Everything that was thrown or logged: no secret may be in it. */
  const told: string[] = []
  const heard = (error: unknown): unknown => {
    told.push(inspect(error, { depth: 12, showHidden: true }))
    return error
  }

  const connect = (changes: Partial<KafkaConnection>): KafkaClient =>
    connectKafka(
      {
        brokers: broker.brokers,
        clientId: 'sluice.test',
        tls: { ca: broker.access!.ca },
        ...changes,
      },
      { onLog: line => told.push(inspect(line)) },
    )
  const sasl = (username: string, password: string): Pick<KafkaConnection, 'sasl'> => ({
    sasl: { mechanism: 'scram-sha-512', username, password },
  })
  const as = (role: Role): KafkaClient =>
    connect({ clientId: clientIdOf(namespace, role), ...sasl(userOf(role), passwords[role]) })
  const openAs = (role: Role, partitions: readonly PartitionId[]) =>
    openKafkaLog({
      client: as(role),
      names: layout.names,
      partitions,
      patienceMs: PATIENCE_MS,
      onTrouble: heard,
    })
  const failureOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(() => 'it was allowed', heard)

  beforeAll(async () => {
    const users = Object.fromEntries(ROLES.map(role => [userOf(role), passwords[role]]))
    broker = await startBroker({ security: { users } })
    const { username, password } = broker.access!.superUser
    const admin = connect(sasl(username, password))
    await applyRights(admin, rightsOf({ names: layout.names, prefix: namespace }))
    await applyTopics(as('deploy'), layout)
  }, START_MS)
  afterAll(() => broker.stop(), START_MS)

  test.each(SERVICES)(
    'lets %s read its inputs, append to its own topic and read that, and join its group',
    async service => {
      const partitions = [...new Set([...readTopicsOf(service), service, 'snapshots'])].map(at)
      const log = await openAs(service, partitions)
      try {
        const offset = await log.append(at(service), record)
        const [read] = await log.read(at(service), offset, 1)
        expect(Buffer.from(read!.value)).toEqual(record[0]!.value)
        await log.append(at('snapshots'), record)
        for (const partition of partitions)
          await expect(log.end(partition)).resolves.toBeGreaterThanOrEqual(0)
      } finally {
        await log.close()
      }
      const member = as(service).consumer({ groupId: `${namespace}.${service}` })
      await member.connect()
      await member.subscribe({ topics: [layout.names(readTopicsOf(service)[0]!)] })
      const joined = new Promise(resolve => member.on(member.events.GROUP_JOIN, resolve))
      await member.run({ autoCommit: false, eachMessage: () => Promise.resolve() })
      await joined
      await member.disconnect()
    },
  )

  const forbidden = ROLES.flatMap(role => forbiddenTo(role).map(topic => [role, topic] as const))

  test.each(forbidden)('refuses %s an append to %s', async (role, topic) => {
    const log = await openAs(role, [])
    const error = await failureOf(log.append(at(topic), record))
    await log.close()
    expect(error).toBeInstanceOf(NotAuthorisedError)
    expect((error as Error).message).toContain(topic)
    expect((error as Error).message).toContain('`sluice topics acl`')
  })

  test('refuses a service the group of another', async () => {
    const member = as('price').consumer({ groupId: `${namespace}.margin-evaluation` })
    await member.connect()
    const error = await failureOf(
      (async () => {
        await member.subscribe({ topics: [layout.names('market-data')] })
        const crashed = new Promise<Error>(resolve =>
          member.on(member.events.CRASH, ({ payload }) => resolve(payload.error)),
        )
        await member.run({ autoCommit: false, eachMessage: () => Promise.resolve() })
        throw await crashed
      })(),
    )
    await member.disconnect()
    // kafkajs keeps the reason to itself: every broker refused to name the coordinator.
    expect(String(error)).toContain('KafkaJSGroupCoordinatorNotFound')
  })

  test('lets the reader see everything, and the settings of every topic', async () => {
    const log = await openAs('reader', TOPICS.map(({ name }) => name).map(at))
    expect(await log.end(at('price'))).toBeGreaterThan(0)
    await log.close()
    expect(await checkTopics(as('reader'), layout)).toEqual(await checkTopics(as('deploy'), layout))
  })

  test.each(['price', 'liquidation-execution', 'reader'] as const)(
    'lets a doctor with the rights of %s see that all is well',
    async role => {
      const checks = await checkKafka({
        client: as(role),
        role,
        layout,
        schemas: { names: layout.names },
        registry: undefined,
        everyInputs: 0,
      })
      expect(checks.filter(({ ok }) => !ok)).toEqual([])
      const clock = checks.find(({ name }) => name === 'clock')
      expect(clock?.found).toMatch(role === 'reader' ? /may not write/ : /the broker is/)
    },
  )

  test('lets the exchange write what it writes and read what is asked of it', async () => {
    const log = await openAs('exchange', [at('liquidation-execution')])
    for (const { name } of TOPICS.filter(({ writer }) => writer === 'exchange'))
      await expect(log.append(at(name), record)).resolves.toBeGreaterThanOrEqual(0)
    expect((await log.read(at('liquidation-execution'), 0, 1)).length).toBe(1)
    await log.close()
  })

  describe('says clearly, and at once', () => {
    const asking = (client: KafkaClient): Promise<unknown> =>
      failureOf(withAdmin(client, 'asking', admin => admin.listTopics()))

    test('that the password is wrong', async () => {
      const error = await asking(connect(sasl(userOf('price'), 'wrong-password')))
      expect(error).toBeInstanceOf(NotAuthorisedError)
      expect((error as Error).message).toContain('check kafka.sasl')
    })

    test('that the certificate authority is not the one that signed', async () => {
      const error = await asking(connect({ tls: true, ...sasl(userOf('price'), passwords.price) }))
      expect(error).toBeInstanceOf(NotAuthorisedError)
      expect((error as Error).message).toContain('check kafka.tls')
    })

    test('that the listener expects TLS, as far as a closed connection shows it', async () => {
      const plain = { brokers: broker.brokers, clientId: 'sluice.test' }
      const error = await asking(
        connectKafka({ ...plain, ...sasl(userOf('price'), passwords.price) }),
      )
      expect((error as Error).name).toMatch(/^(KafkaUnreachable|NotAuthorised)Error$/)
      expect((error as Error).message).toContain('kafka.tls')
    })

    test('that TLS alone is not enough', async () => {
      const error = await asking(connect({}))
      expect((error as Error).name).toMatch(/^(KafkaUnreachable|NotAuthorised)Error$/)
      expect((error as Error).message).toContain('kafka.sasl')
    })
  })

  test('leaves no secret in any error or log line', () => {
    expect(told.length).toBeGreaterThan(forbidden.length)
    const secrets = [
      ...Object.values(passwords),
      'wrong-password',
      broker.access!.superUser.password,
    ]
    for (const secret of secrets)
      for (const spelled of [secret, Buffer.from(secret).toString('base64')])
        expect(told.some(text => text.includes(spelled))).toBe(false)
  })
})

describe('the rights as commands', () => {
  test('name each principal, and quote what a shell would change', () => {
    const text = asCommands(
      rightsOf({
        names: topic => `acme.${topic}`,
        prefix: 'acme',
        principals: { price: "User:CN=it's price" },
      }),
    )
    for (const role of ROLES) expect(text).toContain(`# ${role}: ${ABOUT_ROLES[role]}`)
    expect(text).toContain(
      `--allow-principal 'User:CN=it'\\''s price' --operation Read --operation Write --operation DescribeConfigs --topic 'acme.price' --resource-pattern-type literal`,
    )
    expect(text).not.toMatch(/--operation (All|Alter|Delete)\b/)
  })
})
