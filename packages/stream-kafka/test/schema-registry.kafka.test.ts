import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { RECORD_SCHEMAS, type RecordSchema } from '@sluice/contracts/record-schemas'
import { describeWithKafka, freshNamespace } from '@sluice/testkit/brokers'
import { openRegistry } from '../src/schema-client.ts'
import { SchemasNotReadyError } from '../src/schema-errors.ts'
import {
  applySchemas,
  checkSchemas,
  loadSchemaIds,
  type SchemaScope,
} from '../src/schema-registry.ts'
import { withWireId } from '../src/wire-ids.ts'

const namesIn =
  (namespace: string) =>
  (topic: string): string =>
    `${namespace}.${topic}`

describeWithKafka(
  'schemas in a registry',
  kafka => {
    const registry = () => ({ url: kafka().registryUrl! })

    test('are missing, then applied once, then found, with the level that keeps them readable', async () => {
      const scope: SchemaScope = {
        names: namesIn(freshNamespace()),
        topics: ['operations', 'price'],
      }
      const before = await checkSchemas(registry(), scope)
      expect(new Set(before.map(({ state }) => state))).toEqual(new Set(['missing']))
      const applied = await applySchemas(registry(), scope)
      expect(applied).toHaveLength(before.length)
      expect(new Set(applied.map(({ change }) => change))).toEqual(new Set(['registered']))
      const after = await checkSchemas(registry(), scope)
      expect(applied).toMatchObject(after)
      expect(new Set(applied.map(({ level }) => level))).toEqual(new Set(['FULL_TRANSITIVE']))
      const again = await applySchemas(registry(), scope)
      expect(new Set(again.map(({ change }) => change))).toEqual(new Set(['none']))
    })

    test('that are missing keep a service from starting, and are all named with what to do', async () => {
      const names = namesIn(freshNamespace())
      await applySchemas(registry(), { names, topics: ['operations'] })
      const loading = loadSchemaIds(registry(), names, ['operations', 'market-data'])
      const error = await loading.catch((reason: unknown) => reason as SchemasNotReadyError)
      expect(error).toBeInstanceOf(SchemasNotReadyError)
      const { message } = error as SchemasNotReadyError
      expect(message).toContain('`sluice schemas apply`')
      expect(message).toContain(`${names('market-data')}-sluice.market_data.TradePrinted: missing`)
      expect(message).not.toContain('operations')
    })

    test('are known by their shape, whoever registered them and whatever else is said in them', async () => {
      const names = namesIn(freshNamespace())
      const { schema, fullName, id } = RECORD_SCHEMAS.find(({ name }) => name === 'ScopeHeld')!
      const client = await openRegistry(registry())
      const told = JSON.stringify({ ...schema, doc: 'the words of another version' })
      const wire = await client.register(`${names('operations')}-${fullName}`, told)
      await applySchemas(registry(), { names, topics: ['operations'] })
      const ids = await loadSchemaIds(registry(), names, ['operations'])
      expect(ids.fromWire(wire)).toBe(id)
    })

    test('that are incompatible are named by their field, and nothing is changed', async () => {
      const names = namesIn(freshNamespace())
      const subject = `${names('operations')}-sluice.operations.ScopeHeld`
      const client = await openRegistry(registry())
      const schema = RECORD_SCHEMAS.find(({ name }) => name === 'ScopeHeld')!.schema as {
        fields: object[]
      }
      const fields = [...schema.fields, { name: 'ticket', type: 'string' }]
      await client.register(subject, JSON.stringify({ ...schema, fields }))
      await client.setLevel(subject)
      const applied = await applySchemas(registry(), { names, topics: ['operations'] })
      const held = applied.find(({ record }) => record === 'ScopeHeld')!
      expect(held.state).toBe('incompatible')
      expect(held.faults.join()).toContain('ScopeHeld.ticket')
      expect(new Set(applied.map(({ change }) => change))).toEqual(new Set(['none']))
      await expect(loadSchemaIds(registry(), names, ['operations'])).rejects.toThrow(
        /ScopeHeld: incompatible; .*ScopeHeld\.ticket/,
      )
    })

    test('give the same bytes as the serializer of the registry client, which reads ours', async () => {
      const names = namesIn(freshNamespace())
      await applySchemas(registry(), { names })
      const ids = await loadSchemaIds(registry(), names)
      const peer = await openPeer(registry().url)
      const samples = RECORD_SCHEMAS.flatMap(record =>
        goldenOf(record).map(ours => ({ record, ours })),
      )
      for (const { record, ours } of samples) {
        const wire = withWireId(ours, ids)
        const topic = names(record.topics[0]!)
        const read: unknown = await peer.deserializer.deserialize(topic, wire)
        const theirs = await peer.serializerOf(record).serialize(topic, read)
        expect([record.name, theirs.toString('hex')]).toEqual([record.name, wire.toString('hex')])
        expect(ids.fromWire(wire.readUInt32BE(1))).toBe(record.id)
      }
      expect(samples.length).toBeGreaterThanOrEqual(RECORD_SCHEMAS.length)
    })

    test('at an address that is no registry are an error that says where', async () => {
      const url = registry().url.replace('/apis/', '/nothing/')
      await expect(loadSchemaIds({ url }, namesIn('x'))).rejects.toMatchObject({
        name: 'RegistryUnreachableError',
        message: expect.stringContaining(url) as unknown,
      })
    })
  },
  { registry: true },
)

describe('a registry that does not answer', () => {
  test('is a typed error that holds no password, however deep one looks', async () => {
    const settings = { url: 'http://127.0.0.1:1', username: 'sluice', password: 'hush-hush' }
    const error: unknown = await loadSchemaIds(settings, namesIn('x')).catch(
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ name: 'RegistryUnreachableError' })
    const told = inspect(error, { depth: 20, showHidden: true })
    expect(told).not.toContain('hush-hush')
    expect(told).not.toContain(Buffer.from('sluice:hush-hush').toString('base64'))
  })

  test('is not asked where its address holds a password', async () => {
    const settings = { url: 'http://sluice:hush-hush@127.0.0.1:1' }
    await expect(loadSchemaIds(settings, namesIn('x'))).rejects.toThrow(
      'kafka.registry.username and .password',
    )
  })
})

/** The record's golden bytes, with everything in it and with as little as it may hold. */
function goldenOf({ name }: RecordSchema): Buffer[] {
  const file = new URL(`../../contracts/test/golden/${name}.json`, import.meta.url)
  const cases = JSON.parse(readFileSync(file, 'utf8')) as { hex: string }[]
  return cases.map(({ hex }) => Buffer.from(hex, 'hex'))
}

/** The client's own serializers, with the subjects of TopicRecordName. */
async function openPeer(url: string) {
  const peer = await import('@confluentinc/schemaregistry')
  const client = peer.SchemaRegistryClient.newClient({ baseURLs: [url] })
  const deserializer = new peer.AvroDeserializer(client, peer.SerdeType.VALUE, {
    subjectNameStrategyType: peer.SubjectNameStrategyType.TOPIC_RECORD,
  })
  const serializerOf = ({ fullName }: RecordSchema) =>
    new peer.AvroSerializer(client, peer.SerdeType.VALUE, {
      useLatestVersion: true,
      subjectNameStrategy: topic => `${topic}-${fullName}`,
    })
  return { deserializer, serializerOf }
}
