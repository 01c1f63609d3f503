import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadSettings } from '@sluice/config/load-settings'
import { SettingsError } from '@sluice/config/settings-error'
import { z } from 'zod'
import { sluiceSettings } from '../src/host-settings.ts'
import { connectionOf, prefixOf, topicNames } from '../src/kafka-settings.ts'
import { inputsOf } from '../src/layout.ts'
import { layoutFrom } from '../src/kafka-logs.ts'
import { PartitionCountError } from '../src/host-errors.ts'

const schema = sluiceSettings(9471, { price: z.strictObject({ limit: z.int().default(3) }) })

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-settings-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function load(text: string, environment: Record<string, string> = {}) {
  const file = join(folder, 'sluice.yaml')
  writeFileSync(file, text)
  return loadSettings(schema, { file, environment, prefix: 'SLUICE' })
}

function problemsOf(text: string, environment: Record<string, string> = {}): string {
  try {
    load(text, environment)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.join('\n').replaceAll(folder, '')
    throw error
  }
  return ''
}

const KAFKA = 'kafka: { brokers: [a:9092, b:9092] }\n'

describe('one sluice.yaml for every process', () => {
  test('has the sections of others, which a process accepts as they are, and no section nobody has', () => {
    const { price } = load('log: { directory: /data }\nevaluation: { anything: 1 }\nprice: {}\n')
    expect(price).toEqual({ limit: 3 })
    expect(problemsOf('log: { directory: /data }\nevalution: {}\n')).toContain(
      'sluice.yaml:2:12: evalution: there is no such setting',
    )
  })

  test('names a directory or a Kafka: one of them, not both, said together with all else that is wrong', () => {
    const nothing = problemsOf('metrics: { port: many }\nprice: { limit: no }\n')
    expect(nothing).toContain('log.directory: say where the log is')
    expect(nothing).toContain('metrics.port')
    expect(nothing).toContain('price.limit')
    expect(problemsOf(`${KAFKA}log: { directory: /data }\n`)).toContain('never both')
    expect(problemsOf(KAFKA)).toBe('')
  })

  test('says of Kafka all that is wrong at once, with the place or the variable', () => {
    const text = `kafka:
  brokers: [nowhere]
  namespace: 'a b'
  replicationFactor: 0
  sasl: { mechanism: none, username: u }
  topics: { markets: {} }
`
    const said = problemsOf(text, { SLUICE_KAFKA_MODE: 'test' })
    for (const part of [
      'sluice.yaml:2:13: kafka.brokers.0: write host:port',
      'kafka.namespace: use letters',
      'kafka.replicationFactor',
      'kafka.sasl.mechanism',
      'kafka.sasl.password',
      'kafka.topics.markets: there is no such setting',
      'SLUICE_KAFKA_MODE: kafka.mode',
    ])
      expect(said).toContain(part)
  })

  test('takes secrets from files, and the brokers from a variable', () => {
    const password = join(folder, 'password')
    writeFileSync(password, 's3cret\n')
    const { kafka } = load('{}', {
      SLUICE_KAFKA_BROKERS: 'a:9092,b:9093',
      SLUICE_KAFKA_SASL_USERNAME: 'price',
      SLUICE_KAFKA_SASL_PASSWORD_FILE: password,
      SLUICE_KAFKA_TLS_ENABLED: 'true',
    })
    expect(connectionOf(kafka!, 'price')).toEqual({
      brokers: ['a:9092', 'b:9093'],
      clientId: 'sluice.price',
      tls: {},
      sasl: { mechanism: 'scram-sha-512', username: 'price', password: 's3cret' },
    })
  })
})

describe('topics on Kafka', () => {
  const namesUnder = (more: string) => topicNames(load(`kafka: { brokers: [a:1], ${more} }`).kafka!)

  test('have the namespace before their name, unless the exchange has named its own', () => {
    const names = namesUnder('namespace: desk, topics: { market-data: { name: md.v1 } }')
    expect(['market-data', 'accounts', 'price', 'snapshots'].map(names)).toEqual([
      'md.v1',
      'desk.accounts',
      'desk.price',
      'desk.snapshots',
    ])
  })

  test('of ours begin with shadow in shadow mode, those of the exchange stay', () => {
    const names = namesUnder('mode: shadow')
    expect(['accounts', 'price'].map(names)).toEqual(['sluice.accounts', 'shadow.sluice.price'])
    const { kafka } = load('kafka: { brokers: [a:1], mode: shadow }')
    expect(prefixOf(kafka!)).toBe('shadow.sluice')
  })

  test('say how many evaluators there are, and who reads all of an input', () => {
    const counts: Record<string, number> = {
      accounts: 4,
      'margin-evaluation': 4,
      'market-data': 3,
    }
    const layout = layoutFrom(topic => counts[topic], String)
    expect(layout.evaluators).toBe(4)
    expect(inputsOf(layout, 'market-data').map(({ partition }) => partition)).toEqual([0, 1, 2])
    expect(inputsOf(layout, 'margin-evaluation')).toHaveLength(4)
    expect(inputsOf(layout, 'operations')).toHaveLength(1)
  })

  test('of accounts and of evaluation have to have as many partitions', () => {
    const counts: Record<string, number> = { accounts: 4, 'margin-evaluation': 2 }
    const wrong = () =>
      layoutFrom(
        topic => counts[topic],
        topic => `sluice.${topic}`,
      )
    expect(wrong).toThrow(PartitionCountError)
    expect(wrong).toThrow('sluice.accounts has 4 partitions and sluice.margin-evaluation has 2')
  })
})
