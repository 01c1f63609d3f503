import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, jest, test } from '@jest/globals'

const require = createRequire(import.meta.url)

interface Queue {
  readonly pending: unknown[]
  readonly throttleCheckTimeoutId: unknown
  scheduleCheckPendingRequests(): void
  destroy(): void
}
type QueueClass = new (options: object) => Queue

/** What `patches/kafkajs@2.2.4.patch` changes: without it an idle process burns a core's share, and Sluice loses its place. */
describe('kafkajs is patched', () => {
  test('a request queue with nothing pending sets no timer', () => {
    const RequestQueue = require('kafkajs/src/network/requestQueue') as QueueClass
    const queue = new RequestQueue({ logger: { debug: jest.fn() } })
    queue.scheduleCheckPendingRequests()
    expect(queue.throttleCheckTimeoutId).toBeNull()
    queue.pending.push({})
    queue.scheduleCheckPendingRequests()
    expect(queue.throttleCheckTimeoutId).not.toBeNull()
    queue.destroy()
  })

  test.each([
    ['GROUP_JOIN says the generation', 'generationId: this.generationId,\n          leaderId'],
    ['the wait of a fetch is chosen fetch by fetch', "typeof this.maxWaitTime === 'function'"],
    ['an offset out of range is told, not reset', 'if (!this.autoCommit) {\n        throw e'],
  ])('%s', (_, line) => {
    const path = require.resolve('kafkajs/src/consumer/consumerGroup.js')
    expect(readFileSync(path, 'utf8')).toContain(line)
  })
})
