import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newDirectory, removeDirectory } from './directories.ts'

const CHILD = fileURLToPath(new URL('append-forever.ts', import.meta.url))
const TRACER = 'strace'
const CALLS = 'trace=openat,pwrite64,pwritev,writev,fdatasync,write'

let directory: string
beforeEach(async () => {
  directory = await newDirectory()
})
afterEach(() => removeDirectory(directory))

const withStrace = spawnSync(TRACER, ['-V']).status === 0 ? test : test.skip

describe('an answer', () => {
  withStrace.each(['each', 'group'])(
    'is given after fdatasync and the synchronous write of the meta page (%s; needs strace)',
    mode => {
      const trace = join(directory, 'trace')
      const flags = ['--conditions=sluice-source', '--import', 'tsx']
      const traced = [process.execPath, ...flags, CHILD, directory, mode, '12']
      const { status } = spawnSync(
        'strace',
        ['-f', '-s', '8', '-e', CALLS, '-o', trace, ...traced],
        {
          input: 'go',
          timeout: 50_000,
          env: { ...process.env, NODE_OPTIONS: '' },
        },
      )
      expect(status).toBe(0)
      const order = orderOf(readFileSync(trace, 'utf8'))
      const answers = order.match(/answer/g)?.length ?? 0
      expect(answers).toBe(12)
      expect(order).toMatch(/^(pages sync meta )+?(pages sync meta answer ){12}$/)
    },
  )
})

/** What was done to the data file, and when it was answered: consecutive writes of pages are one word. */
function orderOf(trace: string): string {
  const descriptors = [
    ...trace.matchAll(/data\.mdb", (O_\S+), [^\n]* = (\d+)|data\.mdb", (O_\S+)\) = (\d+)/g),
  ]
  const opened = new Map(
    descriptors.map(([, flags, fd, flags2, fd2]) => [fd ?? fd2, flags ?? flags2]),
  )
  const words = trace.split('\n').flatMap(line => {
    if (/ write\(1, "[01] \d/.test(line)) return ['answer']
    const [, call, fd] = /^\d+ +(fdatasync|pwrite64|pwritev|writev)\((\d+)/.exec(line) ?? []
    const flags = opened.get(fd)
    if (flags === undefined) return []
    if (call === 'fdatasync') return ['sync']
    return [flags.includes('O_DSYNC') ? 'meta' : 'pages']
  })
  return words.filter((word, at) => word !== 'pages' || words[at - 1] !== 'pages').join(' ') + ' '
}
