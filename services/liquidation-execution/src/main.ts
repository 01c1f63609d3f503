import { hostTasks } from '@sluice/service-host/host-tasks'
import { runMain } from '@sluice/service-host/run-main'
import { executionConfig, executionSettingsOf } from './config.ts'
import { liquidationExecutionTask } from './topology.ts'

/** Runs the task on the embedded log until SIGTERM or SIGINT. An optional argument is a YAML file of settings. */
await runMain(
  { name: 'liquidation-execution', schema: executionConfig, file: process.argv[2] },
  (host, settings) =>
    hostTasks(host, {
      settings,
      openTasks: (log, open) => {
        const { evaluators } = settings.log
        return [
          open(
            liquidationExecutionTask(log, { evaluators, settings: executionSettingsOf(settings) }),
          ),
        ]
      },
    }),
)
