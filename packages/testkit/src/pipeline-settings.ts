import type { ScenarioName } from '@sluice/exchange-simulator/scenarios'
import { stringify } from 'yaml'

/** What the exchange simulator plays, and how fast. */
export interface SimulatorRun {
  readonly scenario: ScenarioName
  readonly accounts: number
  readonly seed: number
  /** Simulated seconds a second. */
  readonly speed: number
  /** Steps of one simulated second; after them it goes on answering. Default: the whole path. */
  readonly steps?: number
}

export interface PipelineLayout {
  readonly brokers: readonly string[]
  readonly namespace: string
  readonly evaluators: number
  readonly simulator: SimulatorRun
  /** Inputs of a task between two snapshots. */
  readonly snapshotEvery: number
  /** Copies of each partition, of which one may be missing where there are several; default 1. */
  readonly replicas?: number
}

/** How many copies there are, and how many must have what is answered. */
export const replicationOf = ({ replicas = 1 }: Pick<PipelineLayout, 'replicas'>) => ({
  replicationFactor: replicas,
  minInSyncReplicas: Math.max(1, replicas - 1),
})

/** The `sluice.yaml` that all processes of a pipeline read. */
export function pipelineSettings(layout: PipelineLayout, reportFile: string): string {
  const { brokers, namespace, evaluators, simulator, snapshotEvery } = layout
  return stringify({
    kafka: {
      brokers,
      namespace,
      ...replicationOf(layout),
      topics: { accounts: { partitions: evaluators } },
    },
    snapshots: { everyInputs: snapshotEvery },
    simulator: { ...simulator, alone: true, report: reportFile },
  })
}
