import { mapTasks } from '@sluice/pipeline/topology'
import type { HostProcess } from '@sluice/service-host/host-process'
import { hostTasks } from '@sluice/service-host/host-tasks'
import type { RunEnd } from '@sluice/stream-runtime/run'
import type { RunSettings } from './run-settings.ts'

/** Runs the four services in one process on a log that the exchange writes to. */
export function runLive(host: HostProcess, settings: RunSettings): Promise<readonly RunEnd[]> {
  const { evaluators } = settings.log
  return hostTasks(host, {
    settings,
    openTasks: (log, open) => mapTasks(log, { evaluators }, open),
  })
}
