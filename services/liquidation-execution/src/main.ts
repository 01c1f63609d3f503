import { hostServices } from '@sluice/service-host/host-services'
import { runMain } from '@sluice/service-host/run-main'
import { executionConfig } from './config.ts'
import { liquidationExecutionService } from './topology.ts'

/** Runs the service until SIGTERM or SIGINT. An optional argument is the YAML file of settings that all processes share. */
await runMain(
  { name: 'liquidation-execution', schema: executionConfig, file: process.argv[2] },
  (host, settings) =>
    hostServices(host, { settings, services: [liquidationExecutionService(settings.execution)] }),
)
