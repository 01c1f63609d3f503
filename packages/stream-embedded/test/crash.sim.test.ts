import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { LogRecord, PartitionId } from '@sluice/stream-runtime/log'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import type { EmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { checkLogFile } from '@sluice/stream-embedded/file-check'
import { newDirectory, removeDirectory } from './directories.ts'

const META_PAGES_BYTES = 2 * 4096
const CHILD = fileURLToPath(new URL('append-forever.ts', import.meta.url))

let directory: string
beforeEach(async () => {
  directory = await newDirectory()
})
afterEach(() => removeDirectory(directory))

const open = (at: string, mode: 'each' | 'group' = 'each'): EmbeddedLog =>
  openEmbeddedLog({ directory: at, mode, clock: () => 7 })

async function contents(log: EmbeddedLog): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {}
  for (const of of log.partitions()) {
    const records = await readAll(log, of)
    all[`${of.topic}-${of.partition}`] = records.map(({ value }) => Buffer.from(value).toString())
  }
  return all
}

async function readAll(log: EmbeddedLog, of: PartitionId): Promise<LogRecord[]> {
  const records: LogRecord[] = []
  for (;;) {
    const next = await log.read(of, records.length, 500)
    if (next.length === 0) return records
    records.push(...next)
  }
}

async function contentsOf(at: string): Promise<Record<string, string[]>> {
  checkLogFile(at)
  const log = open(at)
  try {
    return await contents(log)
  } finally {
    await log.close()
  }
}

/** A copy of the data file, as a crash at this instant would leave it. */
function copyOf(name: string, bytes: Buffer = readFileSync(join(directory, 'data.mdb'))): string {
  const copy = join(directory, name)
  mkdirSync(copy)
  writeFileSync(join(copy, 'data.mdb'), bytes)
  return copy
}

async function appendRound(log: EmbeddedLog, round: number): Promise<void> {
  const of = { topic: 'orders', partition: round % 3 }
  const value = Buffer.alloc(round % 5 === 0 ? 12_000 : 30, `round ${round} `)
  await log.append(of, [
    { key: null, value },
    { key: null, value: Buffer.from(`second ${round}`) },
  ])
}

describe('a log cut at a commit', () => {
  test('is exactly what was committed, at every commit', async () => {
    const log = open(directory)
    const expected: Record<string, string[]>[] = []
    for (let round = 0; round < 25; round += 1) {
      await appendRound(log, round)
      expected.push(await contents(log))
      copyOf(`after-${round}`)
    }
    await log.close()
    for (const [round, whole] of expected.entries()) {
      expect(await contentsOf(join(directory, `after-${round}`))).toEqual(whole)
    }
  })

  test('is what it was before when the next commit wrote its pages but not its meta page', async () => {
    const log = open(directory)
    for (let round = 0; round < 25; round += 1) {
      const before = readFileSync(join(directory, 'data.mdb'))
      const expected = await contents(log)
      await appendRound(log, round)
      const torn = readFileSync(join(directory, 'data.mdb'))
      before.copy(torn, 0, 0, META_PAGES_BYTES)
      if (round > 0) expect(await contentsOf(copyOf(`torn-${round}`, torn))).toEqual(expected)
    }
    await log.close()
  })

  test('goes on from there with the same offsets', async () => {
    const log = open(directory)
    for (let round = 0; round < 6; round += 1) await appendRound(log, round)
    const copy = copyOf('copy')
    await log.close()
    const again = open(copy)
    expect(
      await again.append({ topic: 'orders', partition: 0 }, [{ key: null, value: Buffer.of(1) }]),
    ).toBe(4)
    await again.close()
  })
})

describe('a group', () => {
  test('is stored as a whole at its commit and not before', async () => {
    const log = open(directory, 'group')
    for (let group = 0; group < 8; group += 1) {
      const before = await contents(log)
      for (let round = 0; round < 5; round += 1) await appendRound(log, group * 5 + round)
      const whole = Object.keys(before).length === 0 ? undefined : before
      if (whole !== undefined) expect(await contentsOf(copyOf(`open-${group}`))).toEqual(before)
      log.commit()
      expect(await contentsOf(copyOf(`closed-${group}`))).toEqual(await contents(log))
    }
    await log.close()
  })

  test('is refused as a whole when another process wrote in between', async () => {
    const log = open(directory, 'group')
    await appendRound(log, 0)
    const other = open(directory)
    await appendRound(other, 0)
    await appendRound(log, 1)
    expect(() => log.commit()).toThrow(expect.objectContaining({ name: 'LogContendedError' }))
    expect(other.partitions()).toEqual([{ topic: 'orders', partition: 0 }])
    expect(await other.end({ topic: 'orders', partition: 0 })).toBe(2)
    await other.close()
    await log.close()
  })
})

describe.each(['each', 'group'])('a process killed while it appends (%s)', mode => {
  const kills = process.env['SLUICE_LONG'] === undefined ? 5 : 20

  test('leaves what was answered, whole, and at most one commit more', async () => {
    const answered = [0, 0]
    const children = Array.from({ length: kills }, () => start(mode))
    for (const [kill, child] of children.entries()) {
      const lines = await runAndKill(child, 30 + ((kill * 37) % 60))
      for (const [partition = 0, base = 0, count = 0] of lines) {
        expect(base).toBeGreaterThanOrEqual(answered[partition] ?? 0)
        answered[partition] = base + count
      }
      const log = open(directory)
      for (const partition of [0, 1]) {
        const records = await readAll(log, { topic: 'killed', partition })
        expect(records.length - (answered[partition] ?? 0)).toBeGreaterThanOrEqual(0)
        expect(records.length - (answered[partition] ?? 0)).toBeLessThanOrEqual(7)
        for (const { offset, value } of records) {
          const text = `${partition}@${offset} `
          expect(Buffer.from(value).equals(Buffer.alloc(20 + (offset % 5) * 1500, text))).toBe(true)
        }
        answered[partition] = records.length
      }
      await log.close()
    }
    expect(Math.min(...answered)).toBeGreaterThan(kills * 10)
    checkLogFile(directory)
  })
})

/** Starts a process that appends once it is told to. Several are started at once: starting is what takes the time. */
function start(mode: string): ChildProcessByStdio<Writable, Readable, null> {
  const flags = ['--conditions=sluice-source', '--import', 'tsx']
  return spawn(process.execPath, [...flags, CHILD, directory, mode], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
}

/** Lets the child append, kills it with SIGKILL when it has said `lineCount` lines, and answers its complete lines. */
async function runAndKill(
  child: ChildProcessByStdio<Writable, Readable, null>,
  lineCount: number,
): Promise<number[][]> {
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.split('\n').length > lineCount) child.kill('SIGKILL')
  })
  child.stdin.write('go')
  await once(child, 'close')
  expect(child.signalCode).toBe('SIGKILL')
  const complete = said.slice(0, said.lastIndexOf('\n')).split('\n')
  return complete.map(line => line.split(' ').map(Number))
}
