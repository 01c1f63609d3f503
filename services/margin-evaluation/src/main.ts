import { loadSettings } from '@sluice/config/load-settings'
import { SettingsError } from '@sluice/config/settings-error'
import { openEmbeddedLog } from '@sluice/stream-embedded/embedded-log'
import { run } from '@sluice/stream-runtime/run'
import { Task } from '@sluice/stream-runtime/task'
import { evaluationConfig, evaluationSettingsOf } from './config.ts'
import { marginEvaluationTask } from './topology.ts'

/** Runs one task on the embedded log until SIGTERM or SIGINT. An optional argument is a YAML file of settings. */
async function main(file: string | undefined): Promise<void> {
  const sources = { environment: process.env, prefix: 'SLUICE' }
  const config = loadSettings(evaluationConfig, file === undefined ? sources : { ...sources, file })
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop.abort())

  const { directory, partition } = config.log
  const log = openEmbeddedLog({ directory, clock: () => Date.now(), mode: 'each' })
  try {
    const task = new Task(marginEvaluationTask(log, partition, evaluationSettingsOf(config)))
    const [end] = await run([task], { log, signal: stop.signal })
    process.stdout.write(`${task.name} ${end?.reason ?? 'stopped'}\n`)
  } finally {
    await log.close()
  }
}

try {
  await main(process.argv[2])
} catch (error) {
  process.exitCode = error instanceof SettingsError ? error.exitCode : 1
  process.stderr.write(`${textOf(error)}\n`)
}

/** What a person needs: wrong settings in words, anything else with where it happened. */
function textOf(error: unknown): string {
  if (error instanceof SettingsError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
