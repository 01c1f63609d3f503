import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { describeWithJars } from '@sluice/testkit/brokers'
import { afterEach, expect, test } from '@jest/globals'
import { answersApiVersions, brokersKnownTo, type BrokerAddress } from '../src/probe.ts'
import { startBroker, type LocalBroker } from '../src/start-broker.ts'

describeWithJars('a local Kafka', () => {
  let broker: LocalBroker | undefined
  afterEach(async () => {
    await broker?.stop()
    broker = undefined
  })

  const addressOf = (index: number, ca?: string): BrokerAddress => {
    const [host = '', port] = broker?.brokers[index]?.split(':') ?? []
    return { host, port: Number(port), ca }
  }

  test('answers until it is killed, comes back at the same address, and is silent while paused', async () => {
    broker = await startBroker({ properties: { 'broker.session.timeout.ms': '2000' } })
    const node = broker.node(0)
    const { pid, address } = node
    expect(await brokersKnownTo(addressOf(0))).toBe(1)
    await node.kill()
    expect(await answersApiVersions(addressOf(0))).toBe(false)
    await node.restart()
    expect(node.address).toBe(address)
    expect(node.pid).not.toBe(pid)
    expect(await answersApiVersions(addressOf(0))).toBe(true)
    node.pause()
    expect(await answersApiVersions(addressOf(0))).toBe(false)
    node.resume()
    expect(await answersApiVersions(addressOf(0))).toBe(true)
  })

  test('of three nodes goes on without one, and leaves nothing behind', async () => {
    broker = await startBroker({ nodes: 3, heapMb: 256 })
    expect(await brokersKnownTo(addressOf(2))).toBe(3)
    await broker.node(0).kill()
    expect(await answersApiVersions(addressOf(1))).toBe(true)
    const home = dirname(broker.node(1).logFile)
    await broker.stop()
    expect(await answersApiVersions(addressOf(1))).toBe(false)
    expect(existsSync(home)).toBe(false)
  })

  test('with security speaks TLS alone, under the certificate it hands out', async () => {
    broker = await startBroker({ security: { users: { trader: 'a password' } } })
    expect(broker.access?.ca).toContain('BEGIN CERTIFICATE')
    expect(await answersApiVersions(addressOf(0, broker.access?.ca))).toBe(true)
    expect(await answersApiVersions(addressOf(0))).toBe(false)
  })

  test('that cannot start says so with the end of its log', async () => {
    const properties = { 'num.io.threads': '0' }
    await expect(startBroker({ properties })).rejects.toThrow(/num\.io\.threads/)
  })
})
