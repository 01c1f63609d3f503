import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describeWithKafka } from '@sluice/testkit/brokers'
import { deployment } from './kafka-hosted.ts'

const MAIN = fileURLToPath(new URL('../../../services/price/src/main.ts', import.meta.url))
const FLAGS = ['--conditions=sluice-source', '--import', 'tsx', MAIN]
const LONG_MS = 120_000

describeWithKafka('a service on Kafka', kafka => {
  let directory: string
  let file: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-starting-'))
    file = join(directory, 'sluice.yaml')
  })
  afterEach(() => rm(directory, { recursive: true }))

  async function startPrice(of: object): Promise<ChildProcess> {
    await writeFile(file, JSON.stringify({ metrics: { port: 0 }, kafka: of }))
    return spawn(process.execPath, [...FLAGS, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
  }

  const ended = async (child: ChildProcess) => {
    const [said] = await Promise.all([text(child.stderr!), once(child, 'exit')])
    return { code: child.exitCode, said }
  }

  test(
    'ends with 2 and names what is missing, and the command that makes it, where topics are missing',
    async () => {
      const child = await startPrice({ brokers: kafka().brokers, namespace: 'nowhere' })
      const { code, said } = await ended(child)
      expect(code).toBe(2)
      for (const part of ['nowhere.market-data', 'nowhere.price', 'sluice topics apply'])
        expect(said).toContain(part)
    },
    LONG_MS,
  )

  test(
    'ends with 2 and names the broker and what to look at, where nobody answers',
    async () => {
      const { code, said } = await ended(await startPrice({ brokers: ['127.0.0.1:1'] }))
      expect(code).toBe(2)
      expect(said).toContain('127.0.0.1:1: no answer from the cluster')
      expect(said).toContain('check kafka.brokers')
    },
    LONG_MS,
  )

  test(
    'ends with 0 when it is told to stop',
    async () => {
      const settings = await deployment(kafka().brokers, 1)
      const child = await startPrice(settings.kafka!)
      const output: string[] = []
      for await (const chunk of child.stdout!) {
        output.push(String(chunk))
        if (!output.join('').includes('"msg":"ready"')) continue
        child.kill('SIGTERM')
        break
      }
      expect((await ended(child)).code).toBe(0)
    },
    LONG_MS,
  )
})
