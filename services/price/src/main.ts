import { hostServices } from '@sluice/service-host/host-services'
import { runMain } from '@sluice/service-host/run-main'
import { priceConfig, priceSettingsOf } from './config.ts'
import { priceService } from './topology.ts'

/** Runs the service until SIGTERM or SIGINT. An optional argument is the YAML file of settings that all processes share. */
await runMain({ name: 'price', schema: priceConfig, file: process.argv[2] }, (host, settings) =>
  hostServices(host, { settings, services: [priceService(priceSettingsOf(settings.price))] }),
)
