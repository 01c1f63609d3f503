import { hostTasks } from '@sluice/service-host/host-tasks'
import { runMain } from '@sluice/service-host/run-main'
import { evaluationConfig, evaluationSettingsOf } from './config.ts'
import { marginEvaluationTask } from './topology.ts'

/** Runs the task on the embedded log until SIGTERM or SIGINT. An optional argument is a YAML file of settings. */
await runMain(
  { name: 'margin-evaluation', schema: evaluationConfig, file: process.argv[2] },
  (host, settings) =>
    hostTasks(host, {
      settings,
      openTasks: (log, open) => [
        open(marginEvaluationTask(log, settings.log.partition, evaluationSettingsOf(settings))),
      ],
    }),
)
