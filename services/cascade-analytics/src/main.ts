import { hostTasks } from '@sluice/service-host/host-tasks'
import { runMain } from '@sluice/service-host/run-main'
import { analyticsConfig, analyticsSettingsOf } from './config.ts'
import { cascadeAnalyticsTask } from './topology.ts'

/** Runs the task on the embedded log until SIGTERM or SIGINT. An optional argument is a YAML file of settings. */
await runMain(
  { name: 'cascade-analytics', schema: analyticsConfig, file: process.argv[2] },
  (host, settings) =>
    hostTasks(host, {
      settings,
      openTasks: (log, open) => {
        const { evaluators } = settings.log
        return [
          open(cascadeAnalyticsTask(log, { evaluators, settings: analyticsSettingsOf(settings) })),
        ]
      },
    }),
)
