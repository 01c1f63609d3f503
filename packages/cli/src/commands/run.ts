import { loadSettings } from '@sluice/config/load-settings'
import { hostProcess, type HostProcess } from '@sluice/service-host/host-process'
import { SETTINGS_PREFIX, stopSignal } from '@sluice/service-host/run-main'
import { Command } from 'commander'
import { runLive } from '../run-live.ts'
import { runSettingsSchema, type RunSettings } from '../run-settings.ts'
import { runSimulated } from '../run-simulated.ts'
import { runVenue } from '../run-venue.ts'

interface RunCommandOptions {
  readonly config?: string
}

/** `sluice run --config FILE` */
export function runCommand(): Command {
  return new Command('run')
    .description(
      'run the four services on an embedded log until SIGTERM or Ctrl-C, with metrics and health',
    )
    .option('--config <file>', 'YAML settings; variables SLUICE_… win over it')
    .action(async ({ config }: RunCommandOptions) => {
      const settings = loadSettings(runSettingsSchema, {
        ...(config === undefined ? {} : { file: config }),
        environment: process.env,
        prefix: SETTINGS_PREFIX,
      })
      const signal = stopSignal()
      await hostProcess({ name: 'sluice', settings, signal }, host => runAs(host, settings))
    })
}

async function runAs(host: HostProcess, settings: RunSettings): Promise<void> {
  const { simulator } = settings
  if (simulator === undefined) await runLive(host, settings)
  else if (simulator.alone) await runVenue(host, settings, simulator)
  else await runSimulated(host, settings, simulator)
}
