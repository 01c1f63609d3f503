import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { brokerSource } from '../src/broker-sources.ts'

const NAMES = ['KAFKA_BROKERS', 'JAVA_HOME', 'DOCKER_HOST'] as const

describe('where a broker for tests comes from', () => {
  let before: Partial<Record<(typeof NAMES)[number], string | undefined>>
  beforeEach(() => {
    before = Object.fromEntries(NAMES.map(name => [name, process.env[name]]))
    for (const name of NAMES) Reflect.deleteProperty(process.env, name)
  })
  afterEach(() => {
    for (const name of NAMES) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before[name]
    }
  })

  test('a broker that is given comes before every other', () => {
    process.env['KAFKA_BROKERS'] = 'kafka-1:9092,kafka-2:9092'
    expect(brokerSource()).toEqual({ source: 'given' })
  })

  test('without Java a container is taken', () => {
    process.env['JAVA_HOME'] = '/nowhere'
    process.env['DOCKER_HOST'] = 'unix:///nowhere/docker.sock'
    expect(brokerSource()).toEqual({ source: 'container' })
  })
})
