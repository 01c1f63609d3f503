import { hostServices } from '@sluice/service-host/host-services'
import { runMain } from '@sluice/service-host/run-main'
import { evaluationConfig } from './config.ts'
import { marginEvaluationService } from './topology.ts'

/** Runs the service until SIGTERM or SIGINT. An optional argument is the YAML file of settings that all processes share. */
await runMain(
  { name: 'margin-evaluation', schema: evaluationConfig, file: process.argv[2] },
  (host, settings) =>
    hostServices(host, { settings, services: [marginEvaluationService(settings.evaluation)] }),
)
