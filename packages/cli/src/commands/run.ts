import { SERVICES } from '@sluice/pipeline/services'
import { hostProcess, type HostProcess } from '@sluice/service-host/host-process'
import { stopSignal } from '@sluice/service-host/run-main'
import { Command } from 'commander'
import { listOf } from '../arguments.ts'
import { runLive } from '../run-live.ts'
import { loadRunSettings, type RunSettings } from '../run-settings.ts'
import { runSimulated } from '../run-simulated.ts'
import { runVenue } from '../run-venue.ts'

interface RunOptions {
  readonly config?: string
  readonly only?: readonly string[]
}

/** `sluice run --config FILE` */
export function runCommand(): Command {
  return new Command('run')
    .description(
      'run the services in one process until SIGTERM or Ctrl-C, on an embedded log or on Kafka, with metrics and health',
    )
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .option('--only <services>', `some of ${SERVICES.join(', ')}; default all`, listOf(SERVICES))
    .action(async ({ config, only }: RunOptions) => {
      const settings = loadRunSettings(config)
      const signal = stopSignal()
      await hostProcess({ name: 'sluice', settings, signal }, host => runAs(host, settings, only))
    })
}

/** With `--only` the services are meant, whatever the file says of a simulator. */
async function runAs(
  host: HostProcess,
  settings: RunSettings,
  only: readonly string[] | undefined,
): Promise<void> {
  const { simulator } = settings
  if (only !== undefined || simulator === undefined) await runLive(host, settings, only ?? SERVICES)
  else if (simulator.alone) await runVenue(host, settings, simulator)
  else await runSimulated(host, settings, simulator)
}
