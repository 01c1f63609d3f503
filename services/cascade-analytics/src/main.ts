import { hostServices } from '@sluice/service-host/host-services'
import { runMain } from '@sluice/service-host/run-main'
import { analyticsConfig } from './config.ts'
import { cascadeAnalyticsService } from './topology.ts'

/** Runs the service until SIGTERM or SIGINT. An optional argument is the YAML file of settings that all processes share. */
await runMain(
  { name: 'cascade-analytics', schema: analyticsConfig, file: process.argv[2] },
  (host, settings) =>
    hostServices(host, { settings, services: [cascadeAnalyticsService(settings.analytics)] }),
)
