import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { describeWithKafka, freshNamespace } from '../src/brokers.ts'

describeWithKafka(
  'a broker for tests',
  kafka => {
    test('listens at each of its addresses', async () => {
      expect(kafka().brokers.length).toBeGreaterThan(0)
      for (const address of kafka().brokers) {
        const [host = '', port] = address.split(':')
        const socket = connect({ host, port: Number(port) })
        await once(socket, 'connect')
        socket.destroy()
      }
    })

    test('has a registry that speaks the Confluent API where one was asked for', async () => {
      const response = await fetch(`${kafka().registryUrl ?? ''}/subjects`)
      expect(Array.isArray(await response.json())).toBe(true)
    })

    test('gives each test a namespace that no other has', () => {
      expect(freshNamespace()).toMatch(/^t[0-9a-f]{10}$/)
      expect(freshNamespace()).not.toBe(freshNamespace())
    })
  },
  { registry: true },
)
