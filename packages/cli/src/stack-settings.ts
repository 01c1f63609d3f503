import { stringify } from 'yaml'

/** What is run, as the command line says it. */
export interface StackOptions {
  readonly scenario: string
  readonly accounts: number
  readonly seed: number
  readonly speed: number
  readonly evaluators: number
}

interface Place {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  /** Directory of the services' own snapshots. */
  readonly snapshots: string
}

/** The `sluice.yaml` that all processes of the stack read. Their metrics ports come from the environment. */
export function stackSettings(options: StackOptions, place: Place): string {
  const { scenario, accounts, seed, speed, evaluators } = options
  return stringify({
    kafka: {
      brokers: place.brokers,
      replicationFactor: 1,
      minInSyncReplicas: 1,
      registry: { url: place.registryUrl },
      topics: { accounts: { partitions: evaluators } },
    },
    snapshots: { directory: place.snapshots },
    simulator: { scenario, accounts, seed, speed, alone: true },
  })
}
