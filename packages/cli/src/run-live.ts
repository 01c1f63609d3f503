import { pipelineServices } from '@sluice/pipeline/services'
import type { HostProcess } from '@sluice/service-host/host-process'
import { hostServices } from '@sluice/service-host/host-services'
import type { RunEnd } from '@sluice/stream-runtime/run'
import type { RunSettings } from './run-settings.ts'

/** Runs the services of these names in one process, beside an exchange that writes to the log. */
export function runLive(
  host: HostProcess,
  settings: RunSettings,
  only: readonly string[],
): Promise<readonly RunEnd[]> {
  const services = pipelineServices(settings).filter(({ name }) => only.includes(name))
  return hostServices(host, { settings, services })
}
