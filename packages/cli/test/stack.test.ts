import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { LocalProcess } from '@sluice/local-stack/local-process'
import { sumOfMetric } from '../src/metrics-text.ts'
import { StackProcess, type ProcessState } from '../src/stack-process.ts'
import { stackScreen } from '../src/stack-screen.ts'
import { together } from '../src/together.ts'
import { refusal } from './commands.ts'

const METRICS = `# HELP sluice_consumer_lag_messages Records that a task has yet to read
sluice_consumer_lag_messages{task="margin-evaluation-0"} 3
sluice_consumer_lag_messages{task="margin-evaluation-1"} 4
sluice_liquidations_started_total 12
sluice_liquidations_completed_total{outcome="restored"} 9
sluice_liquidations_completed_total{outcome="closed"} 2
`

const STATE: ProcessState = {
  name: 'price',
  pid: 7,
  health: 'starting',
  lagRecords: undefined,
  liquidations: undefined,
  reason: '',
}

describe('a metric in text form', () => {
  test('is summed over its labels, and undefined where it is missing', () => {
    expect(sumOfMetric(METRICS, 'sluice_consumer_lag_messages')).toBe(7)
    expect(sumOfMetric(METRICS, 'sluice_liquidations_started_total')).toBe(12)
    expect(sumOfMetric(METRICS, 'sluice_consumer_lag')).toBeUndefined()
  })
})

describe('a process of the stack', () => {
  let home: string
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'sluice-stack-test-'))))
  afterEach(() => rmSync(home, { recursive: true }))

  const start = (script: string) =>
    new LocalProcess({
      name: 'it',
      command: 'sh',
      args: ['-c', script],
      logFile: join(home, 'log'),
    })

  test('is starting, ready, then not ready, as its health says, with lag and liquidations from its metrics', async () => {
    let status = 503
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? status : 200).end(METRICS)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const process = start('exec sleep 60')
    const { port } = server.address() as AddressInfo
    const member = new StackProcess(process, `http://127.0.0.1:${port}`)
    expect((await member.look()).health).toBe('starting')
    status = 200
    expect(await member.look()).toEqual({
      ...{ name: 'it', pid: process.pid, health: 'ready', reason: '' },
      ...{ lagRecords: 7, liquidations: { started: 12, ended: 11 } },
    })
    status = 503
    expect((await member.look()).health).toBe('not ready')
    await member.stop(1_000)
    server.close()
  })

  test('that ends says how, and its last words to people', async () => {
    const process = start(
      `echo '{"level":50}'; echo 'price: the topic accounts is missing' >&2; exit 2`,
    )
    await process.hasEndedWithin(10_000)
    const { health, reason } = await new StackProcess(process, 'http://127.0.0.1:1').look()
    expect(health).toBe('ended')
    expect(reason).toBe('ended with code 2: price: the topic accounts is missing')
  })
})

describe('the screen of the stack', () => {
  function screenOf(isTTY: boolean) {
    const written: string[] = []
    const out = Object.assign(new EventEmitter(), {
      isTTY,
      write: (text: string) => written.push(text) > 0,
    })
    return { screen: stackScreen(out as unknown as NodeJS.WriteStream), written }
  }

  test('that is no terminal gets a line for what changed', () => {
    const { screen, written } = screenOf(false)
    const ready: ProcessState = { ...STATE, health: 'ready', lagRecords: 5 }
    screen.show([STATE])
    screen.show([STATE])
    screen.show([ready])
    screen.show([{ ...ready, lagRecords: 0, liquidations: { started: 2, ended: 1 } }])
    screen.show([{ ...STATE, health: 'ended', reason: 'ended with code 1' }])
    expect(written).toEqual([
      'price (7) starting\n',
      'price (7) ready\n',
      'price: 2 liquidations begun, 1 over\n',
      'price (7) ended with code 1\n',
    ])
  })

  test('that is a terminal gets a table, drawn over the one before', () => {
    const { screen, written } = screenOf(true)
    screen.show([STATE])
    screen.show([{ ...STATE, health: 'ended', reason: 'ended with code 1' }])
    const [first = '', second = ''] = written
    expect(first).toContain('starting')
    expect(second.startsWith(`\u001b[${first.split('\n').length - 1}F\u001b[J`)).toBe(true)
    expect(second).toContain('price ended with code 1')
  })
})

describe('things done at once', () => {
  test('are given up when the first of them fails, and all have ended before that is told', async () => {
    let hasGivenUp = false
    const waiting = (signal: AbortSignal) =>
      new Promise<void>((_, reject) =>
        signal.addEventListener('abort', () => {
          hasGivenUp = true
          reject(new Error('given up'))
        }),
      )
    const failing = () => Promise.reject(new Error('no port is free'))
    const { signal } = new AbortController()
    await expect(together(signal, [waiting, failing])).rejects.toThrow('no port is free')
    expect(hasGivenUp).toBe(true)
  })

  test('are given up when the signal says so', async () => {
    const stop = new AbortController()
    const waiting = (signal: AbortSignal) =>
      new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
    const all = together(stop.signal, [waiting, waiting])
    stop.abort(new Error('stopped'))
    await expect(all).rejects.toThrow('stopped')
  })
})

describe('sluice stack', () => {
  test('refuses a directory with something in it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-stack-test-'))
    writeFileSync(join(directory, 'price.log'), '')
    const { code, message } = await refusal('stack', '--dir', directory)
    expect(code).toBe(2)
    expect(message).toContain(`${directory} is not empty`)
    rmSync(directory, { recursive: true })
  })

  test('refuses a speed that is no number above 0', async () => {
    expect((await refusal('stack', '--speed', '0')).message).toContain('Give a number above 0.')
  })
})
