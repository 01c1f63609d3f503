import type { TopicName } from '@sluice/contracts/topics'
import { createLogger } from '@sluice/observability/logger'
import { openLogs, type Logs } from '@sluice/service-host/logs'
import type { RunSettings } from './run-settings.ts'

export interface CommandPlace {
  /** Whose rights the command needs: `operator`, `reader`, … */
  readonly role: string
  /** What it reads or writes. */
  readonly topics: readonly TopicName[]
}

/**
 * Opens the log that `sluice.yaml` names, be it a directory or a Kafka, hands it to `use`, and closes it.
 *
 * @throws what `openLogs` throws.
 */
export async function withLogs<Result>(
  settings: RunSettings,
  place: CommandPlace,
  use: (logs: Logs) => Promise<Result>,
): Promise<Result> {
  const logger = createLogger({ name: 'sluice', level: 'silent' })
  const { signal } = new AbortController()
  const logs = await openLogs(settings, { ...place, logger, signal })
  try {
    return await use(logs)
  } finally {
    await logs.close()
  }
}
