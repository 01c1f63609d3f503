import { hostTasks } from '@sluice/service-host/host-tasks'
import { runMain } from '@sluice/service-host/run-main'
import { priceConfig, priceSettingsOf } from './config.ts'
import { priceTask } from './topology.ts'

/** Runs the task on the embedded log until SIGTERM or SIGINT. An optional argument is a YAML file of settings. */
await runMain({ name: 'price', schema: priceConfig, file: process.argv[2] }, (host, settings) =>
  hostTasks(host, {
    settings,
    openTasks: (log, open) => [open(priceTask(log, priceSettingsOf(settings)))],
  }),
)
