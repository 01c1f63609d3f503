import { createRequire } from 'node:module'
import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import {
  stopErrorOf,
  TREATMENT_BY_CLASS,
  TREATMENT_BY_TYPE,
  treatmentOf,
  placeOutOfRange,
} from '../src/kafka-errors.ts'

const require = createRequire(import.meta.url)

type KafkaErrorClass = new (...args: unknown[]) => Error
const errors = require('kafkajs/src/errors') as Record<string, KafkaErrorClass>
const protocol = require('kafkajs/src/protocol/error') as {
  readonly errorCodes: readonly { readonly type: string; readonly code: number }[]
  createErrorFromCode(code: number): Error
}

const classes = Object.entries(errors).filter(([name]) => name.startsWith('KafkaJS'))
const protocolErrorOf = (type: string): Error => {
  const known = protocol.errorCodes.find(code => code.type === type)
  if (known === undefined) throw new Error(`kafkajs knows no ${type}`)
  return protocol.createErrorFromCode(known.code)
}
const kafkaError = (name: string, ...args: unknown[]): Error => {
  const ErrorClass = errors[name]
  if (ErrorClass === undefined) throw new Error(`kafkajs has no ${name}`)
  return new ErrorClass(...args)
}
const exceeded = (cause: Error): Error =>
  kafkaError('KafkaJSNumberOfRetriesExceeded', cause, { retryCount: 8, retryTime: 500 })

describe('the table of errors', () => {
  test('has every class of kafkajs, and no other', () => {
    const ofKafkajs = Object.keys(TREATMENT_BY_CLASS).filter(name => name.startsWith('KafkaJS'))
    expect(ofKafkajs.sort()).toEqual(classes.map(([name]) => name).sort())
  })

  test('lists only protocol errors that kafkajs knows', () => {
    const known = new Set([
      ...protocol.errorCodes.map(({ type }) => type),
      'KAFKAJS_UNKNOWN_ERROR_CODE',
    ])
    expect(Object.keys(TREATMENT_BY_TYPE).filter(type => !known.has(type))).toEqual([])
  })

  test('never stops at a protocol error that kafkajs would try again, but a topic that stays unknown', () => {
    const stops = protocol.errorCodes
      .map(({ code }) => protocol.createErrorFromCode(code))
      .filter(error => Reflect.get(error, 'retriable') === true && treatmentOf(error) === 'stop')
    expect(stops.map(error => String(Reflect.get(error, 'type')))).toEqual([
      'UNKNOWN_TOPIC_OR_PARTITION',
    ])
  })

  test.each(protocol.errorCodes.map(({ type }) => type))(
    '%s has one treatment and a reason',
    type => {
      const error = protocolErrorOf(type)
      expect(treatmentOf(error)).toBe(TREATMENT_BY_TYPE[type] ?? 'stop')
      expect(treatmentOf(exceeded(error))).toBe(treatmentOf(error))
      expect(stopErrorOf(error, 'price-0').message).toMatch(/^price-0: .+; .+/)
    },
  )

  test.each([
    [
      'a cluster that cannot be reached',
      kafkaError('KafkaJSConnectionError', 'no', { code: 'ECONNREFUSED' }),
      'retry',
    ],
    ['a connection that was closed', kafkaError('KafkaJSConnectionClosedError', 'no', {}), 'retry'],
    [
      'a certificate nobody trusts',
      kafkaError('KafkaJSConnectionError', 'no', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      'stop',
    ],
    ['a request nobody answered', kafkaError('KafkaJSRequestTimeoutError', 'no', {}), 'recreate'],
    [
      'a wrong password',
      kafkaError('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed: Invalid'),
      'stop',
    ],
    [
      'a broker that went away before it knew us',
      kafkaError('KafkaJSSASLAuthenticationError', 'SASL failed: Connection closed by the server'),
      'retry',
    ],
    [
      'several errors',
      kafkaError('KafkaJSAggregateError', 'two', [
        protocolErrorOf('NETWORK_EXCEPTION'),
        protocolErrorOf('INVALID_CONFIG'),
      ]),
      'stop',
    ],
    ['a request on a broker not connected yet', new Error('Broker not connected'), 'recreate'],
    ['a bug', new TypeError('undefined is not a function'), 'stop'],
    ['what is no error at all', 'why', 'stop'],
  ])('%s', (_, error, treatment) => {
    expect(treatmentOf(error)).toBe(treatment)
    if (error instanceof Error) expect(treatmentOf(exceeded(error))).toBe(treatment)
  })
})

describe('an error that stops us', () => {
  test.each([
    ['UNKNOWN_TOPIC_OR_PARTITION', 'TopicMissingError'],
    ['MESSAGE_TOO_LARGE', 'BatchTooLargeError'],
    ['TOPIC_AUTHORIZATION_FAILED', 'NotAuthorisedError'],
    ['GROUP_AUTHORIZATION_FAILED', 'NotAuthorisedError'],
    ['SASL_AUTHENTICATION_FAILED', 'NotAuthorisedError'],
    ['OFFSET_OUT_OF_RANGE', 'OffsetOutOfRangeError'],
    ['INVALID_TIMESTAMP', 'KafkaRefusedError'],
  ])('of type %s is a %s', (type, name) => {
    expect(stopErrorOf(exceeded(protocolErrorOf(type)), 'orders-0').name).toBe(name)
  })

  test('says which partition a place is out of range of', () => {
    const error = kafkaError('KafkaJSOffsetOutOfRange', protocolErrorOf('OFFSET_OUT_OF_RANGE'), {
      topic: 'x.price',
      partition: 3,
    })
    expect(
      placeOutOfRange(kafkaError('KafkaJSNonRetriableError', error, { cause: error })),
    ).toEqual({ topic: 'x.price', partition: 3 })
    expect(placeOutOfRange(protocolErrorOf('UNKNOWN'))).toBeUndefined()
  })

  test('tells nothing of what we sent', () => {
    const error = kafkaError('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed')
    expect(inspect(stopErrorOf(error, 'x'), { depth: 9 })).not.toContain('password')
  })
})
