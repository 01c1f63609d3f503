import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { LocalProcess } from '../src/local-process.ts'

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited for 10 s in vain')
    await delay(10)
  }
}

describe('a process of the local stack', () => {
  let home: string
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'sluice-process-test-'))))
  afterEach(() => rmSync(home, { recursive: true, force: true }))

  const start = (script: string, command = 'sh') =>
    new LocalProcess({ name: 'it', command, args: ['-c', script], logFile: join(home, 'log') })

  test('writes what it says to its file and tells how it ended', async () => {
    const process = start('echo one; echo two >&2; exit 3')
    expect(await process.hasEndedWithin(10_000)).toBe(true)
    expect(process.end).toEqual({ code: 3, signal: null })
    expect(process.tail()).toBe('one\ntwo')
    expect(process.tail(1)).toBe('two')
  })

  test('that does not exist has ended, and its file says why', async () => {
    const process = start('', 'no-such-program')
    expect(await process.hasEndedWithin(10_000)).toBe(true)
    expect(process.end).toEqual({ code: null, signal: null })
    expect(process.tail()).toContain('ENOENT')
  })

  test('is asked to stop before it is killed', async () => {
    const process = start('trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done')
    await until(() => process.tail() === 'up')
    await process.stop(10_000)
    expect(process.end).toEqual({ code: 0, signal: null })
    expect(process.tail()).toBe('up\nbye')
  })

  test('that does not listen is killed with its children', async () => {
    const process = start('trap "" TERM; sleep 60 & echo $!; while :; do sleep 0.05; done')
    await until(() => process.tail() !== '')
    const child = Number(process.tail())
    await process.stop(100)
    expect(process.end).toEqual({ code: null, signal: 'SIGKILL' })
    await until(() => !isRunning(child))
  })

  test('that is paused can be stopped all the same', async () => {
    const process = start('echo up; sleep 60')
    await until(() => process.tail() === 'up')
    process.signal('SIGSTOP')
    await process.stop(10_000)
    expect(process.end).toEqual({ code: null, signal: 'SIGTERM' })
  })

  test.each(['exit', 'kill -9'])(
    'ends with this one, and so does its directory, even by %s',
    async how => {
      const kept = join(home, 'kept')
      const parent = spawn(
        process.execPath,
        [
          ...['--conditions=sluice-source', '--import', 'tsx'],
          join(import.meta.dirname, 'parent.ts'),
          kept,
        ],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      )
      const [output] = (await once(parent.stdout, 'data')) as [Buffer]
      const pid = Number(output.toString())
      expect(isRunning(pid)).toBe(true)
      expect(existsSync(kept)).toBe(true)
      if (how === 'exit') parent.stdin.end()
      else parent.kill('SIGKILL')
      await until(() => !isRunning(pid) && !existsSync(kept))
    },
  )
})
