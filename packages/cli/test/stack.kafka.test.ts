import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from '@jest/globals'
import { describeWithJars } from '@sluice/testkit/brokers'
import { startSluice } from './commands.ts'

const UP_MS = 360_000
const STOP_MS = 30_000
const MEMBERS = [
  'price',
  'margin-evaluation',
  'liquidation-execution',
  'cascade-analytics',
  'exchange-simulator',
]

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describeWithJars('sluice stack', () => {
  let kill: (() => void) | undefined
  let home: string | undefined
  afterEach(() => {
    kill?.()
    if (home !== undefined) rmSync(home, { recursive: true, force: true })
  })

  test(
    'brings everything up, liquidates, and leaves nothing behind after Ctrl-C',
    async () => {
      home = mkdtempSync(join(tmpdir(), 'sluice-stack-test-'))
      const directory = join(home, 'stack')
      const options = ['--accounts', '300', '--speed', '20', '--evaluators', '2']
      const stack = startSluice('stack', ...options, '--dir', directory)
      kill = () => stack.kill('SIGKILL')
      const pids = new Map<string, number>()
      const ready = new Set<string>()
      let hasLiquidated = false
      const said: string[] = []
      for await (const line of createInterface({ input: stack.stdout })) {
        said.push(line)
        const [, name = '', pid, state = ''] = /^([\w-]+) \((\d+)\) (.*)$/.exec(line) ?? []
        if (name !== '') pids.set(name, Number(pid))
        if (state === 'ready') ready.add(name)
        if (/^liquidation-execution: [1-9]\d* liquidations begun/.test(line)) hasLiquidated = true
        if (state.startsWith('ended')) throw new Error(said.join('\n'))
        if (hasLiquidated && ready.size === MEMBERS.length) break
      }
      expect([...ready].sort()).toEqual([...MEMBERS].sort())
      expect(hasLiquidated).toBe(true)

      const ended = once(stack, 'exit', { signal: AbortSignal.timeout(STOP_MS) })
      stack.kill('SIGINT')
      expect(await ended).toEqual([0, null])
      for (const pid of pids.values()) expect(isRunning(pid)).toBe(false)
      expect(existsSync(directory)).toBe(false)
    },
    UP_MS + STOP_MS,
  )
})
