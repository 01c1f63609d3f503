import type { LiquidationMode } from '@sluice/contracts/generated/events'
import type { ScenarioName } from '@sluice/exchange-simulator/scenarios'

/** A price file by its name and the SHA-256 of its bytes: where it lies does not decide anything. */
export interface PriceFileArgument {
  readonly name: string
  readonly sha256: string
}

/** Everything a simulation depends on. Same arguments, same bytes. Kept in the log, beside the topology. */
export interface SimulationArguments {
  readonly scenario: ScenarioName | null
  readonly prices: readonly PriceFileArgument[]
  readonly accounts: number
  readonly seed: number
  readonly policy: LiquidationMode
  /** Partitions of `accounts`, each with an evaluation task of its own. */
  readonly evaluators: number
  /** Steps to run; null: to the end of the path. */
  readonly steps: number | null
}

/** The directory holds another simulation than the one asked for. */
export class SimulationMismatchError extends Error {
  override readonly name = 'SimulationMismatchError'
}
