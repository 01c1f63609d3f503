import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { brokerSource } from '../src/broker-sources.ts'
import { testBroker } from '../src/test-broker.ts'

/**
 * Runs every `*.kafka.test.ts`, one after the other, on one broker and one registry that they share. Arguments go to Jest. Where there is no
 * broker the tests say so themselves.
 */
const SHARED_OPTIONS = ['--config', 'jest.kafka.config.mjs', '--runInBand']

const broker = 'source' in brokerSource() ? await testBroker({ registry: true }) : undefined
const shared =
  broker === undefined
    ? {}
    : { KAFKA_BROKERS: broker.brokers.join(','), SCHEMA_REGISTRY_URL: broker.registryUrl }

const jest = spawn(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...['node_modules/jest/bin/jest.js', ...SHARED_OPTIONS, ...process.argv.slice(2)],
  ],
  { stdio: 'inherit', env: { ...process.env, ...shared } },
)
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => jest.kill(name))
const [code] = (await once(jest, 'exit')) as [number | null]
await broker?.stop()
process.exitCode = code ?? 1
