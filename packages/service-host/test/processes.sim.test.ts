import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../../services/price/src/main.ts', import.meta.url))
const FLAGS = ['--conditions=sluice-source', '--import', 'tsx', MAIN]

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-process-'))
})
afterEach(() => rm(directory, { recursive: true }))

function startPrice(file: string, environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [...FLAGS, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment, NODE_OPTIONS: '' },
  })
}

test('wrong settings are all named at once, and the exit code is 2', async () => {
  const file = join(directory, 'settings.yaml')
  await writeFile(file, 'metrics:\n  prot: 1\nsnapshots:\n  everyInputs: -1\n')
  const child = startPrice(file, { SLUICE_METRICS_PORT: 'many' })
  const [said] = await Promise.all([text(child.stderr!), once(child, 'exit')])
  expect(child.exitCode).toBe(2)
  for (const part of ['settings.yaml:2:9: metrics.prot', 'SLUICE_METRICS_PORT', 'log.directory'])
    expect(said).toContain(part)
  expect(said).toContain('settings.yaml:4:16: snapshots.everyInputs')
})

test('a service that is told to stop ends with exit code 0', async () => {
  const file = join(directory, 'settings.yaml')
  await writeFile(file, `log:\n  directory: ${join(directory, 'log')}\nmetrics:\n  port: 0\n`)
  const child = startPrice(file, {})
  const output: string[] = []
  for await (const chunk of child.stdout!) {
    output.push(String(chunk))
    if (!output.join('').includes('"msg":"ready"')) continue
    child.kill('SIGTERM')
    break
  }
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
})
